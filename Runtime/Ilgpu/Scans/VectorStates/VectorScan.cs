using MinRnn.Ilgpu.Devices;
using MinRnn.Ilgpu.Kernels;
using MinRnn.Kernels;

namespace MinRnn.Ilgpu.Scans;

/// <summary>
/// The launches of a layer with vector states, and what its adjoint works with. A group takes a strip of channels; forward each strip
/// has a group, backward no more groups than the device keeps busy take the strips in turn, so that the states which they recompute
/// stay in its cache.
/// </summary>
/// <param name="shape">What the kernels are specialised on.</param>
/// <param name="slices">Threads that share the elements of a channel's states.</param>
internal sealed class VectorScan(ScanShape shape, int slices)
{
    /// <summary>
    /// Warps that keep a multiprocessor busy. Few are enough, because a thread's elements are independent of each other; its registers leave room
    /// for no more. Backward launches have no more, and time is split for as many.
    /// </summary>
    private const int WarpsOfProcessor = 12;

    /// <summary>How the scan is spread: time is split where the strips of channels would leave half of the device idle, or more.</summary>
    /// <param name="traits">The device.</param>
    /// <param name="batch">Rows of the batch, B.</param>
    /// <param name="time">Time steps, T.</param>
    /// <param name="canSplit">Whether the step allows time to be split.</param>
    public ScanStrategy Choose(DeviceTraits traits, long batch, long time, bool canSplit) =>
        canSplit && 2 * batch * Strips(traits) <= FullGroups(traits) && time >= 2 * Strategy.ShortestPiece && traits.MaxGroupSize >= Tiles.GroupSize
            ? ScanStrategy.ThreePhase
            : ScanStrategy.Streaming;

    /// <summary>Steps of a piece of time: as many pieces as keep the device busy.</summary>
    public long PieceTime(DeviceTraits traits, long batch, long time) =>
        Strategy.PieceTime(FullGroups(traits) / long.Max(1, batch * Strips(traits)), time);

    /// <summary>Enqueues a kernel that runs forward.</summary>
    public void Forward<TArguments, TWork>(ScanQueue<TWork> queue, Delegate kernel, long pieces, TArguments arguments)
        where TArguments : struct
        where TWork : struct => queue.Launch(kernel.Method, pieces * Strips(queue.Traits), GroupSize(queue.Traits), arguments);

    /// <summary>Enqueues a kernel that runs backward, connected before.</summary>
    public void Backward<TArguments, TWork>(ScanQueue<TWork> queue, Delegate kernel, long pieces, TArguments arguments)
        where TArguments : struct
        where TWork : struct => queue.Launch(kernel.Method, Groups(queue.Traits, pieces), GroupSize(queue.Traits), arguments);

    /// <summary>Gives an adjoint the workspace that it needs.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="pieces">Pieces of time of all rows.</param>
    /// <param name="rows">Rows of the tensors over time.</param>
    /// <param name="hasPadding">Whether some of them are of no sequence.</param>
    /// <param name="wanted">Which gradients the caller wants.</param>
    /// <param name="scan">The arguments.</param>
    public void Connect<TView, TWork>(
        ScanQueue<TWork> queue, long pieces, long rows, bool hasPadding, WantedGradients wanted, ref BackwardArguments<TView, TWork> scan)
        where TView : struct
        where TWork : struct
    {
        var states = Groups(queue.Traits, pieces) * Staging.Steps * shape.States * Tiles.Lanes;
        scan.Vectors = new VectorWork<TWork> { Rows = rows, States = queue.Workspace(WorkspaceUse.SpanStates, states) };
        if (!wanted.Preactivations)
            return;
        var strips = Strips(queue.Traits);
        scan.Vectors.SharedGradients = queue.Workspace(WorkspaceUse.SharedGradients, strips * rows * shape.Shared);
        if (hasPadding)
            queue.Clear(scan.Vectors.SharedGradients);
        if (wanted.Parameters)
            scan.Vectors.SharedSums = queue.Workspace(WorkspaceUse.SharedSums, pieces * strips * scan.Window.SharedBiases);
    }

    /// <summary>Sums what the strips of channels gave for what they share.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="pieces">Pieces of time of all rows.</param>
    /// <param name="wanted">Which gradients the caller wants.</param>
    /// <param name="sum">The sum.</param>
    /// <param name="scan">The arguments.</param>
    /// <param name="parameterGradient">The gradient of the parameters.</param>
    public void Sum<TView, TWork>(
        ScanQueue<TWork> queue, long pieces, WantedGradients wanted, PartialSum<TView, TWork> sum, BackwardArguments<TView, TWork> scan,
        TView parameterGradient)
        where TView : struct
        where TWork : struct
    {
        if (!wanted.Preactivations)
            return;
        var (strips, first) = (Strips(queue.Traits), (long)shape.Projections * shape.Channels);
        sum.Enqueue(
            queue, scan.Vectors.SharedGradients, strips, scan.Vectors.Rows * shape.Shared, scan.PreactivationGradient,
            new SumTarget(first, shape.Shared, shape.PreactivationWidth), WorkspaceUse.SharedGradients);
        if (wanted.Parameters)
        {
            sum.Enqueue(
                queue, scan.Vectors.SharedSums, pieces * strips, scan.Window.SharedBiases, parameterGradient, SumTarget.From(first),
                WorkspaceUse.SharedSums);
        }
    }

    private int GroupSize(DeviceTraits traits) => Lanes(traits) * slices;

    private long Strips(DeviceTraits traits) => (shape.Channels + Lanes(traits) - 1) / Lanes(traits);

    /// <summary>Groups of a backward scan, each with as many strips as the others, or one less.</summary>
    private long Groups(DeviceTraits traits, long pieces)
    {
        var (strips, full) = (pieces * Strips(traits), FullGroups(traits));
        var rounds = long.Max(1, (strips + full - 1) / full);
        return (strips + rounds - 1) / rounds;
    }

    /// <summary>Groups that keep a device busy; a processor's vectors have fewer lanes than a warp.</summary>
    private long FullGroups(DeviceTraits traits) =>
        traits.Processors * (long)int.Max(1, int.Min(WarpsOfProcessor, traits.StreamingThreads / Tiles.Lanes) / slices);

    /// <summary>Channels of a strip: a warp's lanes, where the device has groups as large.</summary>
    private int Lanes(DeviceTraits traits) => int.Min(Tiles.Lanes, traits.MaxGroupSize / slices) is > 0 and var lanes
        ? lanes
        : throw new NotSupportedException($"{traits.Name} runs groups of at most {traits.MaxGroupSize} threads; this layer needs {slices} at least.");
}
