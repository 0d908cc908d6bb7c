using System.Runtime.InteropServices;

namespace MinRnn.Kernels;

/// <summary>
/// Where sequences lie among a scan's rows of time, when they are not all as long as the batch, and where their state starts anew.
/// Checked and built once, it serves every layer and direction, forward and backward, on several threads.
/// </summary>
/// <remarks>
/// A reset at a step separates it from the step before it, in both orders of time: the later one in the scan's order starts from
/// the cell's constants, and no gradient crosses. At a sequence's first step it overrides the given state when time runs forward; when
/// time runs backward nothing follows it.
/// </remarks>
public sealed class ScanSequences
{
    private readonly ScanSegment[] segments;
    private readonly long[] work;

    private ScanSequences(long count, long rows, long outputRows, List<ScanSegment> segments)
    {
        (Count, Rows, OutputRows, this.segments) = (count, rows, outputRows, [.. segments]);
        work = new long[segments.Count + 1];
        for (var i = 0; i < this.segments.Length; i++)
        {
            var segment = this.segments[i];
            work[i + 1] = work[i] + segment.Work;
            Steps += segment.Steps;
            Longest = long.Max(Longest, segment.Steps);
        }
    }

    /// <summary>Sequences, N: the rows of initial and final states.</summary>
    public long Count { get; }

    /// <summary>Rows of the buffers over time; padding among them is never read, and zero in results.</summary>
    public long Rows { get; }

    /// <summary>Rows of the output and its gradient, which may have padding where the other buffers have none.</summary>
    public long OutputRows { get; }

    /// <summary>Steps of all sequences.</summary>
    public long Steps { get; }

    /// <summary>Whether a sequence is in more than one segment.</summary>
    internal bool HasResets => segments.Length > Count;

    /// <summary>Whether padding stands in all buffers over time, not in the output alone.</summary>
    internal bool IsPadded => Rows > Steps;

    /// <summary>Steps of the longest segment.</summary>
    internal long Longest { get; }

    /// <summary>In the order of memory; every sequence has at least one, if an empty one.</summary>
    internal ReadOnlySpan<ScanSegment> Segments => segments;

    /// <summary>The work of all segments before each, and of all.</summary>
    internal ReadOnlySpan<long> Work => work;

    /// <summary>The same sequences in rows without padding.</summary>
    /// <param name="padsOutput">Whether the output keeps its padding.</param>
    internal ScanSequences Compact(bool padsOutput)
    {
        var compact = new List<ScanSegment>(segments.Length);
        long rows = 0;
        foreach (var segment in segments)
        {
            compact.Add(padsOutput ? segment with { FirstRow = rows } : segment with { FirstRow = rows, OutputRow = rows, Padding = 0 });
            rows += segment.Steps;
        }

        return new ScanSequences(Count, rows, padsOutput ? OutputRows : rows, compact);
    }

    /// <summary>The last segment that begins at or before a row of the buffers.</summary>
    internal int IndexOf(long row)
    {
        var (first, end) = (0, segments.Length);
        while (end - first > 1)
        {
            var middle = (first + end) / 2;
            if (segments[middle].FirstRow <= row)
                first = middle;
            else
                end = middle;
        }

        return first;
    }

    /// <summary>Rows of a batch [B, T], each padded behind its sequence.</summary>
    /// <param name="lengths">Steps of each row's sequence, 0 to T.</param>
    /// <param name="time">Time steps, T.</param>
    /// <param name="resets">[B, T], or empty for none; in padding without effect.</param>
    /// <exception cref="ArgumentException">A length is out of range, or the resets are of another number.</exception>
    public static ScanSequences Padded(ReadOnlySpan<long> lengths, long time, ReadOnlySpan<bool> resets = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(time);
        var rows = checked(lengths.Length * time);
        RequireResets(resets, rows);
        var segments = new List<ScanSegment>(lengths.Length);
        for (var i = 0; i < lengths.Length; i++)
        {
            if (lengths[i] < 0 || lengths[i] > time)
                throw new ArgumentException($"lengths[{i}] is {lengths[i]}, wanted 0 to {time}, the steps of time.", nameof(lengths));
            Add(segments, i, i * time, lengths[i], time - lengths[i], resets);
        }

        return new ScanSequences(lengths.Length, rows, rows, segments);
    }

    /// <summary>Sequences one after the other, without padding.</summary>
    /// <param name="offsets">[N + 1]: the row at which each begins, 0 for the first, and the end of the last. Sequences may be empty.</param>
    /// <param name="rows">Rows of all sequences.</param>
    /// <param name="resets">One for each row, or empty for none.</param>
    /// <exception cref="ArgumentException">The offsets do not rise from 0 to the number of rows, or the resets are of another number.</exception>
    public static ScanSequences Packed(ReadOnlySpan<long> offsets, long rows, ReadOnlySpan<bool> resets = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        if (offsets.Length == 0)
            throw new ArgumentException("offsets has no element, wanted N + 1 for N sequences.", nameof(offsets));
        if (offsets[0] != 0)
            throw new ArgumentException($"offsets[0] is {offsets[0]}, wanted 0.", nameof(offsets));
        for (var i = 1; i < offsets.Length; i++)
        {
            if (offsets[i] < offsets[i - 1])
                throw new ArgumentException($"offsets[{i}] is {offsets[i]}, wanted at least offsets[{i - 1}], {offsets[i - 1]}.", nameof(offsets));
        }

        if (offsets[^1] != rows)
            throw new ArgumentException($"offsets[{offsets.Length - 1}], the last, is {offsets[^1]}, wanted {rows}, the rows of the input.", nameof(offsets));
        RequireResets(resets, rows);
        var segments = new List<ScanSegment>(offsets.Length - 1);
        for (var i = 0; i + 1 < offsets.Length; i++)
            Add(segments, i, offsets[i], offsets[i + 1] - offsets[i], 0, resets);
        return new ScanSequences(offsets.Length - 1, rows, rows, segments);
    }

    /// <summary>Rows of a batch [B, T], all as long, with resets.</summary>
    /// <param name="resets">[B, T].</param>
    /// <param name="batch">Rows, B.</param>
    /// <param name="time">Time steps, T.</param>
    /// <exception cref="ArgumentException">The resets are of another number.</exception>
    public static ScanSequences Full(ReadOnlySpan<bool> resets, long batch, long time)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(batch);
        ArgumentOutOfRangeException.ThrowIfNegative(time);
        var rows = checked(batch * time);
        RequireResets(resets, rows);
        var segments = new List<ScanSegment>(checked((int)batch));
        for (long i = 0; i < batch; i++)
            Add(segments, i, i * time, time, 0, resets);
        return new ScanSequences(batch, rows, rows, segments);
    }

    private static void RequireResets(ReadOnlySpan<bool> resets, long rows)
    {
        if (resets.Length != 0 && resets.Length != rows)
            throw new ArgumentException($"resets has {resets.Length} elements, wanted {rows}, the steps of all rows.", nameof(resets));
    }

    /// <summary>Adds a sequence's segments.</summary>
    private static void Add(List<ScanSegment> segments, long sequence, long firstRow, long steps, long padding, ReadOnlySpan<bool> resets)
    {
        var edges = SegmentEdges.First;
        if (resets.Length != 0 && steps > 0)
        {
            var marks = MemoryMarshal.AsBytes(resets).Slice((int)firstRow, (int)steps);
            if (marks[0] != 0)
                edges |= SegmentEdges.Reset;
            for (var next = marks[1..].IndexOfAnyExcept((byte)0); next >= 0; next = marks[1..].IndexOfAnyExcept((byte)0))
            {
                next++;
                segments.Add(new ScanSegment(firstRow, firstRow, next, 0, sequence, edges));
                (firstRow, steps, edges) = (firstRow + next, steps - next, SegmentEdges.Reset);
                marks = marks[next..];
            }
        }

        segments.Add(new ScanSegment(firstRow, firstRow, steps, padding, sequence, edges | SegmentEdges.Last));
    }
}
