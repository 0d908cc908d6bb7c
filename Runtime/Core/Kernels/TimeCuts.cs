using System.Numerics;

namespace MinRnn.Kernels;

/// <summary>Works on a group and a block of channels.</summary>
internal delegate void GroupWork(int group, int first, int end);

/// <summary>The states before the part of a group at a cut.</summary>
internal delegate ref T StatesBefore<T>(int group);

/// <summary>A scan whose time is cut: the steps on one side of each cut are summed up, then all groups run at once.</summary>
internal static class TimeCuts
{
    /// <summary>
    /// Steps of a span of a summary. Farther from the cut steps add less, which would be lost in one sum that has grown: a span has its own.
    /// </summary>
    public const int SummarySpan = 512;

    /// <summary>
    /// Sums up what lies before the cuts, finds the states at them, and runs all groups; from the last to the first if reversed.
    /// </summary>
    /// <param name="partition">The groups.</param>
    /// <param name="chunks">What they hand on.</param>
    /// <param name="isReversed">Whether the scan takes the last group first.</param>
    /// <param name="isLarge">Whether the work repays the cost of waking other threads.</param>
    /// <param name="sumUp">Sums up the part of a group at the cut behind it.</param>
    /// <param name="before">The states before that part.</param>
    /// <param name="run">Runs a group.</param>
    public static void Run<T>(
        ScanPartition partition, ChunkSummaries<T> chunks, bool isReversed, bool isLarge, GroupWork sumUp, StatesBefore<T> before, GroupWork run)
        where T : unmanaged, INumber<T>
    {
        // The groups on both sides of each cut, in the order of the scan.
        var cuts = new List<(int Group, int Next)>();
        for (var group = 1; group < partition.Groups; group++)
        {
            if (partition.BeginsWithin(group))
                cuts.Add(isReversed ? (group, group - 1) : (group - 1, group));
        }

        if (isReversed)
            cuts.Reverse();
        Workers.Run((long)cuts.Count * partition.Blocks, isLarge, unit =>
        {
            var (first, end) = partition.Block((int)(unit % partition.Blocks));
            sumUp(cuts[(int)(unit / partition.Blocks)].Group, first, end);
        });
        foreach (var (group, next) in cuts)
            chunks.Compose(group, ref before(group), next);
        Workers.Run(partition.Pieces, isLarge, piece =>
        {
            var (group, first, end) = partition.Piece(piece);
            run(group, first, end);
        });

        // A summary does not see what stands where it no longer looks. Almost always that has faded; but a NaN does not fade, nor
        // does what was infinite. The states that a group truly ended with tell, and the next one runs again.
        for (var block = 0; block < partition.Blocks; block++)
        {
            var (first, end) = partition.Block(block);
            foreach (var (group, next) in cuts)
            {
                if (chunks.Agree(group, next, first, end))
                    continue;
                chunks.Correct(group, next, first, end);
                run(next, first, end);
            }
        }
    }
}
