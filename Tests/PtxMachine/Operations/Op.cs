using MinRnn.Tests.PtxMachine.Scheduling;

namespace MinRnn.Tests.PtxMachine.Operations;

/// <summary>What a thread does after an operation.</summary>
internal enum Flow
{
    Next,

    /// <summary>Goes on at the place that the operation wrote.</summary>
    Jump,

    /// <summary>Stays at the operation until others let it go on.</summary>
    Wait,

    /// <summary>Goes on at the place that the operation wrote, or at the operation again, but lets others run first.</summary>
    Yield,

    Exit,
}

/// <summary>A decoded instruction. Operands are slots of 64 bits: registers, constants and special registers alike.</summary>
internal abstract class Op
{
    public abstract Flow Execute(Lane lane);
}

/// <summary>An instruction under a predicate.</summary>
internal sealed unsafe class Guarded(Op inner, int predicate, bool isNegated) : Op
{
    private readonly ulong skipped = isNegated ? 1UL : 0;

    public override Flow Execute(Lane lane) => lane.Registers[predicate] == skipped ? Flow.Next : inner.Execute(lane);
}

internal sealed class Nothing : Op
{
    public override Flow Execute(Lane lane) => Flow.Next;
}
