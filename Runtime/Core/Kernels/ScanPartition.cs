namespace MinRnn.Kernels;

/// <summary>
/// How a scan is cut into pieces: groups of batch rows by blocks of channels, and by chunks of time where the steps allow it and
/// those are few. It follows from the shape alone, so that sums have the same order, and so the same bits, on every machine and
/// thread count.
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

    /// <summary>Pieces that are too few even for two cores to share them evenly.</summary>
    private const int FewPieces = 4;

    /// <summary>Steps of a chunk at least, many times what gates remember as a rule: summing chunks up must cost little.</summary>
    private const int ShortChunk = 4096;

    /// <param name="batch">Rows of the batch.</param>
    /// <param name="channels">Channels.</param>
    /// <param name="time">Steps that may be cut into chunks; 0 where they may not.</param>
    /// <param name="chunkSteps">Steps of a chunk, whatever the shape; 0 to let the shape decide.</param>
    public ScanPartition(long batch, int channels, long time = 0, long chunkSteps = 0)
    {
        Batch = batch;
        Channels = channels;
        Groups = (int)long.Min(batch, MaxGroups);
        var width = WideBlock;
        while (width > NarrowBlock && Groups * Blocks(width) < WantedPieces)
            width /= 2;
        BlockWidth = width;
        Time = time;
        var chunks = chunkSteps > 0 ? (time + chunkSteps - 1) / chunkSteps
            : Pieces < FewPieces ? long.Min(WantedPieces, time / ShortChunk)
            : 1;
        Chunks = (int)long.Clamp(chunks, 1, int.MaxValue);
        ChunkSteps = chunkSteps;
    }

    public long Batch { get; }

    public int Channels { get; }

    public int Groups { get; }

    public int BlockWidth { get; }

    public long Time { get; }

    /// <summary>Chunks of time, at least 1.</summary>
    public int Chunks { get; }

    private long ChunkSteps { get; }

    public long Pieces => (long)Groups * Blocks(BlockWidth);

    public (int Group, int FirstChannel, int EndChannel) Piece(long piece)
    {
        var blocks = Blocks(BlockWidth);
        var first = (int)(piece % blocks) * BlockWidth;
        return ((int)(piece / blocks), first, int.Min(first + BlockWidth, Channels));
    }

    /// <summary>The rows of the batch that a group owns.</summary>
    public (long First, long End) Rows(int group) => (Batch * group / Groups, Batch * (group + 1) / Groups);

    /// <summary>The steps of a chunk, in the order of the recurrence.</summary>
    public (long First, long End) Steps(int chunk) => ChunkSteps > 0
        ? (chunk * ChunkSteps, long.Min((chunk + 1) * ChunkSteps, Time))
        : (Time * chunk / Chunks, Time * (chunk + 1) / Chunks);

    private long Blocks(int width) => (Channels + width - 1) / width;
}
