using MinRnn.Tests.PtxMachine.Scheduling;

namespace MinRnn.Tests.PtxMachine.Operations;

/// <summary>An operation that may go elsewhere: its targets are known once all is decoded.</summary>
internal abstract class BranchOp(int targets) : Op
{
    public int[] Targets { get; } = new int[targets];
}

internal sealed class Branch() : BranchOp(1)
{
    public override Flow Execute(Lane lane)
    {
        lane.Position = Targets[0];
        return Flow.Jump;
    }
}

internal sealed unsafe class BranchIf(int predicate, bool isNegated) : BranchOp(1)
{
    private readonly ulong skipped = isNegated ? 1UL : 0;

    public override Flow Execute(Lane lane)
    {
        if (lane.Registers[predicate] == skipped)
            return Flow.Next;
        lane.Position = Targets[0];
        return Flow.Jump;
    }
}

/// <summary>A jump by a table.</summary>
internal sealed unsafe class BranchByIndex(int index, int targets) : BranchOp(targets)
{
    public override Flow Execute(Lane lane)
    {
        var place = (uint)lane.Registers[index];
        if (place >= (uint)Targets.Length)
            throw lane.Fault($"Index {place} is beyond the {Targets.Length} targets.");
        lane.Position = Targets[place];
        return Flow.Jump;
    }
}

internal sealed class ExitThread : Op
{
    public override Flow Execute(Lane lane) => Flow.Exit;
}

internal sealed class Trap : Op
{
    public override Flow Execute(Lane lane) => throw lane.Fault("The kernel trapped.");
}

/// <summary>A pause: others get their turn.</summary>
internal sealed class Pause : Op
{
    public override Flow Execute(Lane lane)
    {
        lane.Position++;
        return Flow.Yield;
    }
}

/// <summary>A call of a function that the text declares and does not define.</summary>
internal sealed class MissingFunction(string name) : Op
{
    public override Flow Execute(Lane lane) => throw lane.Fault($"Function '{name}' is declared, not defined.");
}
