namespace MinRnn.Inference;

/// <summary>
/// How a batch of sequences is cut into tiles, whose intermediate results stay in the cache: some sequences as a whole, or some steps of
/// one.
/// </summary>
internal readonly struct Tiles
{
    /// <summary>Steps, of all sequences of a tile together, at most.</summary>
    public const int Rows = 64;

    private readonly int batch;
    private readonly int time;
    private readonly int group;
    private readonly int chunks;

    /// <param name="batch">Sequences, at least 1.</param>
    /// <param name="time">Steps of each, at least 1.</param>
    public Tiles(int batch, int time)
    {
        (this.batch, this.time) = (batch, time);
        group = int.Max(1, Rows / time);
        chunks = (time + Rows - 1) / Rows;
    }

    /// <summary>Tiles.</summary>
    public long Count => (long)((batch + group - 1) / group) * chunks;

    /// <summary>A tile: its first sequence and how many, its first step and how many.</summary>
    /// <param name="tile">Its number.</param>
    /// <param name="isBackward">Whether those of a sequence come in the order from the last steps to the first.</param>
    public (int Row, int Rows, int Step, int Steps) At(long tile, bool isBackward = false)
    {
        var (row, chunk) = ((int)(tile / chunks) * group, (int)(tile % chunks));
        var step = (isBackward ? chunks - 1 - chunk : chunk) * Rows;
        return (row, int.Min(group, batch - row), step, int.Min(Rows, time - step));
    }
}
