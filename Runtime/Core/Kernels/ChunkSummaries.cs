using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MinRnn.Kernels;

/// <summary>
/// What is known of each chunk of time of each row of the batch: its summary, the states that it starts from as the summaries
/// have it, and those that it truly ended with. Backward, the states are their gradients.
/// </summary>
internal sealed unsafe class ChunkSummaries<T> : IDisposable
    where T : unmanaged, INumber<T>
{
    private readonly int channels;
    private readonly int states;
    private readonly int chunks;
    private readonly long stride;
    private readonly T* memory;

    public ChunkSummaries(ScanShape shape, long batch, int chunks)
    {
        (channels, states, this.chunks) = (shape.Channels, shape.States, chunks);
        stride = CacheLines.RoundUp<T>((long)(states + 3) * states * channels);
        memory = (T*)NativeMemory.AlignedAlloc((nuint)(batch * chunks * stride * sizeof(T)), CacheLines.Pair);
    }

    /// <summary>[S, S, H].</summary>
    public ref T Transition(long row, int chunk) => ref At(row, chunk, 0);

    /// <summary>[S, H].</summary>
    public ref T Offset(long row, int chunk) => ref At(row, chunk, states);

    /// <summary>[S, H], before the chunk in the order of the scan.</summary>
    public ref T Before(long row, int chunk) => ref At(row, chunk, states + 1);

    /// <summary>[S, H], after it.</summary>
    public ref T After(long row, int chunk) => ref At(row, chunk, states + 2);

    /// <summary>The summary of no step.</summary>
    public void Start(long row, int chunk, int first, int end)
    {
        for (var i = 0; i < states; i++)
        {
            Channels(ref Offset(row, chunk), i, first, end).Clear();
            for (var j = 0; j < states; j++)
                Channels(ref Transition(row, chunk), (i * states) + j, first, end).Fill(i == j ? T.One : T.Zero);
        }
    }

    /// <summary>
    /// The states before a chunk from those before the one that it follows. What has faded weighs 0, and yet hands NaN on.
    /// </summary>
    public void Compose(long row, int chunk, int next, int first, int end)
    {
        ref T transition = ref Transition(row, chunk), before = ref Before(row, chunk);
        for (var i = 0; i < states; i++)
        {
            var sum = Channels(ref Before(row, next), i, first, end);
            Channels(ref Offset(row, chunk), i, first, end).CopyTo(sum);
            for (var j = 0; j < states; j++)
            {
                var weights = Channels(ref transition, (i * states) + j, first, end);
                var values = Channels(ref before, j, first, end);
                for (var channel = 0; channel < sum.Length; channel++)
                    sum[channel] += weights[channel] * values[channel];
            }
        }
    }

    /// <summary>Whether a chunk ended with the states that its successor started from, but for rounding.</summary>
    public bool Agree(long row, int chunk, int next, int first, int end)
    {
        var (relative, absolute) = (T.CreateChecked(1.0 / (1 << 8)), T.CreateChecked(1.0 / (1L << 40)));
        for (var i = 0; i < states; i++)
        {
            var ended = Channels(ref After(row, chunk), i, first, end);
            var started = Channels(ref Before(row, next), i, first, end);
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

    public void Dispose() => NativeMemory.AlignedFree(memory);

    private Span<T> Channels(ref T matrix, int row, int first, int end) =>
        MemoryMarshal.CreateSpan(ref Unsafe.Add(ref matrix, (row * channels) + first), end - first);

    private ref T At(long row, int chunk, int matrix) =>
        ref Unsafe.AsRef<T>(memory + (((row * chunks) + chunk) * stride) + ((long)matrix * states * channels));
}
