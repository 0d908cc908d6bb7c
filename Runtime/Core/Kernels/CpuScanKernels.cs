using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MinRnn.Kernels;

/// <summary>Runs a layer's generated CPU kernels over a whole batch: cuts it into pieces, and sums what the pieces share.</summary>
/// <typeparam name="TKernels">The generated kernels.</typeparam>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public class CpuScanKernels<TKernels, T>() : ScanKernels(TKernels.Shape, typeof(T) == typeof(double) ? ElementType.Double : ElementType.Single)
    where TKernels : struct, IScanKernels<T>
    where T : unmanaged, INumber<T>
{
    /// <summary>Channel-steps below which waking a second thread costs more than it brings.</summary>
    private const long SmallScan = 16 * 1024;

    /// <summary>Results of more bytes than this do not stay in any cache: they are written past it.</summary>
    private const long StreamingBytes = 16 << 20;

    /// <summary>
    /// Steps whose gradients are summed on their own before they join the sum of all: rounding errors grow with the length of a
    /// running sum.
    /// </summary>
    private const long SumSpan = 512;

    /// <inheritdoc/>
    public override void Forward(in ScanForward scan)
    {
        var partition = new ScanPartition(new ScanSegments(scan), Shape.Channels);
        using var carried = partition.Segments.HasResets ? new ChunkSummaries<T>(Shape, partition) : null;
        var run = Prepare(scan, partition, carried);
        Workers.Run(partition.Pieces, run.IsLarge, piece =>
        {
            var (group, first, end) = run.Partition.Piece(piece);
            RunGroup(run, group, first, end);
        });
    }

    /// <inheritdoc/>
    internal override void ForwardHere(in ScanForward scan)
    {
        var (channels, states) = (Shape.Channels, Shape.States);
        for (long row = 0; row < scan.Batch; row++)
        {
            var first = row * scan.Time;
            var block = new ScanBlock<T>
            {
                Preactivations = ref At(scan.Preactivations, first, Shape.Projections * channels),
                Parameters = ref At(scan.Parameters, 0, 0),
                Input = ref At(scan.Input, first, channels),
                InitialState = ref At(scan.InitialState, row, states * channels),
                State = ref At(scan.FinalState, row, states * channels),
                Output = ref At(scan.Output, first, channels),
                Reverse = scan.Reverse,
                Time = scan.Time,
                EndStep = scan.Time,
            };
            Copy(ref block.InitialState, ref block.State, 0, channels);
            RunForward(ref block, 0, channels, streams: false);
        }
    }

    /// <inheritdoc/>
    public override unsafe void Backward(in ScanBackward scan)
    {
        var partition = new ScanPartition(new ScanSegments(scan), Shape.Channels);
        using var sums = new ParameterSums<T>(Shape, partition.Groups);
        using var carried = partition.Segments.HasResets ? new ChunkSummaries<T>(Shape, partition) : null;
        var run = Prepare(scan, partition, carried, sums);
        Workers.Run(partition.Pieces, run.IsLarge, piece =>
        {
            var (group, first, end) = run.Partition.Piece(piece);
            RunGroup(run, group, first, end);
        });
        sums.Into((T*)scan.ParameterGradient);
    }

    private protected ForwardRun Prepare(in ScanForward scan, ScanPartition partition, ChunkSummaries<T>? carried) => new(scan, partition)
    {
        Carried = carried,
        Constants = scan.InitialState == 0 || scan.Sequences is not null ? InitialConstants() : [],
        IsLarge = IsLarge(partition.Segments),
        Streams = Streams(partition.Segments.OutputRows, 1, scan.Output),
    };

    private protected BackwardRun Prepare(in ScanBackward scan, ScanPartition partition, ChunkSummaries<T>? carried, ParameterSums<T> sums) => new(scan, partition)
    {
        Carried = carried,
        Sums = sums,
        Constants = scan.InitialState == 0 || scan.Sequences is not null ? InitialConstants() : [],
        Zeros = scan.OutputGradient == 0 || scan.FinalStateGradient == 0 || scan.Sequences is not null ? Zeros() : [],
        IsLarge = IsLarge(partition.Segments),
        Streams = Streams(partition.Segments.Rows, Shape.Projections, scan.PreactivationGradient),
    };

    /// <summary>Runs a group's steps for channels.</summary>
    private protected void RunGroup(ForwardRun run, int group, int first, int end)
    {
        foreach (ref readonly var part in run.Partition.Parts(group))
        {
            ref readonly var segment = ref part.Segment;
            var block = Block(run, part);
            block.State = ref !part.IsEnd ? ref run.Carried!.After(group)
                : ref segment.GivesState(block.Reverse) ? ref At(run.Scan.FinalState, segment.Sequence, Shape.States * Shape.Channels)
                : ref run.Carried!.Inner(group);
            Copy(ref part.IsStart ? ref block.InitialState : ref run.Carried!.Before(group), ref block.State, first, end);
            RunForward(ref block, first, end, run.Streams);
            if (part.IsEnd && first == 0)
                segment.ClearPadding<T>(run.Scan.Output, segment.OutputRow, Shape.Channels);
        }
    }

    /// <summary>Runs the adjoint of a group's steps for channels.</summary>
    private protected unsafe void RunGroup(BackwardRun run, int group, int first, int end)
    {
        var partial = run.Sums.Partial(group);
        long summed = 0;
        foreach (ref readonly var part in run.Partition.Parts(group))
        {
            ref readonly var segment = ref part.Segment;
            var block = Block(run, part);
            block.StateGradient = ref !part.IsStart ? ref run.Carried!.After(group)
                : ref segment.IsEntry(block.Reverse) ? ref At(run.Scan.InitialStateGradient, segment.Sequence, Shape.States * Shape.Channels)
                : ref run.Carried!.Inner(group);
            Copy(ref part.IsEnd ? ref FinalGradient(run, segment) : ref run.Carried!.Before(group), ref block.StateGradient, first, end);
            RunBackward(ref block, first, end, run.Streams, partial, ref summed);
            if (part.IsStart && segment.IsEntry(block.Reverse) && !segment.TakesState(block.Reverse))
                Copy(ref First(run.Zeros), ref block.StateGradient, first, end);
            if (part.IsEnd && first == 0 && run.Partition.Segments.IsPadded)
            {
                segment.ClearPadding<T>(run.Scan.PreactivationGradient, segment.FirstRow, Shape.Projections * Shape.Channels);
                if (Shape.HasInput)
                    segment.ClearPadding<T>(run.Scan.InputGradient, segment.FirstRow, Shape.Channels);
            }
        }

        if (summed > 0)
            JoinSums(partial, first, end);
    }

    /// <summary>The steps of a part of a segment; the states that it carries are not set.</summary>
    private protected ScanBlock<T> Block(ForwardRun run, scoped in ScanPart part)
    {
        var (channels, states) = (Shape.Channels, Shape.States);
        ref readonly var scan = ref run.Scan;
        ref readonly var segment = ref part.Segment;
        return new ScanBlock<T>
        {
            Preactivations = ref At(scan.Preactivations, segment.FirstRow, Shape.Projections * channels),
            Parameters = ref At(scan.Parameters, 0, 0),
            Input = ref At(scan.Input, segment.FirstRow, channels),
            InitialState = ref Initial(run, segment),
            Output = ref At(scan.Output, segment.OutputRow, channels),
            States = ref At(scan.States, segment.FirstRow, states * channels),
            SavesStates = scan.States != 0,
            Reverse = scan.Reverse,
            Time = segment.Steps,
            FirstStep = part.FirstStep,
            EndStep = part.EndStep,
        };
    }

    /// <inheritdoc cref="Block(ForwardRun, in ScanPart)"/>
    private protected ScanBlock<T> Block(BackwardRun run, scoped in ScanPart part)
    {
        var (channels, states) = (Shape.Channels, Shape.States);
        ref readonly var scan = ref run.Scan;
        ref readonly var segment = ref part.Segment;
        return new ScanBlock<T>
        {
            Preactivations = ref At(scan.Preactivations, segment.FirstRow, Shape.Projections * channels),
            Parameters = ref At(scan.Parameters, 0, 0),
            Input = ref At(scan.Input, segment.FirstRow, channels),
            InitialState = ref Initial(scan.InitialState, segment, scan.Reverse, run.Constants),
            Output = ref At(scan.Output, segment.OutputRow, channels),
            States = ref At(scan.States, segment.FirstRow, states * channels),
            OutputGradient = ref scan.OutputGradient == 0 ? ref First(run.Zeros) : ref At(scan.OutputGradient, segment.OutputRow, channels),
            OutputGradientWidth = scan.OutputGradient == 0 ? 0 : channels,
            PreactivationGradient = ref At(scan.PreactivationGradient, segment.FirstRow, Shape.Projections * channels),
            InputGradient = ref At(scan.InputGradient, segment.FirstRow, channels),
            Reverse = scan.Reverse,
            Time = segment.Steps,
            FirstStep = part.FirstStep,
            EndStep = part.EndStep,
        };
    }

    /// <summary>Runs a block's steps for channels.</summary>
    private protected static void RunForward(ref ScanBlock<T> block, int first, int end, bool streams)
    {
        block.RowsAhead = block.Reverse ? -RowsAhead(end - first) : RowsAhead(end - first);
        if (Whole(ref block, first, end) && streams)
            TKernels.Forward<StreamingLanes<T>>(block);
        else if (Whole(ref block, first, end))
            TKernels.Forward<FullLanes<T>>(block);
        if (Tail(ref block, first, end))
            TKernels.Forward<PartialLanes<T>>(block);
    }

    /// <summary>
    /// Runs the adjoint of a block's steps for channels, and adds to the sum of a span of steps behind a partial sum, of which there
    /// have been some already.
    /// </summary>
    private unsafe void RunBackward(ref ScanBlock<T> block, int first, int end, bool streams, T* partial, ref long summed)
    {
        block.ParameterGradient = ref Unsafe.AsRef<T>(partial + (Shape.ParameterRows * Shape.Channels));
        block.RowsAhead = block.Reverse ? RowsAhead(end - first) : -RowsAhead(end - first);
        var (firstStep, endStep) = (block.FirstStep, block.EndStep);
        for (; endStep > firstStep; endStep -= SumSpan)
        {
            (block.FirstStep, block.EndStep) = (long.Max(firstStep, endStep - SumSpan), endStep);
            var steps = block.EndStep - block.FirstStep;
            if (summed + steps > SumSpan)
            {
                JoinSums(partial, first, end);
                summed = 0;
            }

            summed += steps;
            if (Whole(ref block, first, end) && streams)
                TKernels.Backward<StreamingLanes<T>>(block);
            else if (Whole(ref block, first, end))
                TKernels.Backward<FullLanes<T>>(block);
            if (Tail(ref block, first, end))
                TKernels.Backward<PartialLanes<T>>(block);
        }
    }

    /// <summary>Adds the sum of a span of steps to the partial sum before it, and clears it.</summary>
    private unsafe void JoinSums(T* partial, int first, int end)
    {
        var channels = Shape.Channels;
        var ofSpan = partial + (Shape.ParameterRows * channels);
        for (var parameter = 0; parameter < Shape.ParameterRows; parameter++)
            PairwiseSum.Move(ofSpan + (parameter * channels) + first, partial + (parameter * channels) + first, end - first);
    }

    /// <summary>Sets a block to the whole vectors among channels; false if there are none.</summary>
    private protected static bool Whole(ref ScanBlock<T> block, int first, int end)
    {
        (block.FirstChannel, block.EndChannel, block.Lanes) = (first, end - ((end - first) % Vector<T>.Count), 0);
        return block.FirstChannel < block.EndChannel;
    }

    /// <summary>Sets a block to the channels after the whole vectors; false if there are none.</summary>
    private protected static bool Tail(ref ScanBlock<T> block, int first, int end)
    {
        var whole = end - ((end - first) % Vector<T>.Count);
        (block.FirstChannel, block.EndChannel, block.Lanes) = (whole, end, end - whole);
        return whole < end;
    }

    /// <summary>Rows that take about as long as memory takes to answer.</summary>
    private protected static int RowsAhead(int channels) => int.Max(1, 512 / channels);

    private bool IsLarge(ScanSegments segments) => segments.Rows * Shape.Channels >= SmallScan;

    private unsafe bool Streams(long rows, int width, nint results) =>
        rows * width * Shape.Channels * sizeof(T) >= StreamingBytes
        && Shape.Channels % Vector<T>.Count == 0
        && results % Vector<byte>.Count == 0;

    /// <summary>The states that a cell starts from when the caller gives none, [S, H], pinned.</summary>
    private T[] InitialConstants()
    {
        var constants = Zeros();
        for (var state = 0; state < Shape.States; state++)
            constants.AsSpan(state * Shape.Channels, Shape.Channels).Fill(T.CreateChecked(Shape.InitialStates[state]));
        return constants;
    }

    /// <summary>Zeros for all states of a row, [S, H], pinned.</summary>
    private T[] Zeros() => GC.AllocateArray<T>(Shape.States * Shape.Channels, pinned: true);

    /// <summary>The states that a segment starts from.</summary>
    private protected ref T Initial(ForwardRun run, scoped in ScanSegment segment) =>
        ref Initial(run.Scan.InitialState, segment, run.Scan.Reverse, run.Constants);

    private ref T Initial(nint initialState, scoped in ScanSegment segment, bool reverse, T[] constants) =>
        ref initialState != 0 && segment.TakesState(reverse)
            ? ref At(initialState, segment.Sequence, Shape.States * Shape.Channels)
            : ref First(constants);

    /// <summary>The gradient of the states that a segment ends with.</summary>
    private protected ref T FinalGradient(BackwardRun run, scoped in ScanSegment segment) =>
        ref run.Scan.FinalStateGradient != 0 && segment.GivesState(run.Scan.Reverse)
            ? ref At(run.Scan.FinalStateGradient, segment.Sequence, Shape.States * Shape.Channels)
            : ref First(run.Zeros);

    /// <summary>Clears the rows behind a segment that begins at a row.</summary>
    /// <summary>Copies channels of [S, H].</summary>
    private protected void Copy(ref T from, ref T to, int first, int end)
    {
        for (var state = 0; state < Shape.States; state++)
        {
            var offset = (state * Shape.Channels) + first;
            MemoryMarshal.CreateSpan(ref Unsafe.Add(ref from, offset), end - first)
                .CopyTo(MemoryMarshal.CreateSpan(ref Unsafe.Add(ref to, offset), end - first));
        }
    }

    private static ref T First(T[] values) => ref MemoryMarshal.GetArrayDataReference(values);

    private protected static unsafe ref T At(nint address, long row, int width) => ref address == 0
        ? ref Unsafe.NullRef<T>()
        : ref Buffers.Row(ref Unsafe.AsRef<T>((void*)address), row, width);

    /// <summary>A forward scan under way.</summary>
    private protected sealed class ForwardRun(in ScanForward scan, ScanPartition partition)
    {
        public readonly ScanForward Scan = scan;

        public readonly ScanPartition Partition = partition;

        /// <summary>What groups hand on; null where all segments carry the states that the caller gave and wants.</summary>
        public required ChunkSummaries<T>? Carried { get; init; }

        public required T[] Constants { get; init; }

        public required bool IsLarge { get; init; }

        public required bool Streams { get; init; }
    }

    /// <summary>A backward scan under way.</summary>
    private protected sealed class BackwardRun(in ScanBackward scan, ScanPartition partition)
    {
        public readonly ScanBackward Scan = scan;

        public readonly ScanPartition Partition = partition;

        /// <inheritdoc cref="ForwardRun.Carried"/>
        public required ChunkSummaries<T>? Carried { get; init; }

        public required ParameterSums<T> Sums { get; init; }

        public required T[] Constants { get; init; }

        public required T[] Zeros { get; init; }

        public required bool IsLarge { get; init; }

        public required bool Streams { get; init; }
    }
}
