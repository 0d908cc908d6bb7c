using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime.Cuda;

namespace MinRnn.Ilgpu.Kernels;

/// <summary>How a group of a chained scan finds the state before its tile in what the groups of earlier tiles have published.</summary>
/// <remarks>
/// A tile publishes its transition at once, and the state after it when it knows the state before. The group's warps watch the nearest
/// predecessors, one each, and go back by as many until one has published its state. The transitions that follow are applied from
/// there, in order. That is what the predecessors did to get theirs: the bits are the same, whoever came first. A group that has seen
/// all transitions asks for states alone: what waiting groups read takes the memory's time.
/// </remarks>
/// <typeparam name="TTransition">What steps do to the state.</typeparam>
/// <typeparam name="TState">The states of a channel.</typeparam>
/// <typeparam name="TReal">The precision of the arithmetic.</typeparam>
internal static class LookBack<TTransition, TState, TReal>
    where TTransition : unmanaged, ITransition<TTransition, TState>
    where TState : unmanaged
    where TReal : unmanaged
{
    /// <summary>Tiles that a warp watches one after the other, before it begins anew with the nearest.</summary>
    private const int Rounds = 4;

    /// <summary>What a watched tile has not published, for some lane.</summary>
    private const int NoState = 1, NoTransition = 2;

    /// <summary>The state before a tile, in the group's first warp: the nearest published one, and the transitions that follow it.</summary>
    /// <param name="work">What the groups tell each other.</param>
    /// <param name="slot">The tile's published words.</param>
    /// <param name="tile">The tile, which is not its strip's first.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TState From(ChunkWork<ArrayView<TReal>> work, long slot, int tile)
    {
        var transitions = SharedMemory.Allocate<TTransition>(Rounds * Tiles.GroupSize);
        var states = SharedMemory.Allocate<TState>(Tiles.GroupSize);
        var missing = SharedMemory.Allocate<int>(Rounds * Tiles.Warps);
        var lane = Tiles.Lane;
        var (round, nearest, hasTransitions) = (0, -1, false);
        while (nearest < 0)
        {
            // The first tile of a strip always publishes its state, so nobody need watch what is before it.
            var back = (round * Tiles.Warps) + Tiles.WarpIndex;
            var lacks = NoState;
            if (back < tile && hasTransitions)
                lacks = ReadState(work, slot - 1 - back, states.Cast<int>());
            else if (back < tile)
                lacks = Watch(work, slot - 1 - back, transitions.Cast<int>(), (back * Tiles.Lanes) + lane, states.Cast<int>());
            if (lane == 0)
                missing[back] = lacks;
            Group.Barrier();
            var found = Ballot(lane < Tiles.Warps && (missing[(round * Tiles.Warps) + IntrinsicMath.Min(lane, Tiles.Warps - 1)] & NoState) == 0);
            if (found != 0)
            {
                nearest = IntrinsicMath.PopCount((found & -found) - 1);
            }
            else
            {
                round++;
                if (round == Rounds)
                {
                    (round, hasTransitions) = (0, true);
                    Group.Barrier();
                }
            }
        }

        return Tiles.WarpIndex == 0 ? Apply(transitions, states[(nearest * Tiles.Lanes) + lane], (round * Tiles.Warps) + nearest - 1) : default;
    }

    /// <summary>Applies the transitions of the tiles from one to the nearest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TState Apply(ArrayView<TTransition> transitions, TState state, int next)
    {
        var lane = Tiles.Lane;
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
        int ofTransition = ChainWords.Of<TTransition>(), ofState = ChainWords.Of<TState>();
        var lacks = NoState | NoTransition;
        while (lacks == (NoState | NoTransition))
        {
            var noTransition = Read(work, slot, 0, ofTransition, transitions, target);
            var noState = Read(work, slot, ofTransition, ofState, states, Group.IdxX);
            lacks = (Ballot(noState) != 0 ? NoState : 0) | (Ballot(noTransition) != 0 ? NoTransition : 0);
        }

        return lacks;
    }

    /// <summary>Reads the state of a tile whose transition has been read.</summary>
    /// <inheritdoc cref="Watch"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ReadState(ChunkWork<ArrayView<TReal>> work, long slot, ArrayView<int> states) =>
        Ballot(Read(work, slot, ChainWords.Of<TTransition>(), ChainWords.Of<TState>(), states, Group.IdxX)) != 0 ? NoState : 0;

    /// <summary>Reads words of a lane of a tile.</summary>
    /// <returns>Whether one of them is of an earlier launch.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Read(ChunkWork<ArrayView<TReal>> work, long slot, int first, int count, ArrayView<int> values, int target)
    {
        var at = ChainWords.At(slot, ChainWords.Of<TTransition>() + ChainWords.Of<TState>(), Tiles.Lane);
        var isMissing = false;
        for (var word = 0; word < count; word++)
        {
            var read = ChainWords.Read(work.Published.Cast<long>(), work.PublishedAddress, at + ((first + word) * Tiles.Lanes));
            values[(target * count) + word] = ChainWords.ValueOf(read);
            isMissing |= !ChainWords.IsOf(read, work.Epoch);
        }

        return isMissing;
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
