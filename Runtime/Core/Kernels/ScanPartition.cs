using System.Diagnostics.CodeAnalysis;

namespace MinRnn.Kernels;

/// <summary>
/// How a scan is cut into pieces: groups of about as much work by blocks of channels. A group is a run of segments; where steps
/// allow it and segments are too few or too uneven for the cores, also of parts of them. It follows from the shape alone, so that
/// sums have the same order, and so the same bits, on every machine and thread count.
/// </summary>
internal readonly struct ScanPartition
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

    /// <param name="segments">The segments.</param>
    /// <param name="channels">Channels.</param>
    /// <param name="cutsTime">Whether segments may be cut into chunks of time.</param>
    /// <param name="chunkSteps">Steps of a chunk, whatever the shape; 0 to let the shape decide.</param>
    /// <param name="blockWidth">Channels of a block, whatever the shape; 0 to let the shape decide.</param>
    /// <param name="unit">Steps of which chunks have a multiple, but for a segment's last.</param>
    public ScanPartition(ScanSegments segments, int channels, bool cutsTime = false, long chunkSteps = 0, int blockWidth = 0, int unit = 1)
    {
        (Segments, Channels, ChunkSteps, Unit) = (segments, channels, (chunkSteps + unit - 1) / unit * unit, unit);

        // The groups that the longest segment leaves to fill, if none is cut.
        var side = segments.Longest == 0 ? segments.Count : long.Max(1, segments.Steps / segments.Longest);
        var groups = (int)long.Min(side, MaxGroups);
        BlockWidth = blockWidth > 0 ? blockWidth : WideBlock;
        while (blockWidth == 0 && BlockWidth > NarrowBlock && groups * Blocks < WantedPieces)
            BlockWidth /= 2;
        CutsTime = cutsTime && (ChunkSteps > 0 || groups * Blocks < FewPieces);
        Groups = (int)long.Min(Chunks(), MaxGroups);
    }

    public ScanSegments Segments { get; }

    public int Channels { get; }

    /// <summary>Runs of segments and of parts of them.</summary>
    public int Groups { get; }

    /// <summary>Blocks of channels.</summary>
    public int Blocks => (Channels + BlockWidth - 1) / BlockWidth;

    public int Pieces => Groups * Blocks;

    /// <summary>Whether groups may end within a segment.</summary>
    public bool CutsTime { get; }

    public int BlockWidth { get; }

    private long ChunkSteps { get; }

    private int Unit { get; }

    public (int Group, int FirstChannel, int EndChannel) Piece(long piece)
    {
        var (first, end) = Block((int)(piece % Blocks));
        return ((int)(piece / Blocks), first, end);
    }

    public (int FirstChannel, int EndChannel) Block(int block) => (block * BlockWidth, int.Min((block + 1) * BlockWidth, Channels));

    /// <summary>The parts of segments in a group, in the order of the recurrence.</summary>
    public ScanParts Parts(int group) => new(Segments, Start(group), Start(group + 1));

    /// <summary>Whether a group begins within a segment, in the order of the recurrence.</summary>
    public bool BeginsWithin(int group) => Start(group).Step > 0;

    /// <summary>The first part of a group that begins within a segment.</summary>
    public ScanPart FirstPart(int group)
    {
        var ((index, first), end) = (Start(group), Start(group + 1));
        var segment = Segments[index];
        return new ScanPart(index, segment, first, end.Segment == index ? end.Step : segment.Steps);
    }

    /// <summary>The last part of a group that ends within a segment.</summary>
    public ScanPart LastPart(int group)
    {
        var (first, (index, end)) = (Start(group), Start(group + 1));
        return new ScanPart(index, Segments[index], first.Segment == index ? first.Step : 0, end);
    }

    /// <summary>Where a group starts: the edge of a chunk at which about its share of the work is done.</summary>
    private (long Segment, long Step) Start(int group)
    {
        if (group == 0 || group == Groups)
            return (group == 0 ? 0 : Segments.Count, 0);
        var (share, rest) = Math.DivRem(Segments.WorkBefore(Segments.Count), Groups);
        var before = (share * group) + (rest * group / Groups);
        var index = Segments.AtWork(before);
        var segment = Segments[index];
        var chunks = Chunks(segment.Steps);
        var chunk = (((before - Segments.WorkBefore(index)) * chunks) + (segment.Work / 2)) / segment.Work;
        return chunk == chunks ? (index + 1, 0)
            : ChunkSteps > 0 ? (index, chunk * ChunkSteps)
            : (index, segment.Steps * chunk / chunks / Unit * Unit);
    }

    /// <summary>Chunks of all segments.</summary>
    private long Chunks()
    {
        if (!CutsTime)
            return Segments.Count;
        long chunks = 0;
        for (long i = 0; i < Segments.Count; i++)
            chunks += Chunks(Segments[i].Steps);
        return chunks;
    }

    /// <summary>Chunks of a segment, at least 1.</summary>
    private long Chunks(long steps) => long.Max(1, !CutsTime ? 1
        : ChunkSteps > 0 ? (steps + ChunkSteps - 1) / ChunkSteps
        : long.Min(WantedPieces, steps / ShortChunk));
}

/// <summary>The steps of a segment that one group runs, in the order of the recurrence.</summary>
internal readonly struct ScanPart(long index, ScanSegment segment, long firstStep, long endStep)
{
    /// <summary>The segment's place among all.</summary>
    public readonly long Index = index;

    public readonly ScanSegment Segment = segment;

    public readonly long FirstStep = firstStep;

    public readonly long EndStep = endStep;

    /// <summary>Whether the segment starts with it.</summary>
    public bool IsStart => FirstStep == 0;

    /// <summary>Whether the segment ends with it.</summary>
    public bool IsEnd => EndStep == Segment.Steps;
}

/// <summary>The parts between two steps of two segments.</summary>
internal struct ScanParts(ScanSegments segments, (long Segment, long Step) start, (long Segment, long Step) end)
{
    private readonly ScanSegments segments = segments;
    private readonly (long Segment, long Step) end = end;
    private long next = start.Segment;
    private long step = start.Step;
    private ScanPart current;

    [UnscopedRef]
    public readonly ref readonly ScanPart Current => ref current;

    public readonly ScanParts GetEnumerator() => this;

    public bool MoveNext()
    {
        if (next > end.Segment || (next == end.Segment && end.Step == 0))
            return false;
        var segment = segments[next];
        current = new ScanPart(next, segment, step, next == end.Segment ? end.Step : segment.Steps);
        (next, step) = (next + 1, 0);
        return true;
    }
}
