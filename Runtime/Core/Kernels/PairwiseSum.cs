using System.Numerics;
using System.Runtime.InteropServices;

namespace MinRnn.Kernels;

/// <summary>Sums of partial sums, in an order that the shape alone decides.</summary>
internal static class PairwiseSum
{
    /// <summary>
    /// Sums <paramref name="count"/> rows pairwise, as a binary tree, which keeps rounding errors to the logarithm of their number.
    /// The rows are used as scratch.
    /// </summary>
    public static unsafe void Into<T>(T* sum, T* rows, int count, int width, long stride)
        where T : unmanaged, INumber<T>
    {
        for (var distance = 1; distance < count; distance *= 2)
        {
            for (var row = 0; row + distance < count; row += 2 * distance)
                Add(rows + (row * stride), rows + ((row + distance) * stride), width);
        }

        new Span<T>(rows, width).CopyTo(new Span<T>(sum, width));
    }

    /// <summary>Adds a row to another and leaves zeros.</summary>
    public static unsafe void Move<T>(T* from, T* to, int width)
        where T : unmanaged, INumber<T>
    {
        Add(to, from, width);
        NativeMemory.Clear(from, (nuint)width * (nuint)sizeof(T));
    }

    /// <summary>Adds a row to another.</summary>
    public static unsafe void Add<T>(T* to, T* from, int width)
        where T : unmanaged, INumber<T>
    {
        var whole = width - (width % Vector<T>.Count);
        var i = 0;
        for (; i < whole; i += Vector<T>.Count)
            Vector.Store(Vector.Load(to + i) + Vector.Load(from + i), to + i);
        for (; i < width; i++)
            to[i] += from[i];
    }
}
