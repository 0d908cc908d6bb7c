using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime.Cuda;

namespace MinRnn.Ilgpu.Kernels;

/// <summary>
/// A group takes one tile, and gets the state before it by looking back: the single-pass scan with decoupled look-back of
/// Merrill and Garland (NVR-2016-002), for states rather than sums.
/// </summary>
/// <remarks>
/// Tiles are numbered by an atomic ticket, so a tile's predecessors belong to groups that run already, and waiting for them
/// ends. A tile publishes its transition at once, and the state after it when it knows the state before. A successor's warps watch a
/// predecessor each until one has published its state, and the transitions that follow are applied from there, in order. That is what
/// the predecessors did to get theirs: the bits are the same, whoever came first.
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
    /// <summary>How often the group's warps go further back before they begin anew with the nearest tile.</summary>
    private const int Rounds = 4;

    /// <summary>What a watched tile has not published, for some lane.</summary>
    private const int NoState = 1, NoTransition = 2;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRange Enter(ScanWindow window, ChunkWork<ArrayView<TReal>> work, int strips)
    {
        var shared = SharedMemory.Allocate<int>(2);
        if (Group.IdxX == 0)
        {
            var ticket = Atomic.Add(ref work.Published.Cast<int>()[0], 1) - work.FirstTicket;
            var range = TRows.Tile(window, work.Sequences.Cast<long>(), ticket, strips);
            shared[0] = range.Strip;
            shared[1] = range.Tile;
        }

        Group.Barrier();
        return new TileRange(shared[0], shared[1], shared[1] + 1);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TState Before(
        ScanWindow window, ChunkWork<ArrayView<TReal>> work, int strips, TileRange range, TTransition all, TState state)
    {
        var entry = SharedMemory.Allocate<TState>(Tiles.Lanes);
        var transitions = SharedMemory.Allocate<TTransition>(Rounds * Tiles.GroupSize);
        var states = SharedMemory.Allocate<TState>(Tiles.GroupSize);

        // Slot 0 of the published words has the ticket.
        var strip = 1 + TRows.FirstTile(window, work.Sequences.Cast<long>(), range, strips);
        var isFollowed = range.Tile < TRows.Row(window, work.Sequences.Cast<long>(), range.Strip / strips).Pieces - 1;
        var (isFirstWarp, lane) = (Tiles.WarpIndex == 0, Tiles.Lane);
        var before = state;
        if (range.Tile > 0)
        {
            if (isFirstWarp && isFollowed)
            {
                transitions[lane] = all;
                Publish(work, strip + range.Tile, 0, transitions.Cast<int>(), ChainWords.Of<TTransition>());
            }

            before = LookBack(work, strip, range.Tile, transitions, states);
        }

        if (isFirstWarp)
        {
            if (isFollowed)
            {
                states[lane] = TTransition.Apply(all, before);
                Publish(work, strip + range.Tile, ChainWords.Of<TTransition>(), states.Cast<int>(), ChainWords.Of<TState>());
            }

            entry[lane] = before;
        }

        Group.Barrier();
        return entry[lane];
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Piece(RowPlace place, TileRange range, long row) => place.FirstPiece + range.End - 1;

    /// <summary>Publishes a lane's value, from the words that the lane has just written to memory of its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Publish(ChunkWork<ArrayView<TReal>> work, long slot, int first, ArrayView<int> values, int count)
    {
        var published = work.Published.Cast<long>();
        var at = ChainWords.At(slot, ChainWords.Of<TTransition>() + ChainWords.Of<TState>(), Tiles.Lane);
        for (var word = 0; word < count; word++)
        {
            ChainWords.Write(
                published, work.PublishedAddress, at + ((first + word) * Tiles.Lanes), values[(Tiles.Lane * count) + word], work.Epoch);
        }
    }

    /// <summary>The state before a tile, in the group's first warp: the nearest published one, and the transitions that follow it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TState LookBack(
        ChunkWork<ArrayView<TReal>> work, long strip, int tile, ArrayView<TTransition> transitions, ArrayView<TState> states)
    {
        var missing = SharedMemory.Allocate<int>(Rounds * Tiles.Warps);
        var lane = Tiles.Lane;
        var round = 0;
        var nearest = Tiles.Lanes;
        while (nearest == Tiles.Lanes)
        {
            // The first tile of a strip always publishes its state, so nobody need watch what is before it.
            var back = (round * Tiles.Warps) + Tiles.WarpIndex;
            var watched = tile - 1 - back;
            var lacks = NoState;
            if (watched >= 0)
                lacks = Watch(work, strip + watched, transitions.Cast<int>(), (back * Tiles.Lanes) + lane, states.Cast<int>());
            if (lane == 0)
                missing[back] = lacks;
            Group.Barrier();
            var found = Ballot(lane < Tiles.Warps && (missing[(round * Tiles.Warps) + IntrinsicMath.Min(lane, Tiles.Warps - 1)] & NoState) == 0);
            nearest = found == 0 ? Tiles.Lanes : IntrinsicMath.PopCount((found & -found) - 1);
            if (nearest == Tiles.Lanes)
            {
                round++;
                if (round == Rounds)
                {
                    round = 0;
                    Group.Barrier();
                }
            }
        }

        var state = default(TState);
        if (Tiles.WarpIndex == 0)
        {
            state = states[(nearest * Tiles.Lanes) + lane];
            var next = (round * Tiles.Warps) + nearest - 1;
            for (; next >= 3; next -= 4)
            {
                // Read one by one, they would take longer than what is done with them.
                var (first, second) = (transitions[(next * Tiles.Lanes) + lane], transitions[((next - 1) * Tiles.Lanes) + lane]);
                var (third, fourth) = (transitions[((next - 2) * Tiles.Lanes) + lane], transitions[((next - 3) * Tiles.Lanes) + lane]);
                state = TTransition.Apply(second, TTransition.Apply(first, state));
                state = TTransition.Apply(fourth, TTransition.Apply(third, state));
            }

            for (; next >= 0; next--)
                state = TTransition.Apply(transitions[(next * Tiles.Lanes) + lane], state);
        }

        return state;
    }

    /// <summary>Waits until a tile has published its transition or its state, and reads them. The whole warp calls it.</summary>
    /// <param name="work">What the groups tell each other.</param>
    /// <param name="slot">The tile.</param>
    /// <param name="transitions">The words of transitions.</param>
    /// <param name="target">The one that is written, in transitions.</param>
    /// <param name="states">The words of states, of which the thread's own is written.</param>
    /// <returns>What it has not published.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Watch(ChunkWork<ArrayView<TReal>> work, long slot, ArrayView<int> transitions, int target, ArrayView<int> states)
    {
        var published = work.Published.Cast<long>();
        int ofTransition = ChainWords.Of<TTransition>(), ofState = ChainWords.Of<TState>();
        var at = ChainWords.At(slot, ofTransition + ofState, Tiles.Lane);
        var lacks = NoState | NoTransition;
        while (lacks == (NoState | NoTransition))
        {
            lacks = 0;
            for (var word = 0; word < ofTransition; word++)
            {
                var read = ChainWords.Read(published, work.PublishedAddress, at + (word * Tiles.Lanes));
                transitions[(target * ofTransition) + word] = ChainWords.ValueOf(read);
                lacks |= ChainWords.IsOf(read, work.Epoch) ? 0 : NoTransition;
            }

            for (var word = 0; word < ofState; word++)
            {
                var read = ChainWords.Read(published, work.PublishedAddress, at + ((ofTransition + word) * Tiles.Lanes));
                states[(Group.IdxX * ofState) + word] = ChainWords.ValueOf(read);
                lacks |= ChainWords.IsOf(read, work.Epoch) ? 0 : NoState;
            }

            lacks = (Ballot((lacks & NoState) != 0) != 0 ? NoState : 0) | (Ballot((lacks & NoTransition) != 0) != 0 ? NoTransition : 0);
        }

        return lacks;
    }

    /// <summary>The lanes in which a condition holds, a bit each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Ballot(bool condition)
    {
        if (CudaAsm.IsSupported)
        {
            CudaAsm.Emit(
                "{ .reg .pred isMet; setp.ne.u32 isMet, %1, 0; vote.sync.ballot.b32 %0, isMet, 0xffffffff; }", out uint lanes, condition ? 1u : 0u);
            return (int)lanes;
        }

        var bits = condition ? 1 << Tiles.Lane : 0;
        bits |= Warp.ShuffleXor(bits, 16);
        bits |= Warp.ShuffleXor(bits, 8);
        bits |= Warp.ShuffleXor(bits, 4);
        bits |= Warp.ShuffleXor(bits, 2);
        return bits | Warp.ShuffleXor(bits, 1);
    }
}
