using MinRnn.Ilgpu.Devices;
using MinRnn.Ilgpu.Kernels;

namespace MinRnn.Ilgpu.Scans;

/// <summary>How a scan is spread over a device.</summary>
public enum ScanStrategy
{
    /// <summary>A thread walks all steps of a channel.</summary>
    Streaming,

    /// <summary>A thread walks all steps of four neighbouring channels, in fewer instructions.</summary>
    Wide,

    /// <summary>A group walks the tiles of a strip of channels; its warps share each tile's time.</summary>
    Tiled,

    /// <summary>Time is cut into pieces: their transitions, then the states between them, then all steps.</summary>
    ThreePhase,

    /// <summary>Groups take tile after tile, and look back for the state before each: one pass.</summary>
    Chained,
}

/// <summary>The choice of a strategy: it follows from the shape and the device alone.</summary>
internal static class Strategy
{
    /// <summary>Steps of a piece below which its own state costs more than the parallelism brings.</summary>
    public const int ShortestPiece = 64;

    /// <summary>Channels of a thread of <see cref="ScanStrategy.Wide"/>.</summary>
    public const int QuadLanes = 4;

    /// <summary>Steps below which a group would walk tiles that it does not fill.</summary>
    private const int ShortestWalk = 1024;

    /// <summary>Groups that a multiprocessor holds at once.</summary>
    private const int GroupsOfProcessor = 2;

    /// <summary>How full the waves of groups are at which the walk of a strip, which needs nothing of other groups, is the fastest.</summary>
    private const double FullWave = 0.9;

    /// <summary>Pieces of a row, at most: the states between them are found one group a strip.</summary>
    private const int MostPieces = 2048;

    /// <param name="traits">The device.</param>
    /// <param name="batch">Rows of the batch, B.</param>
    /// <param name="time">Time steps, T.</param>
    /// <param name="channels">Channels of the recurrence, H.</param>
    /// <param name="isTimeParallel">Whether the step allows time to be split.</param>
    /// <param name="hasQuads">Whether memory and rows divide into fours of channels.</param>
    public static ScanStrategy Choose(DeviceTraits traits, long batch, long time, int channels, bool isTimeParallel, bool hasQuads)
    {
        if (hasQuads && Fills(traits, batch * channels / QuadLanes))
            return ScanStrategy.Wide;
        if (!isTimeParallel || Fills(traits, batch * channels) || time < 2 * ShortestPiece || traits.MaxGroupSize < Tiles.GroupSize)
            return ScanStrategy.Streaming;
        var canTile = time >= ShortestWalk;
        var waves = (double)batch * Strips(channels) / (GroupsOfProcessor * traits.Processors);
        if (traits.HasChaining)
            return canTile && waves >= FullWave * Math.Ceiling(waves) ? ScanStrategy.Tiled : ScanStrategy.Chained;
        return canTile && waves >= 1 ? ScanStrategy.Tiled : ScanStrategy.ThreePhase;
    }

    /// <summary>Whether streaming threads keep a device's memory busy.</summary>
    public static bool Fills(DeviceTraits traits, long threads) => threads >= (long)traits.Processors * traits.StreamingThreads;

    /// <summary>Strips of a row.</summary>
    public static int Strips(int channels) => (channels + Tiles.Lanes - 1) / Tiles.Lanes;

    /// <summary>Groups that take the tiles of a chained scan: as many as the device holds at once.</summary>
    public static long ChainGroups(DeviceTraits traits, long tiles) => long.Min(tiles, GroupsOfProcessor * traits.Processors);

    /// <summary>Steps of a piece of the scan in three phases: as many pieces as fill the device, none too short.</summary>
    public static long PieceTime(DeviceTraits traits, long batch, long time, int channels) =>
        PieceTime(traits.Lanes / long.Max(1, batch * channels), time);

    /// <summary>Steps of a piece, for as many pieces as are wanted of a row.</summary>
    public static long PieceTime(long wanted, long time)
    {
        wanted = long.Clamp(wanted, 2, MostPieces);
        return long.Max(ShortestPiece, (time + wanted - 1) / wanted);
    }
}
