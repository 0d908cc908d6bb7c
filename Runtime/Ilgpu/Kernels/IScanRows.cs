using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using ILGPU;

namespace MinRnn.Ilgpu.Kernels;

/// <summary>
/// Where the rows of a scan lie, and how their time is cut: a type of a kernel, so that the rows of a batch cost nothing for the sake
/// of others.
/// </summary>
[SuppressMessage("Design", "CA1000", Justification = "Kernels reach it through a type parameter.")]
public interface IScanRows
{
    /// <summary>Pieces of time of all rows.</summary>
    static abstract long Pieces(ScanWindow window);

    /// <summary>A piece of time.</summary>
    /// <param name="window">The sizes.</param>
    /// <param name="table">What <see cref="SequenceRows"/> reads.</param>
    /// <param name="piece">The piece, counted over all rows.</param>
    static abstract RowPlace Piece(ScanWindow window, ArrayView<long> table, long piece);

    /// <summary>The row that a piece of time is of.</summary>
    /// <param name="window">The sizes.</param>
    /// <param name="table">What <see cref="SequenceRows"/> reads.</param>
    /// <param name="piece">The piece, counted over all rows.</param>
    static abstract long RowOf(ScanWindow window, ArrayView<long> table, long piece);

    /// <summary>A row, as one piece of time.</summary>
    /// <param name="window">The sizes.</param>
    /// <param name="table">What <see cref="SequenceRows"/> reads.</param>
    /// <param name="row">The row.</param>
    static abstract RowPlace Row(ScanWindow window, ArrayView<long> table, long row);

    /// <summary>The tile that a ticket of a chained scan stands for: all of its strip's tiles before it have earlier ones.</summary>
    /// <param name="window">The sizes; a piece of time is a tile.</param>
    /// <param name="table">What <see cref="SequenceRows"/> reads.</param>
    /// <param name="ticket">The ticket.</param>
    /// <param name="strips">Strips of a row.</param>
    static abstract TileRange Tile(ScanWindow window, ArrayView<long> table, int ticket, int strips);

    /// <summary>The first of the tiles of a range's strip, counted over all strips.</summary>
    /// <param name="window">The sizes; a piece of time is a tile.</param>
    /// <param name="table">What <see cref="SequenceRows"/> reads.</param>
    /// <param name="range">The range.</param>
    /// <param name="strips">Strips of a row.</param>
    static abstract long FirstTile(ScanWindow window, ArrayView<long> table, TileRange range, int strips);

    /// <summary>Whether the row goes on from a given state; otherwise from the cell's constants.</summary>
    static abstract bool TakesState(RowPlace place);

    /// <summary>Whether the state that the row ends with is wanted, and has a gradient.</summary>
    static abstract bool GivesState(RowPlace place);

    /// <summary>Whether a given state has the gradient that the row's backward ends with, or none.</summary>
    static abstract bool IsEntry(RowPlace place);
}

/// <summary>A piece of a row's time.</summary>
[SuppressMessage("Design", "CA1051", Justification = "Kernels read fields.")]
[SuppressMessage("Performance", "CA1815", Justification = "Never compared.")]
public struct RowPlace
{
    /// <summary>Its first step and the step after its last, in the order of the recurrence.</summary>
    public long First, End;

    /// <summary>The row's first row of memory, in the order of memory, and its steps.</summary>
    public long Start, Time;

    /// <summary>The row of the states.</summary>
    public long State;

    /// <summary>The row's pieces, and the first of them, counted over all rows.</summary>
    public long Pieces, FirstPiece;

    /// <summary>What <see cref="SequenceRows"/> knows of the row's ends.</summary>
    public long Ends;
}

/// <summary>The rows of a batch: one after the other, all as long, each with a state of its own.</summary>
[SuppressMessage("Performance", "CA1815", Justification = "Never compared.")]
public struct BatchRows : IScanRows
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Pieces(ScanWindow window) => window.Pieces;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowPlace Piece(ScanWindow window, ArrayView<long> table, long piece)
    {
        var (row, first, end) = window.Piece(piece);
        var place = Row(window, table, row);
        place.First = first;
        place.End = end;
        return place;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long RowOf(ScanWindow window, ArrayView<long> table, long piece) => piece / window.Chunks;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowPlace Row(ScanWindow window, ArrayView<long> table, long row) => new()
    {
        End = window.Time,
        Start = row * window.Time,
        Time = window.Time,
        State = row,
        Pieces = window.Chunks,
        FirstPiece = row * window.Chunks,
    };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRange Tile(ScanWindow window, ArrayView<long> table, int ticket, int strips)
    {
        // The first tiles of all strips come first.
        var rows = (int)window.Batch * strips;
        var tile = (int)((uint)ticket / (uint)rows);
        return new TileRange(ticket - (tile * rows), tile, tile + 1);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long FirstTile(ScanWindow window, ArrayView<long> table, TileRange range, int strips) => (long)range.Strip * window.Chunks;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TakesState(RowPlace place) => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool GivesState(RowPlace place) => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsEntry(RowPlace place) => true;
}

/// <summary>
/// Segments of sequences, from a table: <see cref="Fields"/> numbers for each of the window's rows, then for each of its
/// <see cref="ScanWindow.Chunks"/> pieces the row that it is of.
/// </summary>
[SuppressMessage("Performance", "CA1815", Justification = "Never compared.")]
public struct SequenceRows : IScanRows
{
    /// <summary>Numbers of a row: start, time, row of the states, pieces, first piece, ends.</summary>
    public const int Fields = 6;

    /// <summary>Bits of <see cref="RowPlace.Ends"/>.</summary>
    public const int Takes = 1, Gives = 2, Enters = 4;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Pieces(ScanWindow window) => window.Chunks;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowPlace Piece(ScanWindow window, ArrayView<long> table, long piece)
    {
        var place = Row(window, table, RowOf(window, table, piece));
        place.First = (piece - place.FirstPiece) * window.ChunkTime;
        var end = place.First + window.ChunkTime;
        place.End = end < place.Time ? end : place.Time;
        return place;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long RowOf(ScanWindow window, ArrayView<long> table, long piece) => table[(window.Batch * Fields) + piece];

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowPlace Row(ScanWindow window, ArrayView<long> table, long row)
    {
        var at = row * Fields;
        var time = table[at + 1];
        return new RowPlace
        {
            End = time,
            Start = table[at],
            Time = time,
            State = table[at + 2],
            Pieces = table[at + 3],
            FirstPiece = table[at + 4],
            Ends = table[at + 5],
        };
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRange Tile(ScanWindow window, ArrayView<long> table, int ticket, int strips)
    {
        var piece = ticket / strips;
        var row = RowOf(window, table, piece);
        var tile = (int)(piece - Row(window, table, row).FirstPiece);
        return new TileRange(((int)row * strips) + (ticket - (piece * strips)), tile, tile + 1);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long FirstTile(ScanWindow window, ArrayView<long> table, TileRange range, int strips)
    {
        var row = range.Strip / strips;
        var place = Row(window, table, row);
        return (place.FirstPiece * strips) + ((range.Strip - (row * strips)) * place.Pieces);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TakesState(RowPlace place) => (place.Ends & Takes) != 0;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool GivesState(RowPlace place) => (place.Ends & Gives) != 0;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsEntry(RowPlace place) => (place.Ends & Enters) != 0;
}
