using System.Numerics;
using MinRnn.Tests.PtxMachine.Operations;

namespace MinRnn.Tests.PtxMachine.Scheduling;

/// <summary>Groups one after another, each a warp at a time; others run only when none of a group's threads makes way.</summary>
internal sealed class RegularSchedule(Launch launch)
{
    public void Run()
    {
        launch.TryStart();
        var current = 0;
        var stuck = 0;
        while (launch.Resident.Count > 0)
        {
            var block = launch.Resident[current];
            var canContinue = Advance(block);
            if (block.Alive == 0)
            {
                launch.End(block);
                stuck = 0;
                if (launch.Resident.Count == 0)
                    launch.TryStart();
                current = 0;
                continue;
            }

            stuck = canContinue ? 0 : stuck + 1;
            if (launch.TryStart() is not null)
                current = launch.Resident.Count - 1;
            else if (stuck >= launch.Resident.Count)
                throw launch.Deadlock();
            else
                current = (current + 1) % launch.Resident.Count;
        }
    }

    /// <summary>Runs a group until it ends, or nothing but whole slices has passed. False where no thread could run at all.</summary>
    private bool Advance(Block block)
    {
        var hasRun = false;
        while (block.Alive > 0)
        {
            var hasChanged = false;
            foreach (var warp in block.Warps)
                hasChanged |= Advance(warp, ref hasRun);
            if (!hasChanged)
                break;
        }

        return hasRun;
    }

    private bool Advance(Warp warp, ref bool hasRun)
    {
        var hasChanged = false;
        for (var ready = warp.Ready; ready != 0; ready &= ready - 1)
        {
            var lane = warp.Lanes[BitOperations.TrailingZeroCount(ready)]!;
            if (lane.State != LaneState.Ready)
                continue;
            hasRun = true;
            hasChanged |= launch.Run(lane, launch.Options.MaxSlice) is Flow.Wait or Flow.Exit;
        }

        return hasChanged;
    }
}
