using System.Numerics;
using System.Runtime.CompilerServices;
using ILGPU;

namespace MinRnn.Ilgpu.Kernels;

/// <summary>Sums over the threads of a group that has vector states, always in the same order.</summary>
public static class GroupSums
{
    /// <summary>
    /// Numbers from a row of lanes to the next, where a thread sums a row: with one more than the lanes, threads that read side by side
    /// read different banks.
    /// </summary>
    public const int Pitch = Tiles.Lanes + 1;

    /// <summary>Sums rows of lanes for what all channels share, and adds to the sums over time.</summary>
    /// <param name="shares">[width, lanes], rows <see cref="Pitch"/> apart.</param>
    /// <param name="lanes">Lanes to sum.</param>
    /// <param name="width">How many rows there are.</param>
    /// <param name="gradients">Where the sums are written.</param>
    /// <param name="at">The first of them.</param>
    /// <param name="sums">[width]: the sums over time.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OfLanes<TReal>(ArrayView<TReal> shares, int lanes, int width, ArrayView<TReal> gradients, long at, ArrayView<TReal> sums)
        where TReal : unmanaged, INumber<TReal>
    {
        for (var i = Group.IdxX; i < width; i += Group.DimX)
        {
            var sum = Row(shares, i * Pitch, 1, lanes);
            gradients[at + i] = sum;
            sums[i] += sum;
        }
    }

    /// <summary>Begins the sums over time, each by the thread that adds to it.</summary>
    /// <param name="sums">[width].</param>
    /// <param name="width">How many there are.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Begin<TReal>(ArrayView<TReal> sums, int width)
        where TReal : unmanaged, INumber<TReal>
    {
        for (var i = Group.IdxX; i < width; i += Group.DimX)
            sums[i] = TReal.Zero;
    }

    /// <summary>Writes the sums over time, where they are wanted.</summary>
    /// <param name="sums">[width].</param>
    /// <param name="width">How many there are.</param>
    /// <param name="view">Where they go; empty where they are not wanted.</param>
    /// <param name="at">The first of them.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void End<TReal>(ArrayView<TReal> sums, int width, ArrayView<TReal> view, long at)
        where TReal : unmanaged
    {
        if (view.Length == 0)
            return;
        for (var i = Group.IdxX; i < width; i += Group.DimX)
            view[at + i] = sums[i];
    }

    /// <summary>The sum over a channel's slices of what they left, [slices, lanes].</summary>
    /// <param name="parts">What they left.</param>
    /// <param name="at">The first slice's at the thread's lane.</param>
    /// <param name="slices">Threads of a channel.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TReal OfSlices<TReal>(ArrayView<TReal> parts, int at, int slices)
        where TReal : unmanaged, INumber<TReal> => Row(parts, at, Tiles.Lanes, slices);

    // Four sums, so that four loads are under way at once.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TReal Row<TReal>(ArrayView<TReal> values, int at, int distance, int count)
        where TReal : unmanaged, INumber<TReal>
    {
        TReal sum0 = TReal.Zero, sum1 = TReal.Zero, sum2 = TReal.Zero, sum3 = TReal.Zero;
        var i = 0;
        for (; i + 3 < count; i += 4, at += 4 * distance)
        {
            sum0 += values[at];
            sum1 += values[at + distance];
            sum2 += values[at + (2 * distance)];
            sum3 += values[at + (3 * distance)];
        }

        for (; i < count; i++, at += distance)
            sum0 += values[at];
        return (sum0 + sum1) + (sum2 + sum3);
    }
}
