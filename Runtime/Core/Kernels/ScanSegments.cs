namespace MinRnn.Kernels;

/// <summary>The segments of a scan: those of its sequences, or else the rows of its batch.</summary>
internal readonly struct ScanSegments(long batch, long time, ScanSequences? sequences)
{
    public ScanSegments(in ScanForward scan)
        : this(scan.Batch, scan.Time, scan.Sequences)
    {
    }

    public ScanSegments(in ScanBackward scan)
        : this(scan.Batch, scan.Time, scan.Sequences)
    {
    }

    public long Count => sequences?.Segments.Length ?? batch;

    /// <summary>Rows of the buffers over time.</summary>
    public long Rows => sequences?.Rows ?? (batch * time);

    /// <summary>Rows of the output and its gradient.</summary>
    public long OutputRows => sequences?.OutputRows ?? (batch * time);

    /// <summary>Whether padding stands in all buffers, not in the output alone.</summary>
    public bool IsPadded => sequences is { IsPadded: true };

    /// <summary>Steps of all segments.</summary>
    public long Steps => sequences?.Steps ?? (batch * time);

    /// <summary>Steps of the longest.</summary>
    public long Longest => sequences?.Longest ?? time;

    public bool HasResets => sequences?.HasResets ?? false;

    public ScanSegment this[long index] => sequences is null ? Row(index) : sequences.Segments[(int)index];

    /// <summary>The work of the segments before one.</summary>
    public long WorkBefore(long index) => sequences is null ? index * Row(0).Work : sequences.Work[(int)index];

    /// <summary>The last segment before which there is no more work than this; all work is behind the last.</summary>
    public long AtWork(long work)
    {
        if (sequences is null)
            return work / Row(0).Work;
        var index = sequences.Work.BinarySearch(work);
        return index >= 0 ? index : ~index - 1;
    }

    /// <summary>The segment that a row of the buffers lies in or behind.</summary>
    public long AtRow(long row) => sequences is null ? (time == 0 ? 0 : row / time) : sequences.IndexOf(row);

    private ScanSegment Row(long index) => new(index * time, index * time, time, 0, index, SegmentEdges.First | SegmentEdges.Last);
}
