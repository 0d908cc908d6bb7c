using System.Runtime.CompilerServices;
using ILGPU;

namespace MinRnn.Ilgpu.Kernels;

/// <summary>
/// The middle phase of the scan in three phases: from the transition of each piece of time and a row's first state, the state
/// before each piece. A group takes a strip of channels of a row; its warps take the pieces in turn. The elements of vector states stand side by
/// side as channels do.
/// </summary>
public static class ChunkCarry
{
    /// <summary>Pieces that a warp takes at once.</summary>
    private const int Round = 4;

    /// <summary>Writes the states before each piece of a row, in the order of the scan.</summary>
    /// <param name="place">The row.</param>
    /// <param name="work">Its transitions are read and its states written.</param>
    /// <param name="channel">The thread's channel.</param>
    /// <param name="channels">Channels of the recurrence, H, or N·H.</param>
    /// <param name="state">The state before the first piece, in the order of the scan.</param>
    /// <param name="isReversed">Whether the scan takes the pieces last first.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TTransition, TState, TReal>(
        RowPlace place, ChunkWork<ArrayView<TReal>> work, long channel, int channels, TState state, bool isReversed)
        where TTransition : unmanaged, ITransition<TTransition, TState>
        where TState : unmanaged
        where TReal : unmanaged
    {
        var transitions = work.Transitions.Cast<TTransition>();
        var states = work.States.Cast<TState>();
        var strip = new Strip(place, channel, channels, isReversed);
        for (long first = 0; first < place.Pieces; first += Round * Tiles.Warps)
        {
            var piece = first + (Round * Tiles.WarpIndex);
            var one = Read<TTransition, TState>(transitions, strip, piece);
            var two = Read<TTransition, TState>(transitions, strip, piece + 1);
            var three = Read<TTransition, TState>(transitions, strip, piece + 2);
            var four = Read<TTransition, TState>(transitions, strip, piece + 3);
            var span = TTransition.Compose(TTransition.Compose(TTransition.Compose(one, two), three), four);
            var all = Tiles.Compose<TTransition, TState>(span, out var before);
            var entry = TTransition.Apply(before, state);
            Write(states, strip, piece, entry);
            entry = TTransition.Apply(one, entry);
            Write(states, strip, piece + 1, entry);
            entry = TTransition.Apply(two, entry);
            Write(states, strip, piece + 2, entry);
            entry = TTransition.Apply(three, entry);
            Write(states, strip, piece + 3, entry);
            state = TTransition.Apply(all, state);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TTransition Read<TTransition, TState>(ArrayView<TTransition> transitions, Strip strip, long piece)
        where TTransition : unmanaged, ITransition<TTransition, TState>
        where TState : unmanaged => strip.Has(piece) ? transitions[strip.At(piece)] : TTransition.Identity;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write<TState>(ArrayView<TState> states, Strip strip, long piece, TState state)
        where TState : unmanaged
    {
        if (strip.Has(piece))
            states[strip.At(piece)] = state;
    }

    /// <summary>Where a thread's channel of a row's pieces lies.</summary>
    private readonly struct Strip(RowPlace place, long channel, int channels, bool isReversed)
    {
        private readonly long pieces = place.Pieces;
        private readonly bool isInside = channel < channels;
        private readonly long first = ((((isReversed ? 1 : 0) * (place.Pieces - 1)) + place.FirstPiece) * channels) + channel;
        private readonly long distance = isReversed ? -channels : channels;

        public bool Has(long piece) => isInside && piece < pieces;

        public long At(long piece) => first + (piece * distance);
    }
}
