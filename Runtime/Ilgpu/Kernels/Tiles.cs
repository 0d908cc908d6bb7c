using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using ILGPU;

namespace MinRnn.Ilgpu.Kernels;

/// <summary>
/// A tile is what a group of threads works on at once: a strip of neighbouring channels of a row, a lane each, by a span of
/// time, of which each warp takes a few steps.
/// </summary>
public static class Tiles
{
    /// <summary>Channels of a strip: with one channel a lane, a warp reads whole cache lines.</summary>
    public const int Lanes = 1 << LaneBits;

    // Devices divide signed integers slowly.
    private const int LaneBits = 5;

    /// <summary>Warps of a group.</summary>
    public const int Warps = 8;

    /// <summary>Threads of a group.</summary>
    public const int GroupSize = Lanes * Warps;

    /// <summary>The thread's channel in its strip.</summary>
    public static int Lane
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Group.IdxX & (Lanes - 1);
    }

    /// <summary>The thread's place in its tile's time, in the order of the scan.</summary>
    public static int WarpIndex
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Group.IdxX >> LaneBits;
    }

    /// <summary>Steps of a thread that lie before the end of time.</summary>
    /// <param name="remaining">Steps from the thread's first to the end; may be negative.</param>
    /// <param name="steps">Steps of a thread.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Count(long remaining, int steps) => (int)IntrinsicMath.Max(0, IntrinsicMath.Min(steps, remaining));

    /// <summary>A step of a thread, or where it lies past the end of time the last one that does not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Within(int step, int count) => IntrinsicMath.Min(step, IntrinsicMath.Max(count - 1, 0));

    /// <summary>How many steps stand before a thread's last one in time, as far as it asks for them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Earlier(long last, int steps) => (int)IntrinsicMath.Min(last, steps);

    /// <summary>How far before a thread's last step the one before a step stands: within the row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Previous(int step, int count, int earlier) => IntrinsicMath.Min(Within(step, count) + 1, earlier);

    /// <summary>Composes the transitions of a tile's warps in their order, lane by lane.</summary>
    /// <param name="span">The transition of the thread's own steps.</param>
    /// <param name="before">The transition of the warps before the thread's.</param>
    /// <returns>The transition of the whole tile.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TTransition Compose<TTransition, TState>(TTransition span, out TTransition before)
        where TTransition : unmanaged, ITransition<TTransition, TState>
        where TState : unmanaged
    {
        var spans = SharedMemory.Allocate<TTransition>(GroupSize);
        spans[Group.IdxX] = span;
        Group.Barrier();
        int lane = Lane, own = WarpIndex;
        var all = TTransition.Identity;
        before = all;
        for (var warp = 0; warp < Warps; warp++)
        {
            if (warp == own)
                before = all;
            all = TTransition.Compose(all, spans[(warp * Lanes) + lane]);
        }

        // The memory is used again by the next tile.
        Group.Barrier();
        return all;
    }

    /// <summary>The sum of a value over a group's warps, lane by lane, in their order; 0 in all warps but the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(float value)
    {
        var values = SharedMemory.Allocate<float>(GroupSize);
        values[Group.IdxX] = value;
        Group.Barrier();
        var sum = 0f;
        if (WarpIndex == 0)
        {
            for (var warp = 0; warp < Warps; warp++)
                sum += values[(warp * Lanes) + Lane];
        }

        return sum;
    }

    /// <inheritdoc cref="Sum(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Sum(double value)
    {
        var values = SharedMemory.Allocate<double>(GroupSize);
        values[Group.IdxX] = value;
        Group.Barrier();
        var sum = 0.0;
        if (WarpIndex == 0)
        {
            for (var warp = 0; warp < Warps; warp++)
                sum += values[(warp * Lanes) + Lane];
        }

        return sum;
    }
}

/// <summary>The tiles that a group walks: those of one strip, from one to another. A launch has groups for each, so that 31 bits count them.</summary>
/// <param name="strip">The strip, counted over all rows of the batch.</param>
/// <param name="tile">The first tile, in the order of the scan.</param>
/// <param name="end">The tile after the last.</param>
[SuppressMessage("Design", "CA1051", Justification = "Kernels read fields.")]
[SuppressMessage("Performance", "CA1815", Justification = "Never compared.")]
public struct TileRange(int strip, int tile, int end)
{
    /// <summary>The strip, counted over all rows of the batch.</summary>
    public int Strip = strip;

    /// <summary>The first tile, in the order of the scan.</summary>
    public int Tile = tile;

    /// <summary>The tile after the last.</summary>
    public int End = end;

    /// <summary>What the thread of a chained scan that asks for tickets knows of the group's next tile: its ticket.</summary>
    public int Ticket;
}
