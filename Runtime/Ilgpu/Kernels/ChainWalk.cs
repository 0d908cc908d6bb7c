using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using ILGPU;

namespace MinRnn.Ilgpu.Kernels;

/// <summary>
/// A group takes one tile, and gets the state before it by looking back: the single-pass scan with decoupled look-back of
/// Merrill and Garland (NVR-2016-002), for states rather than sums.
/// </summary>
/// <remarks>
/// <para>
/// Tiles are numbered by an atomic ticket, so a tile's predecessors belong to groups that run already, and waiting for them
/// ends. A tile publishes its transition at once, and the state after it when it knows the state before. A successor looks for
/// the nearest published state and applies the transitions from there, in order. That is what the predecessors did to get
/// theirs: the bits are the same, whoever came first.
/// </para>
/// <para>
/// Data is written, a fence follows, then the flag; the flag is read with acquire before the data. Flags carry the epoch of their
/// launch, so the workspace needs no clearing between launches.
/// </para>
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
    /// <summary>Transitions that are under way at once.</summary>
    private const int Round = 8;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRange Enter(ScanWindow window, ChunkWork<ArrayView<TReal>> work, int strips)
    {
        var shared = SharedMemory.Allocate<int>(1);
        if (Group.IdxX == 0)
            shared[0] = Atomic.Add(ref work.Flags.Cast<int>()[0], 1) - work.FirstTicket;
        Group.Barrier();
        return TRows.Tile(window, work.Sequences.Cast<long>(), shared[0], strips);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TState Before(
        ScanWindow window, ChunkWork<ArrayView<TReal>> work, int strips, TileRange range, TTransition all, TState state)
    {
        var entry = SharedMemory.Allocate<TState>(Tiles.Lanes);
        if (Tiles.WarpIndex == 0)
        {
            // Slot 0 of the flags is the ticket.
            var strip = 1 + TRows.FirstTile(window, work.Sequences.Cast<long>(), range, strips);
            var tiles = TRows.Row(window, work.Sequences.Cast<long>(), range.Strip / strips).Pieces;
            var slot = strip + range.Tile;
            var lane = Tiles.Lane;
            var before = state;
            if (range.Tile > 0)
            {
                if (range.Tile < tiles - 1)
                {
                    work.Transitions.Cast<TTransition>()[(slot * Tiles.Lanes) + lane] = all;
                    ChainFlags.Publish(work.Flags.Cast<int>(), work.FlagAddress, slot, ChainFlags.Transition(work.Epoch));
                }

                before = LookBack(work, strip, range.Tile, lane);
            }

            if (range.Tile < tiles - 1)
            {
                work.States.Cast<TState>()[(slot * Tiles.Lanes) + lane] = TTransition.Apply(all, before);
                ChainFlags.Publish(work.Flags.Cast<int>(), work.FlagAddress, slot, ChainFlags.State(work.Epoch));
            }

            entry[lane] = before;
        }

        Group.Barrier();
        return entry[Tiles.Lane];
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Piece(RowPlace place, TileRange range, long row) => place.FirstPiece + range.End - 1;

    /// <summary>The state before a tile: the nearest published one, and the transitions that follow it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TState LookBack(ChunkWork<ArrayView<TReal>> work, long strip, long tile, int lane)
    {
        var known = ChainFlags.NearestState(work.Flags.Cast<int>(), work.FlagAddress, strip, tile, work.Epoch, lane);
        var transitions = work.Transitions.Cast<TTransition>();
        var state = work.States.Cast<TState>()[((strip + known) * Tiles.Lanes) + lane];
        var next = known + 1;
        for (; next + Round <= tile; next += Round)
        {
            var at = ((strip + next) * Tiles.Lanes) + lane;
            var first = transitions[at];
            var second = transitions[at + Tiles.Lanes];
            var third = transitions[at + (2 * Tiles.Lanes)];
            var fourth = transitions[at + (3 * Tiles.Lanes)];
            var fifth = transitions[at + (4 * Tiles.Lanes)];
            var sixth = transitions[at + (5 * Tiles.Lanes)];
            var seventh = transitions[at + (6 * Tiles.Lanes)];
            var eighth = transitions[at + (7 * Tiles.Lanes)];
            state = TTransition.Apply(first, state);
            state = TTransition.Apply(second, state);
            state = TTransition.Apply(third, state);
            state = TTransition.Apply(fourth, state);
            state = TTransition.Apply(fifth, state);
            state = TTransition.Apply(sixth, state);
            state = TTransition.Apply(seventh, state);
            state = TTransition.Apply(eighth, state);
        }

        for (; next < tile; next++)
            state = TTransition.Apply(transitions[((strip + next) * Tiles.Lanes) + lane], state);
        return state;
    }
}
