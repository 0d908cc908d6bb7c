using System.Numerics;
using System.Runtime.InteropServices;

namespace MinRnn.Kernels;

/// <summary>
/// Partial sums of the parameters' gradients, [R, H]: one for each group of rows and chunk of time, and behind it one more to
/// sum a span of steps in.
/// </summary>
internal sealed unsafe class ParameterSums<T> : IDisposable
    where T : unmanaged, INumber<T>
{
    private readonly int width;
    private readonly long stride;
    private readonly T* partials;

    public ParameterSums(ScanShape shape, ScanPartition partition)
    {
        Partition = partition;
        width = shape.ParameterRows * shape.Channels;

        // Threads that write to one cache line, or to two that are fetched together, wait for each other.
        stride = CacheLines.RoundUp<T>(2L * width);
        var bytes = (nuint)(Partition.Groups * Partition.Chunks * stride * sizeof(T));
        partials = (T*)NativeMemory.AlignedAlloc(bytes, CacheLines.Pair);
        NativeMemory.Clear(partials, bytes);
    }

    public ScanPartition Partition { get; }

    public T* Partial(int group, int chunk = 0) => partials + ((((long)group * Partition.Chunks) + chunk) * stride);

    /// <summary>Takes back what a group's chunk added for channels.</summary>
    public void Clear(int group, int chunk, int first, int end, int channels)
    {
        for (var row = first; row < width; row += channels)
            new Span<T>(Partial(group, chunk) + row, end - first).Clear();
    }

    /// <summary>Writes the sum of all, in an order that the shape alone decides.</summary>
    public void Into(T* sum)
    {
        if (width == 0)
            return;
        if (Partition.Groups == 0)
            new Span<T>(sum, width).Clear();
        else
            PairwiseSum.Into(sum, partials, Partition.Groups * Partition.Chunks, width, stride);
    }

    public void Dispose() => NativeMemory.AlignedFree(partials);
}

/// <summary>How memory that threads share is laid out.</summary>
internal static class CacheLines
{
    /// <summary>Bytes of two lines.</summary>
    public const int Pair = 128;

    /// <summary>The least number of elements not below one that fills whole pairs of lines.</summary>
    public static unsafe long RoundUp<T>(long elements)
        where T : unmanaged
    {
        var few = Pair / sizeof(T);
        return (elements + few - 1) / few * few;
    }
}
