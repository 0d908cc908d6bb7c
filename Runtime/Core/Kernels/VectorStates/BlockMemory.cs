using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MinRnn.Kernels;

/// <summary>
/// The matrices of a block of channels of a layer with vector states: those that a scan carries, the weights gathered from their
/// rows, and what loops over a span hand on.
/// </summary>
internal readonly unsafe struct BlockMemory<T> : IDisposable
    where T : unmanaged, INumber<T>
{
    private readonly ScanShape shape;
    private readonly int first;
    private readonly int width;
    private readonly int vectors;
    private readonly T* state, parameters, prepared, rows, stateGradient, parameterGradient, transition, offset;

    /// <param name="shape">The layer's sizes.</param>
    /// <param name="preparedRows">Rows of what depends on weights alone.</param>
    /// <param name="vectors">Vectors of a step's row.</param>
    /// <param name="first">The block's first channel.</param>
    /// <param name="end">The channel after its last.</param>
    /// <param name="isBackward">Whether memory for gradients is wanted too.</param>
    /// <param name="isSummary">Whether memory for a transition is.</param>
    public BlockMemory(ScanShape shape, int preparedRows, int vectors, int first, int end, bool isBackward = false, bool isSummary = false)
    {
        (this.shape, this.vectors, this.first, width) = (shape, vectors, first, end - first);
        long size = 0;
        Span<long> at =
        [
            Take(shape.States * width),
            Take(shape.ParameterRows * width),
            Take(preparedRows * width),
            Take(shape.CheckpointSteps * StepRows.Size<T>(vectors, shape.Shared)),
            Take(isBackward ? shape.States * width : 0),
            Take(isBackward ? shape.ParameterRows * width : 0),
            Take(isSummary ? TransitionRows * (long)width : 0),
            Take(isSummary ? shape.States * width : 0),
        ];
        state = (T*)NativeMemory.AlignedAlloc((nuint)(long.Max(size, 1) * sizeof(T)), CacheLines.Pair);
        parameters = state + at[1];
        prepared = state + at[2];
        rows = state + at[3];
        stateGradient = state + at[4];
        parameterGradient = state + at[5];
        transition = state + at[6];
        offset = state + at[7];
        if (isBackward)
            Clear(ref ParameterGradient, shape.ParameterRows);

        long Take(long elements)
        {
            var from = size;
            size += CacheLines.RoundUp<T>(elements);
            return from;
        }
    }

    /// <summary>[S·N, width].</summary>
    public ref T State => ref Unsafe.AsRef<T>(state);

    /// <summary>[R, width].</summary>
    public ref T Parameters => ref Unsafe.AsRef<T>(parameters);

    /// <summary>Rows of width: what depends on weights alone.</summary>
    public ref T Prepared => ref Unsafe.AsRef<T>(prepared);

    /// <summary>[K, row].</summary>
    public ref T Rows => ref Unsafe.AsRef<T>(rows);

    /// <summary>[R, width], zeros at first; backward alone, as what follows.</summary>
    public ref T ParameterGradient => ref Unsafe.AsRef<T>(parameterGradient);

    /// <summary>[S·N, width].</summary>
    public ref T StateGradient => ref Unsafe.AsRef<T>(stateGradient);

    /// <summary>[S·S·N, width]; of a summary alone.</summary>
    public ref T Transition => ref Unsafe.AsRef<T>(transition);

    /// <summary>Rows of it.</summary>
    public int TransitionRows => shape.States * shape.StateCount;

    /// <summary>[S·N, width], what is added; of a summary alone, where the states are what a span of steps adds to it.</summary>
    public ref T Offset => ref Unsafe.AsRef<T>(offset);

    /// <summary>Begins a summary: that of no step.</summary>
    public void StartSummary()
    {
        Clear(ref State, shape.States);
        Clear(ref Offset, shape.States);
        for (var row = 0; row < TransitionRows; row++)
            Narrow(ref Transition, row).Fill(row / shape.StateSize % (shape.StateCount + 1) == 0 ? T.One : T.Zero);
    }

    /// <summary>Ends a span of <see cref="TimeCuts.SummarySpan"/>: adds what it adds.</summary>
    public void EndSpan() => PairwiseSum.Move(state, offset, shape.States * width);

    /// <summary>Copies the block's channels of [rows, H] into rows of its own.</summary>
    public void Gather(ref T from, ref T to, int rows)
    {
        for (var row = 0; row < rows; row++)
            Wide(ref from, row).CopyTo(Narrow(ref to, row));
    }

    /// <summary>Copies rows of the block's own into its channels of [rows, H].</summary>
    public void Scatter(ref T from, ref T to, int rows)
    {
        for (var row = 0; row < rows; row++)
            Narrow(ref from, row).CopyTo(Wide(ref to, row));
    }

    /// <summary>Fills rows of the block's own, each with a number.</summary>
    public void Fill(ref T to, IReadOnlyList<double> values)
    {
        for (var row = 0; row < values.Count; row++)
            Narrow(ref to, row).Fill(T.CreateChecked(values[row]));
    }

    /// <summary>Fills rows of the block's own with zeros.</summary>
    public void Clear(ref T to, int rows) => MemoryMarshal.CreateSpan(ref to, rows * width).Clear();

    /// <summary>Gathers the parameters' rows, which the shared biases stand between.</summary>
    public void GatherParameters(ref T parameters)
    {
        Gather(ref parameters, ref Parameters, Biases);
        if (shape.Weights > 0)
            Gather(ref Unsafe.Add(ref parameters, WeightsAt), ref Unsafe.Add(ref Parameters, (nint)Biases * width), shape.Weights);
    }

    /// <summary>Gathers the shared pre-activations of a span's steps, and adds their biases.</summary>
    public void GatherShared(in VectorStateBlock<T> block, T* biases)
    {
        for (nint step = 0; step < block.Steps && shape.Shared > 0; step++)
        {
            ref var row = ref Buffers.Row(ref block.Preactivations, block.Row(step), shape.PreactivationWidth);
            ref var given = ref Unsafe.Add(ref row, shape.Projections * (nint)shape.Channels);
            ref var gathered = ref StepRows.Number(ref RowOf(step), vectors, 0);
            MemoryMarshal.CreateReadOnlySpan(ref given, shape.Shared).CopyTo(MemoryMarshal.CreateSpan(ref gathered, shape.Shared));
            if (biases != null)
                PairwiseSum.Add((T*)Unsafe.AsPointer(ref gathered), biases, shape.Shared);
        }
    }

    /// <summary>Sets the sums of the shared gradients to 0.</summary>
    public void ClearSharedSums(in VectorStateBlock<T> block)
    {
        for (nint step = 0; step < block.Steps && shape.Shared > 0; step++)
            MemoryMarshal.CreateSpan(ref SharedSums(step), shape.Shared * Vector<T>.Count).Clear();
    }

    /// <summary>Writes the sums of the shared gradients over the block's channels.</summary>
    /// <param name="block">The span.</param>
    /// <param name="gradient">Of the first row of time.</param>
    /// <param name="width">Elements from a row to the next.</param>
    public void WriteSharedGradient(in VectorStateBlock<T> block, ref T gradient, int width)
    {
        for (nint step = 0; step < block.Steps && shape.Shared > 0; step++)
        {
            ref var row = ref Buffers.Row(ref gradient, block.Row(step), width);
            LaneSums.Of(ref SharedSums(step), MemoryMarshal.CreateSpan(ref row, shape.Shared));
        }
    }

    /// <summary>Adds the sums of the parameters' gradients to a partial sum of all channels, and begins them anew.</summary>
    public void FlushParameterGradient(T* partial)
    {
        for (var row = 0; row < shape.ParameterRows; row++)
            PairwiseSum.Move(parameterGradient + (row * (nint)width), partial + GradientAt(row), width);
    }

    /// <summary>Takes back what the block added to a partial sum of all channels.</summary>
    public void ClearParameterGradient(T* partial)
    {
        for (var row = 0; row < shape.ParameterRows; row++)
            new Span<T>(partial + GradientAt(row), width).Clear();
    }

    public void Dispose() => NativeMemory.AlignedFree(state);

    private nint WeightsAt => shape.HasBias ? shape.PreactivationWidth : 0;

    private int Biases => shape.HasBias ? shape.Projections : 0;

    /// <summary>Where a partial sum of all channels has the block's part of a row.</summary>
    private nint GradientAt(int row) => (row < Biases ? row * (nint)shape.Channels : WeightsAt + ((row - Biases) * (nint)shape.Channels)) + first;

    private ref T RowOf(nint step) => ref StepRows.At(ref Rows, step, vectors, shape.Shared);

    // The last of a step's vectors.
    private ref T SharedSums(nint step) => ref StepRows.LanesOf(ref RowOf(step), vectors - shape.Shared);

    private Span<T> Wide(ref T matrix, int row) =>
        MemoryMarshal.CreateSpan(ref Unsafe.Add(ref matrix, (row * (nint)shape.Channels) + first), width);

    private Span<T> Narrow(ref T matrix, int row) => MemoryMarshal.CreateSpan(ref Unsafe.Add(ref matrix, row * (nint)width), width);
}
