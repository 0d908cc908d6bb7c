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
    private readonly T* state, parameters, prepared, shared, values, stateGradient, parameterGradient, kept, sharedSums;

    /// <param name="shape">The layer's sizes.</param>
    /// <param name="rows">Rows of what depends on weights alone, and vectors of a step that loops hand on.</param>
    /// <param name="first">The block's first channel.</param>
    /// <param name="end">The channel after its last.</param>
    /// <param name="isBackward">Whether memory for gradients is wanted too.</param>
    public BlockMemory(ScanShape shape, (int Prepared, int Values, int Kept) rows, int first, int end, bool isBackward)
    {
        (this.shape, this.first, width) = (shape, first, end - first);
        long size = 0;
        var at = new long[]
        {
            Take(shape.States * width),
            Take(shape.ParameterRows * width),
            Take(rows.Prepared * width),
            Take(shape.Shared * shape.CheckpointSteps),
            Take(shape.CheckpointSteps * rows.Values * Vector<T>.Count),
            Take(isBackward ? shape.States * width : 0),
            Take(isBackward ? shape.ParameterRows * width : 0),
            Take(isBackward ? shape.CheckpointSteps * rows.Kept * Vector<T>.Count : 0),
            Take(isBackward ? SharedSumsSize : 0),
        };
        state = (T*)NativeMemory.AlignedAlloc((nuint)(long.Max(size, 1) * sizeof(T)), CacheLines.Pair);
        parameters = state + at[1];
        prepared = state + at[2];
        shared = state + at[3];
        values = state + at[4];
        stateGradient = state + at[5];
        parameterGradient = state + at[6];
        kept = state + at[7];
        sharedSums = state + at[8];
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

    /// <summary>[Q·N, K].</summary>
    public ref T Shared => ref Unsafe.AsRef<T>(shared);

    /// <summary>[K, rows, lanes].</summary>
    public ref T Values => ref Unsafe.AsRef<T>(values);

    /// <summary>[R, width], zeros at first; backward alone, as what follows.</summary>
    public ref T ParameterGradient => ref Unsafe.AsRef<T>(parameterGradient);

    /// <summary>[K, rows, lanes].</summary>
    public ref T Kept => ref Unsafe.AsRef<T>(kept);

    /// <summary>[Q·N, K, lanes].</summary>
    public ref T SharedSums => ref Unsafe.AsRef<T>(sharedSums);

    /// <summary>[S·N, width].</summary>
    public ref T StateGradient => ref Unsafe.AsRef<T>(stateGradient);

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
        var biases = shape.HasBias ? shape.Projections : 0;
        Gather(ref parameters, ref Parameters, biases);
        if (shape.Weights > 0)
            Gather(ref Unsafe.Add(ref parameters, WeightsAt), ref Unsafe.Add(ref Parameters, (nint)biases * width), shape.Weights);
    }

    /// <summary>Gathers the shared pre-activations of a span's steps, and adds their biases.</summary>
    public void GatherShared(in VectorStateBlock<T> block, T* biases)
    {
        for (nint step = 0; step < block.Steps && shape.Shared > 0; step++)
        {
            ref var row = ref Buffers.Row(ref block.Preactivations, block.Row(step), shape.PreactivationWidth);
            for (nint i = 0; i < shape.Shared; i++)
            {
                var value = Unsafe.Add(ref row, (shape.Projections * (nint)shape.Channels) + i);
                shared[(i * shape.CheckpointSteps) + step] = biases == null ? value : value + biases[i];
            }
        }
    }

    /// <summary>Sets the sums of the shared gradients to 0.</summary>
    public void ClearSharedSums() => NativeMemory.Clear(sharedSums, (nuint)(SharedSumsSize * sizeof(T)));

    /// <summary>Writes the sums of the shared gradients over the block's channels.</summary>
    /// <param name="block">The span.</param>
    /// <param name="gradient">Of the first row of time.</param>
    /// <param name="width">Elements from a row to the next.</param>
    public void WriteSharedGradient(in VectorStateBlock<T> block, ref T gradient, int width)
    {
        for (nint step = 0; step < block.Steps && shape.Shared > 0; step++)
        {
            ref var row = ref Buffers.Row(ref gradient, block.Row(step), width);
            for (nint i = 0; i < shape.Shared; i++)
                Unsafe.Add(ref row, i) = Vector.Sum(StepRows.Load(ref Unsafe.AsRef<T>(sharedSums + (((i * shape.CheckpointSteps) + step) * Vector<T>.Count)), 0));
        }
    }

    /// <summary>Adds the sums of the parameters' gradients to a partial sum of all channels, and begins them anew.</summary>
    public void FlushParameterGradient(T* partial)
    {
        var biases = shape.HasBias ? shape.Projections : 0;
        for (var row = 0; row < shape.ParameterRows; row++)
        {
            var at = row < biases ? row * (nint)shape.Channels : WeightsAt + ((row - biases) * (nint)shape.Channels);
            PairwiseSum.Move(parameterGradient + (row * (nint)width), partial + at + first, width);
        }
    }

    public void Dispose() => NativeMemory.AlignedFree(state);

    private nint WeightsAt => shape.HasBias ? shape.PreactivationWidth : 0;

    private long SharedSumsSize => shape.Shared * (long)shape.CheckpointSteps * Vector<T>.Count;

    private Span<T> Wide(ref T matrix, int row) =>
        MemoryMarshal.CreateSpan(ref Unsafe.Add(ref matrix, (row * (nint)shape.Channels) + first), width);

    private Span<T> Narrow(ref T matrix, int row) => MemoryMarshal.CreateSpan(ref Unsafe.Add(ref matrix, row * (nint)width), width);
}
