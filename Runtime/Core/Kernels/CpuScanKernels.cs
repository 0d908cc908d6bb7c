using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MinRnn.Kernels;

/// <summary>Runs a layer's generated CPU kernels over a whole batch: cuts it into pieces, and sums what the pieces share.</summary>
/// <typeparam name="TKernels">The generated kernels.</typeparam>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class CpuScanKernels<TKernels, T>() : ScanKernels(TKernels.Shape, typeof(T) == typeof(double) ? ElementType.Double : ElementType.Single)
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
        var streams = Streams(scan.Batch * scan.Time, 1, scan.Output);
        var constants = scan.InitialState == 0 ? InitialConstants() : [];
        Workers.Run(partition.Pieces, IsLarge(scan.Batch, scan.Time), piece =>
        {
            var (group, first, end) = partition.Piece(piece);
            var (row, endRow) = partition.Rows(group);
            for (; row < endRow; row++)
                ForwardRow(arguments, row, first, end, streams, constants);
        });
    }

    /// <inheritdoc/>
    public override unsafe void Backward(in ScanBackward scan)
    {
        var rows = Shape.ParameterRows * Shape.Channels;
        if (rows > 0)
            NativeMemory.Clear((void*)scan.ParameterGradient, (nuint)rows * (nuint)sizeof(T));
        if (scan.Batch == 0)
            return;
        var arguments = scan;
        var partition = new ScanPartition(scan.Batch, Shape.Channels);
        var streams = Streams(scan.Batch * scan.Time, Shape.Projections, scan.PreactivationGradient);
        var constants = scan.InitialState == 0 ? InitialConstants() : [];
        var zeros = scan.OutputGradient == 0 ? GC.AllocateArray<T>(Shape.Channels, pinned: true) : [];

        // Each group owns a partial sum, and one more to sum a span of steps in.
        var partials = (T*)NativeMemory.AllocZeroed((nuint)(2 * partition.Groups * rows), (nuint)sizeof(T));
        try
        {
            Workers.Run(partition.Pieces, IsLarge(scan.Batch, scan.Time), piece =>
            {
                var (group, first, end) = partition.Piece(piece);
                var (row, endRow) = partition.Rows(group);
                for (; row < endRow; row++)
                    BackwardRow(arguments, row, first, end, streams, constants, zeros, partials + (2L * group * rows));
            });
            if (rows > 0)
                PairwiseSum.Into((T*)scan.ParameterGradient, partials, partition.Groups, rows, stride: 2 * rows);
        }
        finally
        {
            NativeMemory.Free(partials);
        }
    }

    private unsafe void ForwardRow(in ScanForward scan, long row, int first, int end, bool streams, T[] constants)
    {
        var (channels, states) = (Shape.Channels, Shape.States);
        var block = new ScanBlock<T>
        {
            Preactivations = ref At(scan.Preactivations, row * scan.Time, Shape.Projections * channels),
            Parameters = ref At(scan.Parameters, 0, 0),
            Input = ref At(scan.Input, row * scan.Time, channels),
            State = ref At(scan.FinalState, row, states * channels),
            Output = ref At(scan.Output, row * scan.Time, channels),
            States = ref At(scan.States, row * scan.Time, states * channels),
            SavesStates = scan.States != 0,
            Reverse = scan.Reverse,
            Time = scan.Time,
            EndStep = scan.Time,
            RowsAhead = scan.Reverse ? -RowsAhead(end - first) : RowsAhead(end - first),
        };
        block.InitialState = ref Initial(scan.InitialState, row, constants);
        Copy(ref block.InitialState, ref block.State, first, end);

        var whole = end - ((end - first) % Vector<T>.Count);
        (block.FirstChannel, block.EndChannel) = (first, whole);
        if (first < whole && streams)
            TKernels.Forward<StreamingLanes<T>>(block);
        else if (first < whole)
            TKernels.Forward<FullLanes<T>>(block);
        (block.FirstChannel, block.EndChannel, block.Lanes) = (whole, end, end - whole);
        if (whole < end)
            TKernels.Forward<PartialLanes<T>>(block);
    }

    private unsafe void BackwardRow(
        in ScanBackward scan, long row, int first, int end, bool streams, T[] constants, T[] zeros, T* partial)
    {
        var (channels, states) = (Shape.Channels, Shape.States);
        var rows = Shape.ParameterRows * channels;
        var block = new ScanBlock<T>
        {
            Preactivations = ref At(scan.Preactivations, row * scan.Time, Shape.Projections * channels),
            Parameters = ref At(scan.Parameters, 0, 0),
            Input = ref At(scan.Input, row * scan.Time, channels),
            Output = ref At(scan.Output, row * scan.Time, channels),
            States = ref At(scan.States, row * scan.Time, states * channels),
            StateGradient = ref At(scan.InitialStateGradient, row, states * channels),
            PreactivationGradient = ref At(scan.PreactivationGradient, row * scan.Time, Shape.Projections * channels),
            InputGradient = ref At(scan.InputGradient, row * scan.Time, channels),
            ParameterGradient = ref Unsafe.AsRef<T>(partial + rows),
            OutputGradientWidth = scan.OutputGradient == 0 ? 0 : channels,
            Reverse = scan.Reverse,
            Time = scan.Time,
            RowsAhead = scan.Reverse ? RowsAhead(end - first) : -RowsAhead(end - first),
        };
        block.InitialState = ref Initial(scan.InitialState, row, constants);
        block.OutputGradient = ref scan.OutputGradient == 0
            ? ref MemoryMarshal.GetArrayDataReference(zeros)
            : ref At(scan.OutputGradient, row * scan.Time, channels);
        if (scan.FinalStateGradient == 0)
            Clear(ref block.StateGradient, first, end);
        else
            Copy(ref At(scan.FinalStateGradient, row, states * channels), ref block.StateGradient, first, end);

        var whole = end - ((end - first) % Vector<T>.Count);
        for (var endStep = scan.Time; endStep > 0; endStep -= SumSpan)
        {
            (block.FirstStep, block.EndStep) = (long.Max(0, endStep - SumSpan), endStep);
            (block.FirstChannel, block.EndChannel, block.Lanes) = (first, whole, 0);
            if (first < whole && streams)
                TKernels.Backward<StreamingLanes<T>>(block);
            else if (first < whole)
                TKernels.Backward<FullLanes<T>>(block);
            (block.FirstChannel, block.EndChannel, block.Lanes) = (whole, end, end - whole);
            if (whole < end)
                TKernels.Backward<PartialLanes<T>>(block);
            for (var parameter = 0; parameter < Shape.ParameterRows; parameter++)
                PairwiseSum.Move(partial + rows + (parameter * channels) + first, partial + (parameter * channels) + first, end - first);
        }
    }

    /// <summary>Rows that take about as long as memory takes to answer.</summary>
    private static int RowsAhead(int channels) => int.Max(1, 512 / channels);

    private bool IsLarge(long batch, long time) => batch * time * Shape.Channels >= SmallScan;

    private unsafe bool Streams(long rows, int width, nint results) =>
        rows * width * Shape.Channels * sizeof(T) >= StreamingBytes
        && Shape.Channels % Vector<T>.Count == 0
        && results % Vector<byte>.Count == 0;

    /// <summary>The states that a cell starts from when the caller gives none, [S, H], pinned.</summary>
    private T[] InitialConstants()
    {
        var constants = GC.AllocateUninitializedArray<T>(Shape.States * Shape.Channels, pinned: true);
        for (var state = 0; state < Shape.States; state++)
            constants.AsSpan(state * Shape.Channels, Shape.Channels).Fill(T.CreateChecked(Shape.InitialStates[state]));
        return constants;
    }

    private ref T Initial(nint initialState, long row, T[] constants) => ref initialState == 0
        ? ref MemoryMarshal.GetArrayDataReference(constants)
        : ref At(initialState, row, Shape.States * Shape.Channels);

    private void Copy(ref T from, ref T to, int first, int end)
    {
        for (var state = 0; state < Shape.States; state++)
        {
            var offset = (state * Shape.Channels) + first;
            MemoryMarshal.CreateSpan(ref Unsafe.Add(ref from, offset), end - first)
                .CopyTo(MemoryMarshal.CreateSpan(ref Unsafe.Add(ref to, offset), end - first));
        }
    }

    private void Clear(ref T states, int first, int end)
    {
        for (var state = 0; state < Shape.States; state++)
            MemoryMarshal.CreateSpan(ref Unsafe.Add(ref states, (state * Shape.Channels) + first), end - first).Clear();
    }

    private static unsafe ref T At(nint address, long row, int width) => ref address == 0
        ? ref Unsafe.NullRef<T>()
        : ref Buffers.Row(ref Unsafe.AsRef<T>((void*)address), row, width);
}
