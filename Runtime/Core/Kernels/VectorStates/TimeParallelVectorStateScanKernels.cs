using System.Numerics;

namespace MinRnn.Kernels;

/// <summary>
/// The same for a layer whose steps compose: where segments and channels are too few for the cores, time is cut into chunks, as in
/// <see cref="TimeParallelScanKernels{TKernels, T}"/>. Chunks begin where states are kept.
/// </summary>
/// <typeparam name="TKernels">The generated kernels.</typeparam>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
/// <param name="chunkSteps">Steps of a chunk; 0 to let the shape decide whether to cut, and where.</param>
public sealed class TimeParallelVectorStateScanKernels<TKernels, T>(long chunkSteps = 0) : VectorStateScanKernels<TKernels, T>
    where TKernels : struct, ITimeParallelVectorStateKernels<T>
    where T : unmanaged, INumber<T>
{
    /// <inheritdoc/>
    public override void Forward(in ScanForward scan)
    {
        var partition = Partition(new ScanSegments(scan), cutsTime: true, chunkSteps);
        if (!partition.CutsTime)
        {
            base.Forward(scan);
            return;
        }

        using var chunks = new ChunkSummaries<T>(Shape, partition);
        var initial = Rows(Shape.InitialStates);
        var arguments = scan;
        TimeCuts.Run(
            partition, chunks, isReversed: false, IsLarge(partition.Segments), SumUp, Before,
            (group, first, end) => RunGroup(arguments, partition, chunks, group, first, end));

        void SumUp(int group, int first, int end)
        {
            var part = partition.LastPart(group);
            using var memory = Summary(first, end);
            var block = Block(memory, arguments.Parameters, arguments.Reverse, first, end);
            Enter(ref block, memory, part, arguments.Preactivations, arguments.Input, isBackward: false);
            var spans = 0;
            for (var step = LastSpan(part); step >= part.FirstStep; step -= Shape.CheckpointSteps)
            {
                EnterSpan(ref block, memory, arguments.Parameters, step);
                if (!Summarize(ref block))
                    break;
                if (++spans % SpansOfSummary == 0)
                    memory.EndSpan();
            }

            Leave(memory, chunks, group);
        }

        ref T Before(int group)
        {
            var part = partition.LastPart(group);
            if (!part.IsStart)
                return ref chunks.Before(group);
            return ref arguments.InitialState != 0 && part.Segment.TakesState(arguments.Reverse)
                ? ref StatesOf(arguments.InitialState, part.Segment.Sequence)
                : ref initial[0];
        }
    }

    /// <inheritdoc/>
    public override void Backward(in ScanBackward scan)
    {
        var partition = Partition(new ScanSegments(scan), cutsTime: true, chunkSteps);
        if (!partition.CutsTime)
        {
            base.Backward(scan);
            return;
        }

        using var chunks = new ChunkSummaries<T>(Shape, partition);
        using var run = new BackwardRun(this, scan, partition, chunks);
        var none = new T[Shape.States * Shape.Channels];
        TimeCuts.Run(partition, chunks, isReversed: true, run.IsLarge, SumUp, Before, (group, first, end) => RunGroup(run, group, first, end));
        run.Finish();

        void SumUp(int group, int first, int end)
        {
            var part = partition.FirstPart(group);
            using var memory = Summary(first, end);
            var block = Block(memory, run.Scan.Parameters, run.Scan.Reverse, first, end);
            Enter(ref block, memory, part, run.Scan.Preactivations, run.Scan.Input, isBackward: true);
            run.SetOutputGradient(ref block, part.Segment);
            var spans = 0;
            for (var step = part.FirstStep; step < part.EndStep; step += Shape.CheckpointSteps)
            {
                EnterSpan(ref block, memory, run.Scan.Parameters, step);
                if (!SummarizeBackward(ref block))
                    break;
                if (++spans % SpansOfSummary == 0)
                    memory.EndSpan();
            }

            Leave(memory, chunks, group);
        }

        ref T Before(int group)
        {
            var part = partition.FirstPart(group);
            if (!part.IsEnd)
                return ref chunks.Before(group);
            return ref run.Scan.FinalStateGradient != 0 && part.Segment.GivesState(run.Scan.Reverse)
                ? ref StatesOf(run.Scan.FinalStateGradient, part.Segment.Sequence)
                : ref none[0];
        }
    }

    /// <summary>Spans of kept states in a span of a summary.</summary>
    private int SpansOfSummary => int.Max(1, TimeCuts.SummarySpan / Shape.CheckpointSteps);

    private BlockMemory<T> Summary(int first, int end) => Memory(TKernels.SummaryVectors, first, end, isSummary: true);

    /// <summary>Begins the summary of a part.</summary>
    private void Enter(
        ref VectorStateBlock<T> block, BlockMemory<T> memory, ScanPart part, nint preactivations, nint input, bool isBackward)
    {
        SetRows(ref block, part.Segment, preactivations, input);
        memory.StartSummary();
        block.Transition = ref memory.Transition;
        block.Offset = ref memory.State;
        block.RowsAhead = isBackward == block.Reverse ? -Shape.CheckpointSteps : Shape.CheckpointSteps;
    }

    private void Leave(BlockMemory<T> memory, ChunkSummaries<T> chunks, int group)
    {
        memory.Scatter(ref memory.Transition, ref chunks.Transition(group), memory.TransitionRows);
        memory.EndSpan();
        memory.Scatter(ref memory.Offset, ref chunks.Offset(group), Shape.States);
    }

    private static bool Summarize(ref VectorStateBlock<T> block)
    {
        var isRemembered = Whole(ref block) && TKernels.Summarize<FullLanes<T>>(block);
        return (Tail(ref block) && TKernels.Summarize<PartialLanes<T>>(block)) | isRemembered;
    }

    private static bool SummarizeBackward(ref VectorStateBlock<T> block)
    {
        var isRemembered = Whole(ref block) && TKernels.SummarizeBackward<FullLanes<T>>(block);
        return (Tail(ref block) && TKernels.SummarizeBackward<PartialLanes<T>>(block)) | isRemembered;
    }

    /// <summary>Rows of all channels, each with a number.</summary>
    private T[] Rows(IReadOnlyList<double> values)
    {
        var rows = new T[values.Count * Shape.Channels];
        for (var row = 0; row < values.Count; row++)
            rows.AsSpan(row * Shape.Channels, Shape.Channels).Fill(T.CreateChecked(values[row]));
        return rows;
    }
}
