using System.Numerics;

namespace MinRnn.Kernels;

/// <summary>
/// The same for a layer whose steps compose: where segments and channels are too few for the cores, time is cut into chunks. The
/// steps on one side of each cut are summed up, from the cut to where they remember nothing earlier; the summaries give the states
/// at the cuts; then all groups run at once.
/// </summary>
/// <typeparam name="TKernels">The generated kernels.</typeparam>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
/// <param name="chunkSteps">Steps of a chunk; 0 to let the shape decide whether to cut, and where.</param>
public sealed class TimeParallelScanKernels<TKernels, T>(long chunkSteps = 0) : CpuScanKernels<TKernels, T>
    where TKernels : struct, ITimeParallelKernels<T>
    where T : unmanaged, INumber<T>
{
    /// <inheritdoc/>
    public override void Forward(in ScanForward scan)
    {
        var partition = new ScanPartition(new ScanSegments(scan), Shape.Channels, cutsTime: true, chunkSteps);
        if (!partition.CutsTime)
        {
            base.Forward(scan);
            return;
        }

        using var chunks = new ChunkSummaries<T>(Shape, partition);
        var run = Prepare(scan, partition, chunks);
        TimeCuts.Run(partition, chunks, isReversed: false, run.IsLarge, SumUp, Before, (group, first, end) => RunGroup(run, group, first, end));

        void SumUp(int group, int first, int end)
        {
            var block = Block(run, partition.LastPart(group));
            Start(ref block, chunks, group, first, end);
            block.RowsAhead = block.Reverse ? RowsAhead(end - first) : -RowsAhead(end - first);
            var firstStep = block.FirstStep;
            do
            {
                block.FirstStep = long.Max(firstStep, block.EndStep - TimeCuts.SummarySpan);
                if (Whole(ref block, first, end))
                    TKernels.Summarize<FullLanes<T>>(block);
                if (Tail(ref block, first, end))
                    TKernels.Summarize<PartialLanes<T>>(block);
                block.EndStep = block.FirstStep;
            }
            while (chunks.EndSpan(group, first, end) && block.EndStep > firstStep);
        }

        ref T Before(int group)
        {
            var part = partition.LastPart(group);
            return ref part.IsStart ? ref Initial(run, part.Segment) : ref chunks.Before(group);
        }
    }

    /// <inheritdoc/>
    public override unsafe void Backward(in ScanBackward scan)
    {
        var partition = new ScanPartition(new ScanSegments(scan), Shape.Channels, cutsTime: true, chunkSteps);
        if (!partition.CutsTime)
        {
            base.Backward(scan);
            return;
        }

        using var sums = new ParameterSums<T>(Shape, partition.Groups);
        using var chunks = new ChunkSummaries<T>(Shape, partition);
        var run = Prepare(scan, partition, chunks, sums);
        TimeCuts.Run(partition, chunks, isReversed: true, run.IsLarge, SumUp, Before, (group, first, end) =>
        {
            sums.Clear(group, first, end, Shape.Channels);
            RunGroup(run, group, first, end);
        });
        sums.Into((T*)scan.ParameterGradient);

        void SumUp(int group, int first, int end)
        {
            var block = Block(run, partition.FirstPart(group));
            Start(ref block, chunks, group, first, end);
            block.RowsAhead = block.Reverse ? -RowsAhead(end - first) : RowsAhead(end - first);
            var endStep = block.EndStep;
            do
            {
                block.EndStep = long.Min(endStep, block.FirstStep + TimeCuts.SummarySpan);
                if (Whole(ref block, first, end))
                    TKernels.SummarizeBackward<FullLanes<T>>(block);
                if (Tail(ref block, first, end))
                    TKernels.SummarizeBackward<PartialLanes<T>>(block);
                block.FirstStep = block.EndStep;
            }
            while (chunks.EndSpan(group, first, end) && block.FirstStep < endStep);
        }

        ref T Before(int group)
        {
            var part = partition.FirstPart(group);
            return ref part.IsEnd ? ref FinalGradient(run, part.Segment) : ref chunks.Before(group);
        }
    }

    private static void Start(ref ScanBlock<T> block, ChunkSummaries<T> chunks, int group, int first, int end)
    {
        chunks.Start(group, first, end);
        block.Transition = ref chunks.Transition(group);
        block.Offset = ref chunks.SpanOffset(group);
    }
}
