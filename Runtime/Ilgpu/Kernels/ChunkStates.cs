using System.Runtime.CompilerServices;
using ILGPU;

namespace MinRnn.Ilgpu.Kernels;

/// <summary>The states between pieces of time, [pieces, H, S] or [pieces, N, H, S], as <see cref="ChunkCarry"/> leaves them.</summary>
public static class ChunkStates
{
    /// <summary>One state of a channel.</summary>
    /// <param name="states">The states.</param>
    /// <param name="at">The piece's channel, counted over all pieces.</param>
    /// <param name="count">States of a channel, S.</param>
    /// <param name="state">The state's index.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(ArrayView<float> states, long at, int count, int state) => states[(at * count) + state];

    /// <inheritdoc cref="Load(ArrayView{float}, long, int, int)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Load(ArrayView<double> states, long at, int count, int state) => states[(at * count) + state];

    /// <summary>One state of four neighbouring channels.</summary>
    /// <inheritdoc cref="Load(ArrayView{float}, long, int, int)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad LoadQuad(ArrayView<float> states, long at, int count, int state) => new(
        states[(at * count) + state],
        states[((at + 1) * count) + state],
        states[((at + 2) * count) + state],
        states[((at + 3) * count) + state]);
}
