using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MinRnn.Kernels;

/// <summary>
/// The gradients of the pre-activations that all channels share. Each block of channels has a part of them, the first one where they
/// belong; the others are added to it in their order.
/// </summary>
internal sealed unsafe class SharedGradients<T> : IDisposable
    where T : unmanaged, INumber<T>
{
    /// <summary>Rows that are summed on their own for the gradients of the biases.</summary>
    private const int RowsOfSum = 256;

    private readonly ScanShape shape;
    private readonly long rows;
    private readonly int blocks;
    private readonly T* gradients;
    private readonly T* parts;

    /// <param name="shape">The layer's sizes.</param>
    /// <param name="rows">Rows of pre-activations, B·T.</param>
    /// <param name="blocks">Blocks of channels.</param>
    /// <param name="preactivationGradient">[B·T, P·H + Q·N].</param>
    public SharedGradients(ScanShape shape, long rows, int blocks, nint preactivationGradient)
    {
        (this.shape, this.rows, this.blocks) = (shape, rows, blocks);
        gradients = (T*)preactivationGradient + ((long)shape.Projections * shape.Channels);
        if (shape.Shared > 0 && blocks > 1)
            parts = (T*)NativeMemory.AlignedAlloc((nuint)((blocks - 1) * rows * shape.Shared * sizeof(T)), CacheLines.Pair);
    }

    /// <summary>Elements from a block's row to its next.</summary>
    public int Width(int block) => block == 0 ? shape.PreactivationWidth : shape.Shared;

    /// <summary>Where a block writes its part of a row.</summary>
    public ref T At(int block, long row) => ref Unsafe.AsRef<T>(shape.Shared == 0 ? null
        : block == 0 ? gradients + (row * shape.PreactivationWidth) : PartOf(block, row));

    /// <summary>Sets a block's part of the rows behind a segment to 0.</summary>
    public void ClearPadding(int block, ScanSegment segment)
    {
        for (var row = segment.FirstRow + segment.Steps; row < segment.FirstRow + segment.Steps + segment.Padding; row++)
            MemoryMarshal.CreateSpan(ref At(block, row), shape.Shared).Clear();
    }

    /// <summary>Sums the blocks' parts, and the biases' gradients over all rows.</summary>
    /// <param name="biasGradient">[Q·N]; null for none.</param>
    /// <param name="isLarge">Whether the work repays the cost of waking other threads.</param>
    public void Finish(T* biasGradient, bool isLarge)
    {
        var width = shape.Shared;
        if (width == 0)
            return;
        var spans = (int)((rows + RowsOfSum - 1) / RowsOfSum);
        var sums = (T*)NativeMemory.AlignedAlloc((nuint)(int.Max(spans, 1) * (long)width * sizeof(T)), CacheLines.Pair);
        NativeMemory.Clear(sums, (nuint)(int.Max(spans, 1) * (long)width * sizeof(T)));
        Workers.Run(spans, isLarge, span =>
        {
            for (var row = span * RowsOfSum; row < long.Min((span + 1) * RowsOfSum, rows); row++)
            {
                var gradient = gradients + (row * shape.PreactivationWidth);
                for (var block = 1; block < blocks; block++)
                    PairwiseSum.Add(gradient, PartOf(block, row), width);
                PairwiseSum.Add(sums + (span * width), gradient, width);
            }
        });
        if (biasGradient != null)
            PairwiseSum.Into(biasGradient, sums, spans, width, width);
        NativeMemory.AlignedFree(sums);
    }

    public void Dispose() => NativeMemory.AlignedFree(parts);

    private T* PartOf(int block, long row) => parts + ((((block - 1) * rows) + row) * shape.Shared);
}
