using System.Buffers;
using MinRnn.Ilgpu.Kernels;
using MinRnn.Kernels;

namespace MinRnn.Ilgpu.Scans;

/// <summary>What a table of segments is made from.</summary>
/// <param name="Sequences">The sequences.</param>
/// <param name="IsReversed">Whether time runs from the last step to the first.</param>
/// <param name="PieceTime">Steps of a piece of time.</param>
/// <param name="AreEmpty">The segments with no step if true, those with some if false, or all.</param>
internal readonly record struct TableKey(ScanSequences Sequences, bool IsReversed, long PieceTime, bool? AreEmpty = null);

/// <summary>A table of segments in a queue's memory, until the queue is asked for another.</summary>
/// <param name="Numbers">What kernels read.</param>
/// <param name="Rows">Segments in the table.</param>
/// <param name="Pieces">Their pieces of time.</param>
internal readonly record struct HeldTable<TWork>(TWork Numbers, long Rows, long Pieces)
    where TWork : struct;

/// <summary>
/// Segments of sequences as kernels read them: see <see cref="SequenceRows"/>. The numbers are rented, and go back when it is disposed of.
/// </summary>
internal sealed class SequenceTable : IDisposable
{
    private readonly long[] numbers;

    /// <param name="key">What it is of.</param>
    public SequenceTable(TableKey key)
    {
        var (sequences, reverse, pieceTime, areEmpty) = key;
        foreach (var segment in sequences.Segments)
        {
            if (IsWanted(segment))
                (Rows, Pieces) = (Rows + 1, Pieces + PiecesOf(segment));
        }

        numbers = ArrayPool<long>.Shared.Rent(checked((int)((Rows * SequenceRows.Fields) + Pieces)));
        long row = 0, piece = 0;
        foreach (var segment in sequences.Segments)
        {
            if (!IsWanted(segment))
                continue;
            var fields = numbers.AsSpan((int)(row * SequenceRows.Fields), SequenceRows.Fields);
            var pieces = PiecesOf(segment);
            (fields[0], fields[1], fields[2], fields[3], fields[4]) = (segment.FirstRow, segment.Steps, segment.Sequence, pieces, piece);
            fields[5] = (segment.TakesState(reverse) ? SequenceRows.Takes : 0)
                | (segment.GivesState(reverse) ? SequenceRows.Gives : 0)
                | (segment.IsEntry(reverse) ? SequenceRows.Enters : 0);
            numbers.AsSpan((int)((Rows * SequenceRows.Fields) + piece), (int)pieces).Fill(row);
            (row, piece) = (row + 1, piece + pieces);
        }

        bool IsWanted(in ScanSegment segment) => areEmpty is null || areEmpty == (segment.Steps == 0);

        long PiecesOf(in ScanSegment segment) => long.Max(1, (segment.Steps + pieceTime - 1) / pieceTime);
    }

    /// <summary>Segments in the table.</summary>
    public long Rows { get; }

    /// <summary>Their pieces of time.</summary>
    public long Pieces { get; }

    /// <summary>What kernels read.</summary>
    public ReadOnlySpan<long> Numbers => numbers.AsSpan(0, (int)((Rows * SequenceRows.Fields) + Pieces));

    public void Dispose() => ArrayPool<long>.Shared.Return(numbers);
}
