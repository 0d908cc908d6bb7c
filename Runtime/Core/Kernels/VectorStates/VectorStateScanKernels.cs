using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MinRnn.Kernels;

/// <summary>
/// Runs the generated CPU kernels of a layer whose cell has vector states. Forward keeps the states before every K-th step;
/// backward takes the spans between last first, and goes through each again before its adjoint.
/// </summary>
/// <typeparam name="TKernels">The generated kernels.</typeparam>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public class VectorStateScanKernels<TKernels, T>() : ScanKernels(TKernels.Shape, typeof(T) == typeof(double) ? ElementType.Double : ElementType.Single)
    where TKernels : struct, IVectorStateKernels<T>
    where T : unmanaged, INumber<T>
{
    /// <summary>Elements of states, over all steps, below which waking a second thread costs more than it brings.</summary>
    private const long SmallScan = 16 * 1024;

    /// <summary>Channels of a block at most: more only leave cores without one.</summary>
    private const int WidestBlock = 64;

    /// <summary>Steps whose gradients are summed on their own before they join the sum of all.</summary>
    private const long SumSpan = 512;

    /// <inheritdoc/>
    public override void Forward(in ScanForward scan)
    {
        var arguments = scan;
        var partition = Partition(new ScanSegments(scan));
        Workers.Run(partition.Pieces, IsLarge(partition.Segments), piece =>
        {
            var (group, first, end) = partition.Piece(piece);
            RunGroup(arguments, partition, null, group, first, end);
        });
    }

    /// <inheritdoc/>
    internal override void ForwardHere(in ScanForward scan)
    {
        var partition = Partition(new ScanSegments(scan));
        for (long piece = 0; piece < partition.Pieces; piece++)
        {
            var (group, first, end) = partition.Piece(piece);
            RunGroup(scan, partition, null, group, first, end);
        }
    }

    /// <inheritdoc/>
    public override void Backward(in ScanBackward scan)
    {
        using var run = new BackwardRun(this, scan, Partition(new ScanSegments(scan)), chunks: null);
        Workers.Run(run.Partition.Pieces, run.IsLarge, piece =>
        {
            var (group, first, end) = run.Partition.Piece(piece);
            RunGroup(run, group, first, end);
        });
        run.Finish();
    }

    /// <summary>Runs a group's steps for a block of channels.</summary>
    private protected void RunGroup(in ScanForward scan, ScanPartition partition, ChunkSummaries<T>? chunks, int group, int first, int end)
    {
        using var memory = Memory(TKernels.ForwardVectors, first, end);
        var block = Block(memory, scan.Parameters, scan.Reverse, first, end);
        block.RowsAhead = scan.Reverse ? -Shape.CheckpointSteps : Shape.CheckpointSteps;
        foreach (var part in partition.Parts(group))
        {
            var segment = part.Segment;
            SetRows(ref block, segment, scan.Preactivations, scan.Input);
            block.Output = ref At(scan.Output, segment.OutputRow, Shape.Channels);
            if (!part.IsStart)
                memory.Gather(ref chunks!.Before(group), ref memory.State, Shape.States);
            else if (scan.InitialState != 0 && segment.TakesState(scan.Reverse))
                memory.Gather(ref StatesOf(scan.InitialState, segment.Sequence), ref memory.State, Shape.States);
            else
                memory.Fill(ref memory.State, Shape.InitialStates);
            for (var step = part.FirstStep; step < part.EndStep; step += Shape.CheckpointSteps)
            {
                if (scan.States != 0)
                    memory.Scatter(ref memory.State, ref StatesOf(scan.States, FirstCheckpoint(part) + (step / Shape.CheckpointSteps)), Shape.States);
                EnterSpan(ref block, memory, scan.Parameters, step);
                Forward(ref block);
            }

            if (!part.IsEnd)
                memory.Scatter(ref memory.State, ref chunks!.After(group), Shape.States);
            else if (segment.GivesState(scan.Reverse))
                memory.Scatter(ref memory.State, ref StatesOf(scan.FinalState, segment.Sequence), Shape.States);
            if (part.IsEnd && first == 0)
                segment.ClearPadding<T>(scan.Output, segment.OutputRow, Shape.Channels);
        }
    }

    /// <summary>Runs the adjoint of a group's steps for a block of channels.</summary>
    private protected unsafe void RunGroup(BackwardRun run, int group, int first, int end)
    {
        ref readonly var scan = ref run.Scan;
        using var memory = Memory(TKernels.BackwardVectors, first, end, isBackward: true);
        memory.ClearParameterGradient(run.Sums.Partial(group));
        var block = Block(memory, scan.Parameters, scan.Reverse, first, end);
        block.StateGradient = ref memory.StateGradient;
        block.ParameterGradient = ref memory.ParameterGradient;
        block.RowsAhead = scan.Reverse ? Shape.CheckpointSteps : -Shape.CheckpointSteps;
        var place = first / run.Partition.BlockWidth;
        foreach (var part in run.Partition.Parts(group))
        {
            var segment = part.Segment;
            SetRows(ref block, segment, scan.Preactivations, scan.Input);
            run.SetOutputGradient(ref block, segment);
            block.PreactivationGradient = ref At(scan.PreactivationGradient, segment.FirstRow, Shape.PreactivationWidth);
            block.InputGradient = ref At(scan.InputGradient, segment.FirstRow, Shape.Channels);
            ref var sharedGradient = ref run.Shared.At(place, segment.FirstRow);
            if (!part.IsEnd)
                memory.Gather(ref run.Chunks!.Before(group), ref memory.StateGradient, Shape.States);
            else if (scan.FinalStateGradient != 0 && segment.GivesState(scan.Reverse))
                memory.Gather(ref StatesOf(scan.FinalStateGradient, segment.Sequence), ref memory.StateGradient, Shape.States);
            else
                memory.Clear(ref memory.StateGradient, Shape.States);

            for (var step = LastSpan(part); step >= part.FirstStep; step -= Shape.CheckpointSteps)
            {
                var span = step / Shape.CheckpointSteps;
                EnterSpan(ref block, memory, scan.Parameters, step);
                memory.Gather(ref StatesOf(scan.States, FirstCheckpoint(part) + span), ref memory.State, Shape.States);
                memory.ClearSharedSums(block);
                Backward(ref block);
                memory.WriteSharedGradient(block, ref sharedGradient, run.Shared.Width(place));
                if (step == part.FirstStep || span % (SumSpan / Shape.CheckpointSteps) == 0)
                    memory.FlushParameterGradient(run.Sums.Partial(group));
            }

            if (!part.IsStart)
            {
                memory.Scatter(ref memory.StateGradient, ref run.Chunks!.After(group), Shape.States);
            }
            else if (segment.IsEntry(scan.Reverse))
            {
                if (!segment.TakesState(scan.Reverse))
                    memory.Clear(ref memory.StateGradient, Shape.States);
                memory.Scatter(ref memory.StateGradient, ref StatesOf(scan.InitialStateGradient, segment.Sequence), Shape.States);
            }

            if (!part.IsEnd || !run.Partition.Segments.IsPadded)
                continue;
            run.Shared.ClearPadding(place, segment);
            if (first != 0)
                continue;
            segment.ClearPadding<T>(scan.PreactivationGradient, segment.FirstRow, Shape.PreactivationWidth);
            if (Shape.HasInput)
                segment.ClearPadding<T>(scan.InputGradient, segment.FirstRow, Shape.Channels);
        }
    }

    private static void Prepare(ref VectorStateBlock<T> block)
    {
        if (Whole(ref block))
            TKernels.Prepare<FullLanes<T>>(block);
        if (Tail(ref block))
            TKernels.Prepare<PartialLanes<T>>(block);
    }

    private static void Forward(ref VectorStateBlock<T> block)
    {
        if (Whole(ref block))
            TKernels.Forward<FullLanes<T>>(block);
        if (Tail(ref block))
            TKernels.Forward<PartialLanes<T>>(block);
    }

    private static void Backward(ref VectorStateBlock<T> block)
    {
        if (Whole(ref block))
            TKernels.Backward<FullLanes<T>>(block);
        if (Tail(ref block))
            TKernels.Backward<PartialLanes<T>>(block);
    }

    /// <summary>Sets a block to its whole vectors; false if there are none.</summary>
    private protected static bool Whole(ref VectorStateBlock<T> block)
    {
        (block.FirstChannel, block.EndChannel, block.Lanes) = (block.Origin, block.Origin + block.Width - (block.Width % Vector<T>.Count), 0);
        return block.FirstChannel < block.EndChannel;
    }

    /// <summary>Sets a block to the channels after the whole vectors; false if there are none.</summary>
    private protected static bool Tail(ref VectorStateBlock<T> block)
    {
        block.Lanes = block.Width % Vector<T>.Count;
        (block.FirstChannel, block.EndChannel) = (block.Origin + block.Width - block.Lanes, block.Origin + block.Width);
        return block.Lanes > 0;
    }

    private protected BlockMemory<T> Memory(int vectors, int first, int end, bool isBackward = false, bool isSummary = false) =>
        new(Shape, TKernels.PreparedRows, vectors, first, end, isBackward, isSummary);

    /// <summary>A block of channels, with what depends on weights alone.</summary>
    private protected VectorStateBlock<T> Block(BlockMemory<T> memory, nint parameters, bool reverse, int first, int end)
    {
        memory.GatherParameters(ref At(parameters, 0, 0));
        var block = new VectorStateBlock<T>
        {
            Origin = first,
            Width = end - first,
            Reverse = reverse,
            State = ref memory.State,
            Parameters = ref memory.Parameters,
            Prepared = ref memory.Prepared,
            Rows = ref memory.Rows,
        };
        Prepare(ref block);
        return block;
    }

    /// <summary>Sets a block to a span of its segment's steps.</summary>
    private protected unsafe void EnterSpan(ref VectorStateBlock<T> block, BlockMemory<T> memory, nint parameters, long first)
    {
        (block.FirstStep, block.Steps) = (first, (nint)long.Min(Shape.CheckpointSteps, block.Time - first));
        memory.GatherShared(block, Shape.HasBias ? (T*)parameters + ((long)Shape.Projections * Shape.Channels) : null);
    }

    private protected void SetRows(ref VectorStateBlock<T> block, ScanSegment segment, nint preactivations, nint input)
    {
        block.Time = segment.Steps;
        block.Preactivations = ref At(preactivations, segment.FirstRow, Shape.PreactivationWidth);
        block.Input = ref At(input, segment.FirstRow, Shape.Channels);
    }

    /// <summary>The first step of a part's last span; before the part's first step if it has none.</summary>
    private protected long LastSpan(ScanPart part) => ((part.EndStep + Shape.CheckpointSteps - 1) / Shape.CheckpointSteps * Shape.CheckpointSteps) - Shape.CheckpointSteps;

    private protected ref T StatesOf(nint address, long index) => ref At(address, index, Shape.States * Shape.Channels);

    private long FirstCheckpoint(ScanPart part) => (part.Segment.FirstRow / Shape.CheckpointSteps) + part.Index;

    // What all channels share is summed over blocks: their width must not depend on how many sequences there are.
    private protected ScanPartition Partition(ScanSegments segments, bool cutsTime = false, long chunkSteps = 0) =>
        new(segments, Shape.Channels, cutsTime, chunkSteps, WidestBlock, Shape.CheckpointSteps);

    private protected bool IsLarge(ScanSegments segments) => segments.Steps * Shape.Channels * Shape.States >= SmallScan;

    private protected static unsafe ref T At(nint address, long row, int width) => ref address == 0
        ? ref Unsafe.NullRef<T>()
        : ref Unsafe.AsRef<T>((T*)address + Buffers.Offset(row, width));

    /// <summary>A backward scan under way, with the sums over its groups and blocks.</summary>
    private protected sealed class BackwardRun : IDisposable
    {
        public readonly ScanBackward Scan;

        public readonly ScanPartition Partition;

        private readonly ScanShape shape;

        /// <summary>A row for an output without gradient, pinned.</summary>
        private readonly T[] zeros;

        public BackwardRun(VectorStateScanKernels<TKernels, T> kernels, in ScanBackward scan, ScanPartition partition, ChunkSummaries<T>? chunks)
        {
            (Scan, Partition, Chunks, shape) = (scan, partition, chunks, kernels.Shape);
            IsLarge = kernels.IsLarge(partition.Segments);
            zeros = scan.OutputGradient == 0 ? GC.AllocateArray<T>(shape.Channels, pinned: true) : [];
            Sums = new ParameterSums<T>(shape, partition.Groups);
            Shared = new SharedGradients<T>(shape, partition.Segments.Rows, partition.Blocks, scan.PreactivationGradient);
        }

        /// <summary>What groups hand on; null where time is not cut.</summary>
        public ChunkSummaries<T>? Chunks { get; }

        public ParameterSums<T> Sums { get; }

        public SharedGradients<T> Shared { get; }

        public bool IsLarge { get; }

        public void SetOutputGradient(ref VectorStateBlock<T> block, ScanSegment segment)
        {
            block.OutputGradientWidth = Scan.OutputGradient == 0 ? 0 : shape.Channels;
            block.OutputGradient = ref Scan.OutputGradient == 0
                ? ref MemoryMarshal.GetArrayDataReference(zeros)
                : ref At(Scan.OutputGradient, segment.OutputRow, shape.Channels);
        }

        /// <summary>Writes the gradients of the parameters, and of what all channels share.</summary>
        public unsafe void Finish()
        {
            var gradient = (T*)Scan.ParameterGradient;
            Sums.Into(gradient);
            Shared.Finish(shape.HasBias ? gradient + ((long)shape.Projections * shape.Channels) : null, IsLarge);
        }

        public void Dispose()
        {
            Sums.Dispose();
            Shared.Dispose();
        }
    }
}
