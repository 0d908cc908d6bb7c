using System.Numerics;
using System.Runtime.CompilerServices;
using ILGPU;

namespace MinRnn.Ilgpu.Kernels;

/// <summary>
/// Brings what some steps read into the memory that a group shares: each number is converted once for all threads that read it, and what
/// all channels share is read without a bias to add.
/// </summary>
/// <remarks>
/// Compilers unroll loops whose number of rounds is a constant, and then all loads are under way at once. So steps that do not exist repeat
/// the last one's load.
/// </remarks>
public static class Staging
{
    /// <summary>Steps that are brought at once; a power of two.</summary>
    public const int Steps = 8;

    /// <summary>A row of the channels' elements: [steps, rows, lanes]. A channel's slices take the steps in turn.</summary>
    /// <param name="view">The matrix.</param>
    /// <param name="at">The thread's element of the first step.</param>
    /// <param name="distance">Elements from a step to the next.</param>
    /// <param name="count">Steps, at least one.</param>
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
        var slice = slices == 1 ? 0 : place.Slice;
        var to = ((((long)slice * rows) + row) * Tiles.Lanes) + place.Lane;
        for (var round = 0; round < Steps; round += slices, to += slices * rows * Tiles.Lanes)
        {
            var step = round + slice;
            var value = TStorage.Load(view, at + (IntrinsicMath.Min(step, count - 1) * distance));
            if (round + slices <= Steps || step < Steps)
                staged[to] = value;
        }
    }

    /// <summary>The pre-activations that all channels share, with their biases: [steps, width].</summary>
    /// <param name="view">The pre-activations.</param>
    /// <param name="at">The first of the first step.</param>
    /// <param name="distance">Elements from a step to the next.</param>
    /// <param name="count">Steps, at least one.</param>
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
        var end = count * width;
        for (var round = 0; round < end; round += Group.DimX)
        {
            var (i, isWhole) = (round + Group.IdxX, round + Group.DimX <= end);
            var value = TStorage.Load(view, ElementOf(isWhole ? i : IntrinsicMath.Min(i, end - 1), at, distance, width));
            if (isWhole || i < end)
                staged[i] = value;
        }

        if (biasAt < 0)
            return;
        for (var i = Group.IdxX; i < end; i += Group.DimX)
            staged[i] += TStorage.Load(parameters, ElementOf(i, biasAt, 0, width));
    }

    /// <summary>Where a number of [steps, width] is in a matrix whose steps lie farther apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long ElementOf(int i, long at, long distance, int width)
    {
        var step = (int)((uint)i / (uint)width);
        return at + (step * distance) + (i - (step * width));
    }
}
