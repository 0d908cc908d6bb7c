using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using ILGPU;

namespace MinRnn.Ilgpu.Kernels;

/// <summary>
/// A group takes tile after tile, and gets the state before one by looking back: the single-pass scan with decoupled look-back of
/// Merrill and Garland (NVR-2016-002), for states rather than sums.
/// </summary>
/// <remarks>
/// Tiles are numbered by an atomic ticket, so a tile's predecessors belong to groups that run already, and waiting for them
/// ends. A group asks for its next ticket when it knows the state before its tile: earlier, others would wait for a tile that nobody
/// has begun. A warp that has nothing to tell asks, so that the ticket is there when the tile is done.
/// </remarks>
/// <typeparam name="TTransition">What steps do to the state.</typeparam>
/// <typeparam name="TState">The states of a channel.</typeparam>
/// <typeparam name="TReal">The precision of the arithmetic.</typeparam>
/// <typeparam name="TRows">Where the rows lie.</typeparam>
[SuppressMessage("Design", "CA1005", Justification = "Types of a kernel.")]
[SuppressMessage("Performance", "CA1815", Justification = "Never compared.")]
public struct ChainWalk<TTransition, TState, TReal, TRows> : ITileWalk<TTransition, TState, TReal>
    where TTransition : unmanaged, ITransition<TTransition, TState>
    where TState : unmanaged
    where TReal : unmanaged
    where TRows : struct, IScanRows
{
    /// <summary>The thread that asks for tickets: of the group's second warp, for the first tells the state after the tile.</summary>
    private const int Asker = Tiles.Lanes;

    /// <summary>The group's first tile; none where other groups have taken all.</summary>
    /// <param name="window">The sizes. Its <see cref="ScanWindow.Chunks"/> are a row's tiles.</param>
    /// <param name="work">What the groups tell each other.</param>
    /// <param name="strips">Strips of a row.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRange First(ScanWindow window, ChunkWork<ArrayView<TReal>> work, int strips)
    {
        var range = Tile(window, work, strips, Ticket(work));

        // The next one is written to the same memory.
        Group.Barrier();
        return range;
    }

    /// <summary>The group's tile after another; none after its last.</summary>
    /// <param name="window">The sizes.</param>
    /// <param name="work">What the groups tell each other.</param>
    /// <param name="strips">Strips of a row.</param>
    /// <param name="range">The other.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRange Next(ScanWindow window, ChunkWork<ArrayView<TReal>> work, int strips, TileRange range) =>
        Tile(window, work, strips, range.Ticket);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TState Before(
        ScanWindow window, ChunkWork<ArrayView<TReal>> work, int strips, ref TileRange range, TTransition all, TState state)
    {
        var entry = SharedMemory.Allocate<TState>(Tiles.Lanes);
        var own = SharedMemory.Allocate<TTransition>(Tiles.Lanes);

        // Slot 0 of the published words has the ticket.
        var slot = 1 + TRows.FirstTile(window, work.Sequences.Cast<long>(), range, strips) + range.Tile;
        var isFollowed = range.Tile < TRows.Row(window, work.Sequences.Cast<long>(), range.Strip / strips).Pieces - 1;
        var (isFirstWarp, lane) = (Tiles.WarpIndex == 0, Tiles.Lane);
        var before = state;
        if (range.Tile > 0)
        {
            if (isFirstWarp && isFollowed)
            {
                own[lane] = all;
                ChainWords.Publish<TTransition, TState, TReal>(work, slot, 0, own.Cast<int>(), ChainWords.Of<TTransition>());
            }

            before = LookBack<TTransition, TState, TReal>.From(work, slot, range.Tile);
        }

        // It comes while the state is told and the tile's results are stored.
        range.Ticket = Ticket(work);
        if (isFirstWarp)
        {
            entry[lane] = TTransition.Apply(all, before);
            if (isFollowed)
                ChainWords.Publish<TTransition, TState, TReal>(work, slot, ChainWords.Of<TTransition>(), entry.Cast<int>(), ChainWords.Of<TState>());
            entry[lane] = before;
        }

        Group.Barrier();
        return entry[lane];
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Piece(RowPlace place, TileRange range, long row) => place.FirstPiece + range.End - 1;

    /// <summary>The group's next ticket, in the thread that asks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Ticket(ChunkWork<ArrayView<TReal>> work) =>
        Group.IdxX == Asker ? ChainWords.Take(work.Published.Cast<int>(), work.PublishedAddress) : 0;

    /// <summary>The tile of the ticket of the thread that asks; none where it is past the last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TileRange Tile(ScanWindow window, ChunkWork<ArrayView<TReal>> work, int strips, int ticket)
    {
        var shared = SharedMemory.Allocate<int>(2);
        if (Group.IdxX == Asker)
        {
            ticket = (ticket - work.FirstTicket) & int.MaxValue;
            var range = ticket < TRows.Pieces(window) * strips
                ? TRows.Tile(window, work.Sequences.Cast<long>(), ticket, strips)
                : new TileRange(0, -1, -1);
            shared[0] = range.Strip;
            shared[1] = range.Tile;
        }

        Group.Barrier();
        var (strip, tile) = (shared[0], shared[1]);
        return new TileRange(strip, tile, tile < 0 ? tile : tile + 1);
    }
}
