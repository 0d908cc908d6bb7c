using System.Runtime.CompilerServices;
using ILGPU;

namespace MinRnn.Ilgpu.Kernels;

/// <summary>
/// The middle phase of the scan in three phases: from the transition of each piece of time and a row's first state, the state
/// before each piece. A group takes a strip of channels of a row; its warps take the pieces in turn.
/// </summary>
public static class ChunkCarry
{
    /// <summary>Pieces that a warp takes at once.</summary>
    private const int Round = 4;

    /// <summary>Writes the states before each piece of a row, in the order of the scan.</summary>
    /// <param name="window">The sizes.</param>
    /// <param name="work">Its transitions are read and its states written.</param>
    /// <param name="row">The row of the batch.</param>
    /// <param name="channel">The thread's channel.</param>
    /// <param name="channels">Channels of the recurrence, H.</param>
    /// <param name="state">The state before the first piece.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TTransition, TState, TReal>(
        ScanWindow window, ChunkWork<ArrayView<TReal>> work, long row, long channel, int channels, TState state)
        where TTransition : unmanaged, ITransition<TTransition, TState>
        where TState : unmanaged
        where TReal : unmanaged
    {
        var transitions = work.Transitions.Cast<TTransition>();
        var states = work.States.Cast<TState>();
        var isInside = channel < channels;
        var from = row * window.Chunks;
        for (long first = 0; first < window.Chunks; first += Round * Tiles.Warps)
        {
            var piece = first + (Round * Tiles.WarpIndex);
            var one = Read<TTransition, TState>(transitions, from, piece, window.Chunks, channel, channels, isInside);
            var two = Read<TTransition, TState>(transitions, from, piece + 1, window.Chunks, channel, channels, isInside);
            var three = Read<TTransition, TState>(transitions, from, piece + 2, window.Chunks, channel, channels, isInside);
            var four = Read<TTransition, TState>(transitions, from, piece + 3, window.Chunks, channel, channels, isInside);
            var span = TTransition.Compose(TTransition.Compose(TTransition.Compose(one, two), three), four);
            var (before, all) = Tiles.Compose<TTransition, TState>(span);
            var entry = TTransition.Apply(before, state);
            Write(states, entry, from, piece, window.Chunks, channel, channels, isInside);
            entry = TTransition.Apply(one, entry);
            Write(states, entry, from, piece + 1, window.Chunks, channel, channels, isInside);
            entry = TTransition.Apply(two, entry);
            Write(states, entry, from, piece + 2, window.Chunks, channel, channels, isInside);
            Write(states, TTransition.Apply(three, entry), from, piece + 3, window.Chunks, channel, channels, isInside);
            state = TTransition.Apply(all, state);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TTransition Read<TTransition, TState>(
        ArrayView<TTransition> transitions, long from, long piece, long chunks, long channel, int channels, bool isInside)
        where TTransition : unmanaged, ITransition<TTransition, TState>
        where TState : unmanaged =>
        isInside && piece < chunks ? transitions[((from + piece) * channels) + channel] : TTransition.Identity;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write<TState>(
        ArrayView<TState> states, TState state, long from, long piece, long chunks, long channel, int channels, bool isInside)
        where TState : unmanaged
    {
        if (isInside && piece < chunks)
            states[((from + piece) * channels) + channel] = state;
    }
}
