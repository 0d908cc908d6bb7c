using System.Numerics;
using System.Runtime.CompilerServices;
using ILGPU;

namespace MinRnn.Ilgpu.Kernels;

/// <summary>
/// Brings what some steps read into the memory that a group shares: all loads are under way at once, each number is converted once
/// for all threads that read it, and what all channels share is read without a bias to add.
/// </summary>
public static class Staging
{
    /// <summary>Steps that are brought at once.</summary>
    public const int Steps = 8;

    /// <summary>A row of the channels' elements: [steps, rows, lanes]. A channel's slices take the steps in turn.</summary>
    /// <param name="view">The matrix.</param>
    /// <param name="at">The thread's element of the first step.</param>
    /// <param name="distance">Elements from a step to the next.</param>
    /// <param name="count">Steps.</param>
    /// <param name="place">The thread.</param>
    /// <param name="slices">Threads of a channel.</param>
    /// <param name="staged">Where they go.</param>
    /// <param name="row">The row among those of a step.</param>
    /// <param name="rows">Rows of a step.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Channels<T, TStorage, TReal>(
        ArrayView<T> view, long at, long distance, int count, ElementPlace place, int slices, ArrayView<TReal> staged, int row, int rows)
        where T : unmanaged
        where TStorage : struct, IStorage<T, TReal>
        where TReal : unmanaged
    {
        var step = place.Slice;
        at += step * distance;
        var to = (((step * rows) + row) * Tiles.Lanes) + place.Lane;
        var (next, nextTo) = (slices * distance, slices * rows * Tiles.Lanes);
        for (; step + (3 * slices) < count; step += 4 * slices, at += 4 * next, to += 4 * nextTo)
        {
            var first = TStorage.Load(view, at);
            var second = TStorage.Load(view, at + next);
            var third = TStorage.Load(view, at + (2 * next));
            var fourth = TStorage.Load(view, at + (3 * next));
            staged[to] = first;
            staged[to + nextTo] = second;
            staged[to + (2 * nextTo)] = third;
            staged[to + (3 * nextTo)] = fourth;
        }

        for (; step < count; step += slices, at += next, to += nextTo)
            staged[to] = TStorage.Load(view, at);
    }

    /// <summary>The pre-activations that all channels share, with their biases: [steps, width].</summary>
    /// <param name="view">The pre-activations.</param>
    /// <param name="at">The first of the first step.</param>
    /// <param name="distance">Elements from a step to the next.</param>
    /// <param name="count">Steps.</param>
    /// <param name="width">How many a step has.</param>
    /// <param name="parameters">The parameters.</param>
    /// <param name="biasAt">Their first bias among these; negative for none.</param>
    /// <param name="staged">Where they go.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Shared<T, TStorage, TReal>(
        ArrayView<T> view, long at, long distance, int count, int width, ArrayView<T> parameters, long biasAt, ArrayView<TReal> staged)
        where T : unmanaged
        where TStorage : struct, IStorage<T, TReal>
        where TReal : unmanaged, INumber<TReal>
    {
        for (var i = Group.IdxX; i < count * width; i += Group.DimX)
        {
            var step = i / width;
            var element = i - (step * width);
            var value = TStorage.Load(view, at + (step * distance) + element);
            if (biasAt >= 0)
                value += TStorage.Load(parameters, biasAt + element);
            staged[i] = value;
        }
    }
}
