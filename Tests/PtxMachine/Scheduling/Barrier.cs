using MinRnn.Tests.PtxMachine.Operations;

namespace MinRnn.Tests.PtxMachine.Scheduling;

/// <summary>One of the sixteen barriers of a group.</summary>
internal sealed unsafe class Barrier
{
    private readonly List<Lane> waiting = [];
    private int arrived;
    private int expected;

    public void Clear()
    {
        waiting.Clear();
        arrived = 0;
    }

    /// <summary>A thread arrives.</summary>
    /// <param name="lane">The thread.</param>
    /// <param name="count">Threads that the barrier is for; 0 for all of the group.</param>
    /// <param name="waits">Whether it waits there.</param>
    public void Arrive(Lane lane, int count, bool waits)
    {
        if (arrived > 0 && expected != count)
            throw lane.Fault($"A barrier of {expected} threads is met as one of {count}.");
        expected = count;
        arrived++;
        if (waits)
            waiting.Add(lane);
        TryRelease(lane.Block);
    }

    /// <summary>Lets the threads go on where all have arrived.</summary>
    public void TryRelease(Block block)
    {
        if (arrived == 0 || arrived < (expected == 0 ? block.Alive : expected))
            return;
        block.Launch.Statistics.Barriers++;
        uint count = 0;
        foreach (var lane in waiting)
            count += lane.Value;
        var total = waiting.Count;
        foreach (var lane in waiting)
        {
            var op = (BarrierOp)lane.WaitsAt!;
            var first = (Lane)lane.Warp.Lanes[0]!;
            if (op.IsAligned && first.WaitsAt is BarrierOp { IsAligned: true } other && other != op)
                throw lane.Fault($"Threads of one warp meet a barrier at different places. The other: {first.Describe()}");
            op.Write(lane, count, total);
        }

        // Released last: the check above reads where each thread waits.
        foreach (var lane in waiting)
            lane.Release();
        Clear();
    }
}
