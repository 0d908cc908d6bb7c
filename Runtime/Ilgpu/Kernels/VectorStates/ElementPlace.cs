using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using ILGPU;

namespace MinRnn.Ilgpu.Kernels;

/// <summary>
/// Where a thread of a layer with vector states stands. A group takes a strip of neighbouring channels of a row; a thread is a lane of it,
/// and one of the slices that share the elements of its channel's states. Lanes beyond the last channel compute what it does, and
/// give nothing: they take part in barriers.
/// </summary>
[SuppressMessage("Design", "CA1051", Justification = "Kernels read fields.")]
[SuppressMessage("Performance", "CA1815", Justification = "Never compared.")]
public struct ElementPlace
{
    /// <summary>The piece of time, counted over all rows, and the strip of its channels.</summary>
    public long Piece, Strip;

    /// <summary>The channel.</summary>
    public long Channel;

    /// <summary>The thread's lane, how many of the group's have a channel of their own, and the thread's slice.</summary>
    public int Lane, Occupied, Slice;

    /// <summary>Whether the lane has a channel of its own.</summary>
    public bool IsInside;

    /// <summary>The thread's place in a strip of a piece.</summary>
    /// <param name="strip">The strip, counted over all pieces.</param>
    /// <param name="channels">Channels of the recurrence, H.</param>
    /// <param name="slices">Threads of a channel.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ElementPlace At(long strip, int channels, int slices)
    {
        var lanes = Group.DimX / slices;
        var slice = Group.IdxX / lanes;
        var lane = Group.IdxX - (slice * lanes);
        var strips = StripsOf(channels, lanes);
        var piece = strip / strips;
        var ofPiece = strip - (piece * strips);
        var channel = (ofPiece * lanes) + lane;
        return new ElementPlace
        {
            Piece = piece,
            Strip = ofPiece,
            Channel = IntrinsicMath.Min(channel, channels - 1),
            Lane = lane,
            Occupied = (int)IntrinsicMath.Min(lanes, channels - (ofPiece * lanes)),
            Slice = slice,
            IsInside = channel < channels,
        };
    }

    /// <summary>Strips of a piece.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Strips(int channels, int slices) => StripsOf(channels, Group.DimX / slices);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long StripsOf(int channels, int lanes) => (channels + lanes - 1) / lanes;
}
