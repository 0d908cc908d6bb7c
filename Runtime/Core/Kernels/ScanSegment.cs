using System.Runtime.InteropServices;

namespace MinRnn.Kernels;

/// <summary>
/// Steps that a scan runs on their own: a sequence, or a piece of one between resets. It is the same for both orders of time.
/// </summary>
/// <param name="FirstRow">Its first row in the buffers over time, in the order of memory.</param>
/// <param name="OutputRow">The same in the output and its gradient.</param>
/// <param name="Steps">Its rows.</param>
/// <param name="Padding">Rows of the output behind it that belong to no sequence.</param>
/// <param name="Sequence">Its sequence, a row of the states.</param>
/// <param name="Edges">Which edges of its sequence it has.</param>
internal readonly record struct ScanSegment(long FirstRow, long OutputRow, long Steps, long Padding, long Sequence, SegmentEdges Edges)
{
    /// <summary>Steps that cost as much as getting a segment under way.</summary>
    private const long Start = 2;

    /// <summary>Rows that cost as much to clear as a step to run.</summary>
    private const long ClearedRows = 4;

    /// <summary>What running it costs, in steps.</summary>
    public long Work => Steps + (Padding / ClearedRows) + Start;

    /// <summary>Whether the scan enters its sequence here.</summary>
    public bool IsEntry(bool reverse) => Has(reverse ? SegmentEdges.Last : SegmentEdges.First);

    /// <summary>Whether it goes on from the state that the caller gives; otherwise from the cell's constants.</summary>
    public bool TakesState(bool reverse) => IsEntry(reverse) && (reverse || !Has(SegmentEdges.Reset));

    /// <summary>Whether the state that it ends with is its sequence's final one.</summary>
    public bool GivesState(bool reverse) => IsEntry(!reverse);

    /// <summary>Sets the rows behind it to 0, in a buffer over time that has padding.</summary>
    /// <param name="address">The buffer, rows of <paramref name="width"/>.</param>
    /// <param name="firstRow">Its first row there.</param>
    /// <param name="width">Elements of a row.</param>
    public unsafe void ClearPadding<T>(nint address, long firstRow, int width)
        where T : unmanaged
    {
        if (Padding > 0)
            NativeMemory.Clear((T*)address + ((firstRow + Steps) * width), (nuint)(Padding * width * sizeof(T)));
    }

    // HasFlag boxes where the JIT does not see a constant.
    private bool Has(SegmentEdges edge) => (Edges & edge) != 0;
}

/// <summary>The edges of a segment, in the order of memory.</summary>
[Flags]
internal enum SegmentEdges
{
    /// <summary>Resets on both sides.</summary>
    None = 0,

    /// <summary>Its sequence begins with it.</summary>
    First = 1,

    /// <summary>Its sequence ends with it.</summary>
    Last = 2,

    /// <summary>A reset stands at its first step.</summary>
    Reset = 4,
}
