using System.Numerics;
using System.Runtime.InteropServices;

namespace MinRnn.Kernels;

/// <summary>
/// Partial sums of the parameters' gradients, [R, H]: one for each group of a scan, and behind it one more to sum a span of steps
/// in.
/// </summary>
internal sealed unsafe class ParameterSums<T> : IDisposable
    where T : unmanaged, INumber<T>
{
    private readonly int groups;
    private readonly int width;
    private readonly long stride;
    private readonly T* partials;

    public ParameterSums(ScanShape shape, int groups)
    {
        this.groups = groups;
        width = shape.ParameterSize;

        // Threads that write to one cache line, or to two that are fetched together, wait for each other.
        stride = CacheLines.RoundUp<T>(2L * width);
        var bytes = (nuint)(groups * stride * sizeof(T));
        partials = (T*)NativeMemory.AlignedAlloc(bytes, CacheLines.Pair);
        NativeMemory.Clear(partials, bytes);
    }

    public T* Partial(int group) => partials + (group * stride);

    /// <summary>Takes back what a group added for channels.</summary>
    public void Clear(int group, int first, int end, int channels)
    {
        for (var row = first; row < width; row += channels)
            new Span<T>(Partial(group) + row, end - first).Clear();
    }

    /// <summary>Writes the sum of all, in an order that the shape alone decides.</summary>
    public void Into(T* sum)
    {
        if (width == 0)
            return;
        if (groups == 0)
            new Span<T>(sum, width).Clear();
        else
            PairwiseSum.Into(sum, partials, groups, width, stride);
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
