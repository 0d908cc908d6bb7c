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
        if (scan.Batch == 0)
            return;
        var arguments = scan;
        var partition = new ScanPartition(scan.Batch, Shape.Channels);
        var streams = Streams(scan);
        var constants = scan.InitialState == 0 ? InitialConstants() : [];
        Workers.Run(partition.Pieces, IsLarge(scan.Batch, scan.Time), piece =>
        {
            var (group, first, end) = partition.Piece(piece);
            var (row, endRow) = partition.Rows(group);
            for (; row < endRow; row++)
            {
                var block = Block(arguments, row, constants);
                block.State = ref At(arguments.FinalState, row, Shape.States * Shape.Channels);
                Copy(ref block.InitialState, ref block.State, first, end);
                RunForward(ref block, first, end, streams);
            }
        });
    }

    /// <inheritdoc/>
    public override unsafe void Backward(in ScanBackward scan)
    {
        using var sums = new ParameterSums<T>(Shape, new ScanPartition(scan.Batch, Shape.Channels));
        if (scan.Batch > 0)
        {
            var arguments = scan;
            var partition = sums.Partition;
            var streams = Streams(scan);
            var constants = scan.InitialState == 0 ? InitialConstants() : [];
            var zeros = scan.OutputGradient == 0 ? GC.AllocateArray<T>(Shape.Channels, pinned: true) : [];
            Workers.Run(partition.Pieces, IsLarge(scan.Batch, scan.Time), piece =>
            {
                var (group, first, end) = partition.Piece(piece);
                var (row, endRow) = partition.Rows(group);
                for (; row < endRow; row++)
                {
                    var block = Block(arguments, row, constants, zeros);
                    block.StateGradient = ref At(arguments.InitialStateGradient, row, Shape.States * Shape.Channels);
                    CopyFinalGradient(arguments, row, ref block.StateGradient, first, end);
                    RunBackward(ref block, first, end, streams, sums.Partial(group));
                }
            });
        }

        sums.Into((T*)scan.ParameterGradient);
    }

    /// <summary>All steps of a row of the batch; the states that it carries are not set.</summary>
    private protected ScanBlock<T> Block(in ScanForward scan, long row, T[] constants)
    {
        var (channels, states) = (Shape.Channels, Shape.States);
        return new ScanBlock<T>
        {
            Preactivations = ref At(scan.Preactivations, row * scan.Time, Shape.Projections * channels),
            Parameters = ref At(scan.Parameters, 0, 0),
            Input = ref At(scan.Input, row * scan.Time, channels),
            InitialState = ref Initial(scan.InitialState, row, constants),
            Output = ref At(scan.Output, row * scan.Time, channels),
            States = ref At(scan.States, row * scan.Time, states * channels),
            SavesStates = scan.States != 0,
            Reverse = scan.Reverse,
            Time = scan.Time,
            EndStep = scan.Time,
        };
    }

    /// <inheritdoc cref="Block(in ScanForward, long, T[])"/>
    private protected ScanBlock<T> Block(in ScanBackward scan, long row, T[] constants, T[] zeros)
    {
        var (channels, states) = (Shape.Channels, Shape.States);
        return new ScanBlock<T>
        {
            Preactivations = ref At(scan.Preactivations, row * scan.Time, Shape.Projections * channels),
            Parameters = ref At(scan.Parameters, 0, 0),
            Input = ref At(scan.Input, row * scan.Time, channels),
            InitialState = ref Initial(scan.InitialState, row, constants),
            Output = ref At(scan.Output, row * scan.Time, channels),
            States = ref At(scan.States, row * scan.Time, states * channels),
            OutputGradient = ref scan.OutputGradient == 0
                ? ref MemoryMarshal.GetArrayDataReference(zeros)
                : ref At(scan.OutputGradient, row * scan.Time, channels),
            OutputGradientWidth = scan.OutputGradient == 0 ? 0 : channels,
            PreactivationGradient = ref At(scan.PreactivationGradient, row * scan.Time, Shape.Projections * channels),
            InputGradient = ref At(scan.InputGradient, row * scan.Time, channels),
            Reverse = scan.Reverse,
            Time = scan.Time,
            EndStep = scan.Time,
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

    /// <summary>Runs the adjoint of a block's steps for channels, and adds to a partial sum, behind which there is room for another.</summary>
    private protected unsafe void RunBackward(ref ScanBlock<T> block, int first, int end, bool streams, T* partial)
    {
        var channels = Shape.Channels;
        var ofSpan = partial + (Shape.ParameterRows * channels);
        block.ParameterGradient = ref Unsafe.AsRef<T>(ofSpan);
        block.RowsAhead = block.Reverse ? RowsAhead(end - first) : -RowsAhead(end - first);
        var (firstStep, endStep) = (block.FirstStep, block.EndStep);
        for (; endStep > firstStep; endStep -= SumSpan)
        {
            (block.FirstStep, block.EndStep) = (long.Max(firstStep, endStep - SumSpan), endStep);
            if (Whole(ref block, first, end) && streams)
                TKernels.Backward<StreamingLanes<T>>(block);
            else if (Whole(ref block, first, end))
                TKernels.Backward<FullLanes<T>>(block);
            if (Tail(ref block, first, end))
                TKernels.Backward<PartialLanes<T>>(block);
            for (var parameter = 0; parameter < Shape.ParameterRows; parameter++)
                PairwiseSum.Move(ofSpan + (parameter * channels) + first, partial + (parameter * channels) + first, end - first);
        }
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

    private protected bool IsLarge(long batch, long time) => batch * time * Shape.Channels >= SmallScan;

    private protected bool Streams(in ScanForward scan) => Streams(scan.Batch * scan.Time, 1, scan.Output);

    private protected bool Streams(in ScanBackward scan) => Streams(scan.Batch * scan.Time, Shape.Projections, scan.PreactivationGradient);

    private unsafe bool Streams(long rows, int width, nint results) =>
        rows * width * Shape.Channels * sizeof(T) >= StreamingBytes
        && Shape.Channels % Vector<T>.Count == 0
        && results % Vector<byte>.Count == 0;

    /// <summary>The states that a cell starts from when the caller gives none, [S, H], pinned.</summary>
    private protected T[] InitialConstants()
    {
        var constants = GC.AllocateUninitializedArray<T>(Shape.States * Shape.Channels, pinned: true);
        for (var state = 0; state < Shape.States; state++)
            constants.AsSpan(state * Shape.Channels, Shape.Channels).Fill(T.CreateChecked(Shape.InitialStates[state]));
        return constants;
    }

    private ref T Initial(nint initialState, long row, T[] constants) => ref initialState == 0
        ? ref MemoryMarshal.GetArrayDataReference(constants)
        : ref At(initialState, row, Shape.States * Shape.Channels);

    /// <summary>The gradient of a row's final states, or zeros, for channels of [S, H].</summary>
    private protected void CopyFinalGradient(in ScanBackward scan, long row, ref T to, int first, int end)
    {
        if (scan.FinalStateGradient != 0)
        {
            Copy(ref At(scan.FinalStateGradient, row, Shape.States * Shape.Channels), ref to, first, end);
            return;
        }

        for (var state = 0; state < Shape.States; state++)
            MemoryMarshal.CreateSpan(ref Unsafe.Add(ref to, (state * Shape.Channels) + first), end - first).Clear();
    }

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

    private protected static unsafe ref T At(nint address, long row, int width) => ref address == 0
        ? ref Unsafe.NullRef<T>()
        : ref Buffers.Row(ref Unsafe.AsRef<T>((void*)address), row, width);
}
