using System.Numerics;
using System.Runtime.CompilerServices;
using ILGPU;

namespace MinRnn.Ilgpu.Kernels;

/// <summary>Sums over the threads of a group that has vector states, always in the same order.</summary>
public static class GroupSums
{
    /// <summary>
    /// Numbers from a row of lanes to the next, where a thread sums a row: with four more than the lanes, rows begin where four numbers can be
    /// read at once, and threads that read four side by side read different banks.
    /// </summary>
    public const int Pitch = Tiles.Lanes + 4;

    /// <summary>Sums rows of lanes for what all channels share, and adds to the sums over time.</summary>
    /// <param name="shares">[width, lanes], rows <see cref="Pitch"/> apart.</param>
    /// <param name="first">The first of them, a multiple of four.</param>
    /// <param name="lanes">Lanes to sum.</param>
    /// <param name="width">How many rows there are.</param>
    /// <param name="gradients">Where the sums are written.</param>
    /// <param name="at">The first of them.</param>
    /// <param name="sums">[width]: the sums over time.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OfLanes(ArrayView<float> shares, long first, int lanes, int width, ArrayView<float> gradients, long at, ArrayView<float> sums)
    {
        for (var i = Group.IdxX; i < width; i += Group.DimX)
        {
            var row = first + (i * Pitch);
            var sum = lanes == Tiles.Lanes ? Quads(shares.Cast<Quad>(), row / 4) : Row(shares, row, 1, lanes);
            gradients[at + i] = sum;
            sums[i] += sum;
        }
    }

    /// <inheritdoc cref="OfLanes(ArrayView{float}, long, int, int, ArrayView{float}, long, ArrayView{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OfLanes(ArrayView<double> shares, long first, int lanes, int width, ArrayView<double> gradients, long at, ArrayView<double> sums)
    {
        for (var i = Group.IdxX; i < width; i += Group.DimX)
        {
            var sum = Row(shares, first + (i * Pitch), 1, lanes);
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
    public static TReal OfSlices<TReal>(ArrayView<TReal> parts, long at, int slices)
        where TReal : unmanaged, INumber<TReal> => Row(parts, at, Tiles.Lanes, slices);

    // The numbers of all lanes of a full group.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Quads(ArrayView<Quad> values, long at)
    {
        var sum = ((values[at] + values[at + 1]) + (values[at + 2] + values[at + 3])) + ((values[at + 4] + values[at + 5]) + (values[at + 6] + values[at + 7]));
        return (sum.X + sum.Y) + (sum.Z + sum.W);
    }

    // Four sums, so that four loads are under way at once.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TReal Row<TReal>(ArrayView<TReal> values, long at, int distance, int count)
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
