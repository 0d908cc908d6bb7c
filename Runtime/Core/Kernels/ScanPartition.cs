namespace MinRnn.Kernels;

/// <summary>
/// How a scan is cut into pieces: groups of batch rows by blocks of channels. It follows from the shape alone, so that sums
/// over the batch have the same order, and so the same bits, on every machine and thread count.
/// </summary>
internal readonly record struct ScanPartition
{
    /// <summary>Groups, and so partial sums of the parameters' gradients, are at most this many.</summary>
    private const int MaxGroups = 64;

    /// <summary>Pieces that let any usual number of cores finish at about the same time.</summary>
    private const int WantedPieces = 16;

    /// <summary>Channels of a block while there are pieces enough: the states of one stay in the first-level cache.</summary>
    private const int WideBlock = 512;

    /// <summary>Channels below which a block wastes cache lines and vector lanes.</summary>
    private const int NarrowBlock = 32;

    public ScanPartition(long batch, int channels)
    {
        Batch = batch;
        Channels = channels;
        Groups = (int)long.Min(batch, MaxGroups);
        var width = WideBlock;
        while (width > NarrowBlock && Groups * Blocks(width) < WantedPieces)
            width /= 2;
        BlockWidth = width;
    }

    public long Batch { get; }

    public int Channels { get; }

    public int Groups { get; }

    public int BlockWidth { get; }

    public long Pieces => (long)Groups * Blocks(BlockWidth);

    public (int Group, int FirstChannel, int EndChannel) Piece(long piece)
    {
        var blocks = Blocks(BlockWidth);
        var first = (int)(piece % blocks) * BlockWidth;
        return ((int)(piece / blocks), first, int.Min(first + BlockWidth, Channels));
    }

    /// <summary>The rows of the batch that a group owns.</summary>
    public (long First, long End) Rows(int group) => (Batch * group / Groups, Batch * (group + 1) / Groups);

    private long Blocks(int width) => (Channels + width - 1) / width;
}
