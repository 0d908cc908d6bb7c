using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MinRnn.Kernels;

/// <summary>
/// The matrices of a block of channels of a layer with vector states: those that a scan carries, the weights gathered from their
/// rows, and what is recomputed for backward.
/// </summary>
internal readonly unsafe struct BlockMemory<T> : IDisposable
    where T : unmanaged, INumber<T>
{
    private readonly ScanShape shape;
    private readonly int first;
    private readonly int width;
    private readonly T* state, parameters, prepared, stateGradient, parameterGradient, sharedSums, states;

    /// <param name="shape">The layer's sizes.</param>
    /// <param name="preparedRows">Rows of what depends on weights alone.</param>
    /// <param name="first">The block's first channel.</param>
    /// <param name="end">The channel after its last.</param>
    /// <param name="isBackward">Whether gradients and recomputed states are wanted too.</param>
    public BlockMemory(ScanShape shape, int preparedRows, int first, int end, bool isBackward)
    {
        (this.shape, this.first, width) = (shape, first, end - first);
        long ofStates = Size(shape.States), ofParameters = Size(shape.ParameterRows), ofPrepared = Size(preparedRows);
        var ofSums = isBackward ? CacheLines.RoundUp<T>((long)shape.Shared * Vector<T>.Count) : 0;
        var size = ofStates + ofParameters + ofPrepared
            + (isBackward ? ofParameters + ofSums + ofStates + Size(shape.States * (long)shape.CheckpointSteps) : 0);
        state = (T*)NativeMemory.AlignedAlloc((nuint)(long.Max(size, 1) * sizeof(T)), CacheLines.Pair);
        parameters = state + ofStates;
        prepared = parameters + ofParameters;
        parameterGradient = prepared + ofPrepared;
        sharedSums = parameterGradient + ofParameters;
        stateGradient = sharedSums + ofSums;
        states = stateGradient + ofStates;
        if (isBackward)
            NativeMemory.Clear(parameterGradient, (nuint)((ofParameters + ofSums) * sizeof(T)));
    }

    /// <summary>[S·N, width].</summary>
    public ref T State => ref Unsafe.AsRef<T>(state);

    /// <summary>[R, width].</summary>
    public ref T Parameters => ref Unsafe.AsRef<T>(parameters);

    /// <summary>Rows of width: what depends on weights alone.</summary>
    public ref T Prepared => ref Unsafe.AsRef<T>(prepared);

    /// <summary>[R, width], zeros at first; backward alone, as what follows.</summary>
    public ref T ParameterGradient => ref Unsafe.AsRef<T>(parameterGradient);

    /// <summary>[Q·N, lanes], zeros at first.</summary>
    public ref T SharedSums => ref Unsafe.AsRef<T>(sharedSums);

    /// <summary>[S·N, width].</summary>
    public ref T StateGradient => ref Unsafe.AsRef<T>(stateGradient);

    /// <summary>[K, S·N, width].</summary>
    public ref T States => ref Unsafe.AsRef<T>(states);

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

    private long Size(long rows) => CacheLines.RoundUp<T>(rows * width);

    private Span<T> Wide(ref T matrix, int row) =>
        MemoryMarshal.CreateSpan(ref Unsafe.Add(ref matrix, (row * (nint)shape.Channels) + first), width);

    private Span<T> Narrow(ref T matrix, int row) => MemoryMarshal.CreateSpan(ref Unsafe.Add(ref matrix, row * (nint)width), width);
}
