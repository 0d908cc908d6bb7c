using MinRnn.Kernels;

namespace MinRnn.Torch.Rows;

/// <summary>
/// Splits the rows of a matrix into blocks for the threads of <see cref="Workers"/>. The split depends on the sizes alone, so that sums
/// over blocks, taken in their order, have the same bits whatever the threads.
/// </summary>
internal readonly struct RowBlocks
{
    private const long ElementsPerBlock = 1 << 14;
    private const long MostBlocks = 32;

    private readonly long _rows;

    public RowBlocks(long rows, long width)
    {
        _rows = rows;
        Count = (int)Math.Clamp(rows * width / ElementsPerBlock, 1, MostBlocks);
    }

    /// <summary>Blocks, at least one.</summary>
    public int Count { get; }

    /// <summary>Calls <paramref name="work"/> with each block's number, first row and end.</summary>
    public void Run(Action<int, long, long> work)
    {
        var (rows, count) = (_rows, Count);
        Workers.Run(count, isLarge: true, block => work((int)block, rows * block / count, rows * (block + 1) / count));
    }
}
