using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using ILGPU;

namespace MinRnn.Ilgpu.Kernels;

/// <summary>How the tiles of a strip follow each other: where a tile's first state comes from.</summary>
/// <typeparam name="TTransition">What steps do to the state.</typeparam>
/// <typeparam name="TState">The states of a channel.</typeparam>
/// <typeparam name="TReal">The precision of the arithmetic.</typeparam>
[SuppressMessage("Design", "CA1000", Justification = "Kernels reach it through a type parameter.")]
public interface ITileWalk<TTransition, TState, TReal>
    where TTransition : unmanaged, ITransition<TTransition, TState>
    where TState : unmanaged
    where TReal : unmanaged
{
    /// <summary>The state before a tile. Every thread of the group calls it.</summary>
    /// <param name="window">The sizes.</param>
    /// <param name="work">What the groups tell each other.</param>
    /// <param name="strips">Strips of a row.</param>
    /// <param name="range">The strip, and the tile; what a walk notes for the next.</param>
    /// <param name="all">What the tile does to the state.</param>
    /// <param name="state">The initial state before the first tile, else what the group's last tile left.</param>
    static abstract TState Before(
        ScanWindow window, ChunkWork<ArrayView<TReal>> work, int strips, ref TileRange range, TTransition all, TState state);

    /// <summary>The row of the partial sums that a group writes, after its last tile.</summary>
    /// <param name="place">The row of time.</param>
    /// <param name="range">The strip, and the end of the tiles.</param>
    /// <param name="row">The row's number.</param>
    static abstract long Piece(RowPlace place, TileRange range, long row);
}

/// <summary>A group walks all tiles of its strip, one after the other: the state stays in registers.</summary>
/// <typeparam name="TTransition">What steps do to the state.</typeparam>
/// <typeparam name="TState">The states of a channel.</typeparam>
/// <typeparam name="TReal">The precision of the arithmetic.</typeparam>
/// <typeparam name="TRows">Where the rows lie.</typeparam>
[SuppressMessage("Design", "CA1005", Justification = "Types of a kernel.")]
[SuppressMessage("Performance", "CA1815", Justification = "Never compared.")]
public struct LoopWalk<TTransition, TState, TReal, TRows> : ITileWalk<TTransition, TState, TReal>
    where TTransition : unmanaged, ITransition<TTransition, TState>
    where TState : unmanaged
    where TReal : unmanaged
    where TRows : struct, IScanRows
{
    /// <summary>The group's tiles. A window's <see cref="ScanWindow.Chunks"/> are a row's tiles.</summary>
    /// <param name="window">The sizes.</param>
    /// <param name="work">What the groups tell each other.</param>
    /// <param name="strips">Strips of a row.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileRange Range(ScanWindow window, ChunkWork<ArrayView<TReal>> work, int strips) =>
        new(Grid.IdxX, 0, (int)TRows.Row(window, work.Sequences.Cast<long>(), Grid.IdxX / strips).Pieces);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TState Before(
        ScanWindow window, ChunkWork<ArrayView<TReal>> work, int strips, ref TileRange range, TTransition all, TState state) => state;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Piece(RowPlace place, TileRange range, long row) => row;
}
