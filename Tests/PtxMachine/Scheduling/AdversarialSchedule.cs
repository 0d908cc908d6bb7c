using System.Numerics;
using MinRnn.Tests.PtxMachine.Operations;

namespace MinRnn.Tests.PtxMachine.Scheduling;

/// <summary>Threads of all resident groups take turns at random; now and then a group is held up while the others run on.</summary>
internal sealed class AdversarialSchedule(Launch launch)
{
    private const int DelayOdds = 64;
    private const int MaxDelay = 2000;
    private const int YieldDelay = 100;

    private readonly RandomSource random = launch.Random;
    private readonly List<Block> ready = [];

    public void Run()
    {
        while (true)
        {
            while (launch.TryStart() is { } started)
                started.Delay = random.Below(2) == 0 ? 0 : random.Below(MaxDelay);
            if (launch.Resident.Count == 0)
                return;
            var block = Pick();
            Turn(block);
            if (block.Alive == 0)
                launch.End(block);
        }
    }

    private Block Pick()
    {
        ready.Clear();
        Block? delayed = null;
        foreach (var block in launch.Resident)
        {
            if (!block.IsReady)
                continue;
            if (block.Delay > 0)
            {
                block.Delay--;
                if (delayed is null || block.Delay < delayed.Delay)
                    delayed = block;
            }
            else
            {
                ready.Add(block);
            }
        }

        if (ready.Count == 0)
            return delayed ?? throw launch.Deadlock();
        var picked = ready[random.Below(ready.Count)];
        if (random.Below(DelayOdds) == 0)
            picked.Delay = random.Below(MaxDelay);
        return picked;
    }

    /// <summary>A turn of one thread, or of all of its warp that can run.</summary>
    private void Turn(Block block)
    {
        var first = random.Below(block.Warps.Length);
        while (block.Warps[first].Ready == 0)
            first = first + 1 == block.Warps.Length ? 0 : first + 1;
        var warp = block.Warps[first];

        // Mostly short, for interleavings, and at times long, for threads that run far ahead.
        var slice = 1 + random.Below(1 + random.Below(launch.Options.MaxSlice));
        if (random.Below(2) == 0)
        {
            var rotation = random.Below(32);
            var rotated = BitOperations.RotateRight(warp.Ready, rotation);
            Run(warp.Lanes[(BitOperations.TrailingZeroCount(rotated) + rotation) & 31]!, slice);
            return;
        }

        for (var lanes = warp.Ready; lanes != 0; lanes &= lanes - 1)
        {
            var lane = warp.Lanes[BitOperations.TrailingZeroCount(lanes)]!;
            if (lane.State == LaneState.Ready)
                Run(lane, slice);
        }
    }

    /// <summary>Runs a thread; one that makes way in the midst of an instruction may hold its group up there.</summary>
    private void Run(Lane lane, int slice)
    {
        if (launch.Run(lane, slice) == Flow.Yield && random.Below(4) == 0)
            lane.Block.Delay = random.Below(YieldDelay);
    }
}
