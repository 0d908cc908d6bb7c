using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MinRnn.Kernels;

/// <summary>
/// What groups of a scan hand on: where time is cut, the summary of the part at the cut, the states with which the next group
/// begins as the summaries have them, and those with which it truly ended. Backward, the states are their gradients. The elements of vector
/// states are to each other what channels are.
/// </summary>
internal sealed unsafe class ChunkSummaries<T> : IDisposable
    where T : unmanaged, INumber<T>
{
    private readonly int channels, states, rows, width;
    private readonly long stride;
    private readonly T* memory;

    /// <param name="shape">The layer's.</param>
    /// <param name="partition">Its groups; where it does not cut time, there is room for <see cref="Inner"/> alone.</param>
    public ChunkSummaries(ScanShape shape, ScanPartition partition)
    {
        (channels, states, rows, width) = (shape.Channels, shape.StateCount, shape.States, shape.StateWidth);
        stride = CacheLines.RoundUp<T>((partition.CutsTime ? states + 5 : 1) * (long)rows * channels);
        memory = (T*)NativeMemory.AlignedAlloc((nuint)(partition.Groups * stride * sizeof(T)), CacheLines.Pair);
    }

    /// <summary>[S, H], or [S, N, H] as what follows, where segments carry states that nobody wants in the end.</summary>
    public ref T Inner(int group) => ref At(group, 0);

    /// <summary>[S, H], with which the group begins in the order of the scan.</summary>
    public ref T Before(int group) => ref At(group, 1);

    /// <summary>[S, H], with which it ends.</summary>
    public ref T After(int group) => ref At(group, 2);

    /// <summary>[S, H].</summary>
    public ref T Offset(int group) => ref At(group, 3);

    /// <summary>[S, H], what the steps of a span add to <see cref="Offset"/>, where states are numbers.</summary>
    public ref T SpanOffset(int group) => ref At(group, 4);

    /// <summary>[S, S, H], or [S, S, N, H].</summary>
    public ref T Transition(int group) => ref At(group, 5);

    /// <summary>The summary of no step, where states are numbers.</summary>
    public void Start(int group, int first, int end)
    {
        for (var i = 0; i < states; i++)
        {
            Channels(ref Offset(group), i, first, end).Clear();
            Channels(ref SpanOffset(group), i, first, end).Clear();
            for (var j = 0; j < states; j++)
                Channels(ref Transition(group), (i * states) + j, first, end).Fill(i == j ? T.One : T.Zero);
        }
    }

    /// <summary>Ends a span of <see cref="TimeCuts.SummarySpan"/>: adds what it adds.</summary>
    /// <returns>Whether anything beyond the span is remembered.</returns>
    public bool EndSpan(int group, int first, int end)
    {
        var isRemembered = false;
        for (var i = 0; i < states; i++)
        {
            var row = (i * (nint)channels) + first;
            PairwiseSum.Move((T*)Unsafe.AsPointer(ref SpanOffset(group)) + row, (T*)Unsafe.AsPointer(ref Offset(group)) + row, end - first);
            for (var j = 0; j < states; j++)
                isRemembered |= Channels(ref Transition(group), (i * states) + j, first, end).ContainsAnyExcept(T.Zero);
        }

        return isRemembered;
    }

    /// <summary>
    /// The states before a group from those before the part that the group it follows has summed up. What has faded weighs 0, and
    /// yet hands NaN on.
    /// </summary>
    public void Compose(int group, ref T before, int next)
    {
        for (var i = 0; i < states; i++)
        {
            var sum = Elements(ref Before(next), i);
            Elements(ref Offset(group), i).CopyTo(sum);
            for (var j = 0; j < states; j++)
            {
                var weights = Elements(ref Transition(group), (i * states) + j);
                var values = Elements(ref before, j);
                for (var element = 0; element < sum.Length; element++)
                    sum[element] += weights[element] * values[element];
            }
        }

        Span<T> Elements(ref T matrix, int row) => MemoryMarshal.CreateSpan(ref Unsafe.Add(ref matrix, row * (nint)width), width);
    }

    /// <summary>Whether a group ended with the states that its successor started from, but for rounding.</summary>
    public bool Agree(int group, int next, int first, int end)
    {
        var (relative, absolute) = (T.CreateChecked(1.0 / (1 << 8)), T.CreateChecked(1.0 / (1L << 40)));
        for (var i = 0; i < rows; i++)
        {
            var ended = Channels(ref After(group), i, first, end);
            var started = Channels(ref Before(next), i, first, end);
            for (var channel = 0; channel < ended.Length; channel++)
            {
                var (x, y) = (ended[channel], started[channel]);
                var isClose = T.IsFinite(x - y) && T.Abs(x - y) <= absolute + (relative * T.Max(T.Abs(x), T.Abs(y)));
                if (!isClose && !x.Equals(y))
                    return false;
            }
        }

        return true;
    }

    /// <summary>Lets a group's successor start from the states that the group truly ended with.</summary>
    public void Correct(int group, int next, int first, int end)
    {
        for (var i = 0; i < rows; i++)
            Channels(ref After(group), i, first, end).CopyTo(Channels(ref Before(next), i, first, end));
    }

    public void Dispose() => NativeMemory.AlignedFree(memory);

    private Span<T> Channels(ref T matrix, int row, int first, int end) =>
        MemoryMarshal.CreateSpan(ref Unsafe.Add(ref matrix, (row * (nint)channels) + first), end - first);

    private ref T At(int group, int matrix) => ref Unsafe.AsRef<T>(memory + (group * stride) + ((long)matrix * rows * channels));
}
