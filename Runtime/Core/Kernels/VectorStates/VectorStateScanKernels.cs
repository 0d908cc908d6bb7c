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
public sealed class VectorStateScanKernels<TKernels, T>() : ScanKernels(TKernels.Shape, typeof(T) == typeof(double) ? ElementType.Double : ElementType.Single)
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
        Workers.Run(partition.Pieces, IsLarge(partition.Segments), piece => ForwardPiece(arguments, partition, piece));
    }

    /// <inheritdoc/>
    internal override void ForwardHere(in ScanForward scan)
    {
        var partition = Partition(new ScanSegments(scan));
        for (long piece = 0; piece < partition.Pieces; piece++)
            ForwardPiece(scan, partition, piece);
    }

    /// <inheritdoc/>
    public override unsafe void Backward(in ScanBackward scan)
    {
        var arguments = scan;
        var partition = Partition(new ScanSegments(scan));
        using var sums = new ParameterSums<T>(Shape, partition.Groups);
        using var shared = new SharedGradients<T>(Shape, partition.Segments.Rows, partition.Blocks, scan.PreactivationGradient);
        var zeros = scan.OutputGradient == 0 ? GC.AllocateArray<T>(Shape.Channels, pinned: true) : [];
        Workers.Run(partition.Pieces, IsLarge(partition.Segments), piece =>
        {
            var (group, first, end) = partition.Piece(piece);
            using var memory = Memory(first, end, isBackward: true);
            var block = new VectorStateBlock<T>
            {
                StateGradient = ref memory.StateGradient,
                ParameterGradient = ref memory.ParameterGradient,
                OutputGradientWidth = arguments.OutputGradient == 0 ? 0 : Shape.Channels,
                RowsAhead = arguments.Reverse ? Shape.CheckpointSteps : -Shape.CheckpointSteps,
            };
            Enter(ref block, memory, arguments.Parameters, first, end);
            foreach (var part in partition.Parts(group))
            {
                var segment = part.Segment;
                SetRows(ref block, segment, arguments.Reverse, arguments.Preactivations, arguments.Input);
                block.OutputGradient = ref arguments.OutputGradient == 0
                    ? ref MemoryMarshal.GetArrayDataReference(zeros)
                    : ref At(arguments.OutputGradient, segment.OutputRow, Shape.Channels);
                block.PreactivationGradient = ref At(arguments.PreactivationGradient, segment.FirstRow, Shape.PreactivationWidth);
                block.InputGradient = ref At(arguments.InputGradient, segment.FirstRow, Shape.Channels);
                var place = first / partition.BlockWidth;
                ref var sharedGradient = ref shared.At(place, segment.FirstRow);
                if (arguments.FinalStateGradient != 0 && segment.GivesState(arguments.Reverse))
                    memory.Gather(ref StatesOf(arguments.FinalStateGradient, segment.Sequence), ref memory.StateGradient, Shape.States);
                else
                    memory.Clear(ref memory.StateGradient, Shape.States);

                for (var span = ((block.Time + Shape.CheckpointSteps - 1) / Shape.CheckpointSteps) - 1; span >= 0; span--)
                {
                    EnterSpan(ref block, memory, arguments.Parameters, span * Shape.CheckpointSteps);
                    memory.Gather(ref StatesOf(arguments.States, FirstCheckpoint(part) + span), ref memory.State, Shape.States);
                    memory.ClearSharedSums(block);
                    Backward(ref block);
                    memory.WriteSharedGradient(block, ref sharedGradient, shared.Width(place));
                    if (span % (SumSpan / Shape.CheckpointSteps) == 0)
                        memory.FlushParameterGradient(sums.Partial(group));
                }

                if (segment.IsEntry(arguments.Reverse))
                {
                    if (!segment.TakesState(arguments.Reverse))
                        memory.Clear(ref memory.StateGradient, Shape.States);
                    memory.Scatter(ref memory.StateGradient, ref StatesOf(arguments.InitialStateGradient, segment.Sequence), Shape.States);
                }

                if (!partition.Segments.IsPadded)
                    continue;
                shared.ClearPadding(place, segment);
                if (first != 0)
                    continue;
                segment.ClearPadding<T>(arguments.PreactivationGradient, segment.FirstRow, Shape.PreactivationWidth);
                if (Shape.HasInput)
                    segment.ClearPadding<T>(arguments.InputGradient, segment.FirstRow, Shape.Channels);
            }
        });
        sums.Into((T*)scan.ParameterGradient);
        shared.Finish(Shape.HasBias ? (T*)scan.ParameterGradient + ((long)Shape.Projections * Shape.Channels) : null, IsLarge(partition.Segments));
    }

    private void ForwardPiece(in ScanForward scan, ScanPartition partition, long piece)
    {
        var (group, first, end) = partition.Piece(piece);
        using var memory = Memory(first, end, isBackward: false);
        var block = new VectorStateBlock<T> { RowsAhead = scan.Reverse ? -Shape.CheckpointSteps : Shape.CheckpointSteps };
        Enter(ref block, memory, scan.Parameters, first, end);
        foreach (var part in partition.Parts(group))
        {
            var segment = part.Segment;
            SetRows(ref block, segment, scan.Reverse, scan.Preactivations, scan.Input);
            block.Output = ref At(scan.Output, segment.OutputRow, Shape.Channels);
            if (scan.InitialState != 0 && segment.TakesState(scan.Reverse))
                memory.Gather(ref StatesOf(scan.InitialState, segment.Sequence), ref memory.State, Shape.States);
            else
                memory.Fill(ref memory.State, Shape.InitialStates);
            for (long step = 0; step < block.Time; step += Shape.CheckpointSteps)
            {
                if (scan.States != 0)
                    memory.Scatter(ref memory.State, ref StatesOf(scan.States, FirstCheckpoint(part) + (step / Shape.CheckpointSteps)), Shape.States);
                EnterSpan(ref block, memory, scan.Parameters, step);
                Forward(ref block);
            }

            if (segment.GivesState(scan.Reverse))
                memory.Scatter(ref memory.State, ref StatesOf(scan.FinalState, segment.Sequence), Shape.States);
            if (first == 0)
                segment.ClearPadding<T>(scan.Output, segment.OutputRow, Shape.Channels);
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
    private static bool Whole(ref VectorStateBlock<T> block)
    {
        (block.FirstChannel, block.EndChannel, block.Lanes) = (block.Origin, block.Origin + block.Width - (block.Width % Vector<T>.Count), 0);
        return block.FirstChannel < block.EndChannel;
    }

    /// <summary>Sets a block to the channels after the whole vectors; false if there are none.</summary>
    private static bool Tail(ref VectorStateBlock<T> block)
    {
        block.Lanes = block.Width % Vector<T>.Count;
        (block.FirstChannel, block.EndChannel) = (block.Origin + block.Width - block.Lanes, block.Origin + block.Width);
        return block.Lanes > 0;
    }

    private BlockMemory<T> Memory(int first, int end, bool isBackward) =>
        new(Shape, TKernels.PreparedRows, isBackward ? TKernels.BackwardVectors : TKernels.ForwardVectors, first, end, isBackward);

    private void Enter(ref VectorStateBlock<T> block, BlockMemory<T> memory, nint parameters, int first, int end)
    {
        (block.Origin, block.Width) = (first, end - first);
        memory.GatherParameters(ref At(parameters, 0, 0));
        block.State = ref memory.State;
        block.Parameters = ref memory.Parameters;
        block.Prepared = ref memory.Prepared;
        block.Rows = ref memory.Rows;
        Prepare(ref block);
    }

    /// <summary>Sets a block to a span of its segment's steps.</summary>
    private unsafe void EnterSpan(ref VectorStateBlock<T> block, BlockMemory<T> memory, nint parameters, long first)
    {
        (block.FirstStep, block.Steps) = (first, (nint)long.Min(Shape.CheckpointSteps, block.Time - first));
        memory.GatherShared(block, Shape.HasBias ? (T*)parameters + ((long)Shape.Projections * Shape.Channels) : null);
    }

    private void SetRows(ref VectorStateBlock<T> block, ScanSegment segment, bool reverse, nint preactivations, nint input)
    {
        (block.Time, block.Reverse) = (segment.Steps, reverse);
        block.Preactivations = ref At(preactivations, segment.FirstRow, Shape.PreactivationWidth);
        block.Input = ref At(input, segment.FirstRow, Shape.Channels);
    }

    private ref T StatesOf(nint address, long index) => ref At(address, index, Shape.States * Shape.Channels);

    private long FirstCheckpoint(ScanPart part) => (part.Segment.FirstRow / Shape.CheckpointSteps) + part.Index;

    // What all channels share is summed over blocks: their width must not depend on how many sequences there are.
    private ScanPartition Partition(ScanSegments segments) => new(segments, Shape.Channels, blockWidth: WidestBlock);

    private bool IsLarge(ScanSegments segments) => segments.Steps * Shape.Channels * Shape.States >= SmallScan;

    private static unsafe ref T At(nint address, long row, int width) => ref address == 0
        ? ref Unsafe.NullRef<T>()
        : ref Unsafe.AsRef<T>((T*)address + Buffers.Offset(row, width));
}
