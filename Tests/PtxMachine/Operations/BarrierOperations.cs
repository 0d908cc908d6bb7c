using MinRnn.Tests.PtxMachine.Scheduling;

namespace MinRnn.Tests.PtxMachine.Operations;

internal enum Reduction
{
    None,
    And,
    Or,
    Count,
}

/// <summary>A barrier of a group. Counts and numbers are slots; no count means all threads.</summary>
internal sealed unsafe class BarrierOp(int number, int count, bool waits, bool isAligned) : Op
{
    public bool IsAligned { get; } = isAligned;

    public Reduction Reduction { get; init; }

    public int Destination { get; init; }

    public int Predicate { get; init; } = -1;

    public bool IsNegated { get; init; }

    public override Flow Execute(Lane lane)
    {
        var r = lane.Registers;
        var barriers = lane.Block.Barriers;
        var place = (uint)r[number];
        if (place >= (uint)barriers.Length)
            throw lane.Fault($"There is no barrier {place}.");
        lane.Value = Predicate < 0 ? 0 : (uint)r[Predicate] ^ (IsNegated ? 1u : 0);
        if (waits)
            lane.Wait(LaneState.AtBarrier, this);
        barriers[place].Arrive(lane, count < 0 ? 0 : (int)r[count], waits);
        if (!waits)
            return Flow.Next;
        return lane.State == LaneState.Ready ? Flow.Jump : Flow.Wait;
    }

    /// <summary>Gives a thread its result when all have arrived.</summary>
    public void Write(Lane lane, uint set, int total)
    {
        if (Reduction == Reduction.None)
            return;
        lane.Registers[Destination] = Reduction switch
        {
            Reduction.And => set == total ? 1UL : 0,
            Reduction.Or => set > 0 ? 1UL : 0,
            _ => set,
        };
    }
}
