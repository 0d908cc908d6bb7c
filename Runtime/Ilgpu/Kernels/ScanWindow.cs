using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace MinRnn.Ilgpu.Kernels;

/// <summary>The sizes of a scan, and how its time is cut into pieces.</summary>
[SuppressMessage("Design", "CA1051", Justification = "Part of a kernel's parameter.")]
[SuppressMessage("Performance", "CA1815", Justification = "Never compared.")]
public struct ScanWindow
{
    /// <summary>Rows of the batch, B; where the rows are sequences, their segments.</summary>
    public long Batch;

    /// <summary>Time steps, T; where the rows are sequences, the longest segment's.</summary>
    public long Time;

    /// <summary>Pieces of a row's time: 1 where it is not cut. Where the rows are sequences, the pieces of all of them.</summary>
    public long Chunks;

    /// <summary>Steps of a piece; the last may have fewer.</summary>
    public long ChunkTime;

    /// <summary>1, or -1 where time runs from the last step to the first.</summary>
    public long Direction;

    /// <summary>Rows of biases among the parameters: P, or 0 where biases are added already.</summary>
    public long BiasRows;

    /// <summary>Biases that follow them, of pre-activations that all channels share: Q·N, or 0 where biases are added already.</summary>
    public long SharedBiases;

    /// <summary>Pieces of all rows.</summary>
    public readonly long Pieces
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Batch * Chunks;
    }

    /// <summary>A piece's row of the batch, its first step in the order of the recurrence, and the step after its last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly (long Row, long First, long End) Piece(long piece)
    {
        var row = piece / Chunks;
        var first = (piece - (row * Chunks)) * ChunkTime;
        var end = first + ChunkTime;
        return (row, first, end < Time ? end : Time);
    }
}
