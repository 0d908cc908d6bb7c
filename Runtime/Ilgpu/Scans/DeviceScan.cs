using MinRnn.Ilgpu.Devices;
using MinRnn.Ilgpu.Kernels;
using MinRnn.Kernels;

namespace MinRnn.Ilgpu.Scans;

/// <summary>Which of a scan's gradients the caller wants, of those that take work of their own.</summary>
/// <param name="Parameters">Those of the parameters.</param>
/// <param name="Preactivations">Those of the pre-activations.</param>
internal readonly record struct WantedGradients(bool Parameters, bool Preactivations);

/// <summary>Runs a layer's kernels on a device: picks the strategy, and enqueues its launches. Arguments are checked by the caller.</summary>
/// <typeparam name="TForward">The parameter of the kernels that run forward, with ILGPU's views.</typeparam>
/// <typeparam name="TBackward">The parameter of the kernels that run backward, with ILGPU's views.</typeparam>
/// <param name="batches">The kernels for the rows of a batch.</param>
/// <param name="sequences">The kernels for the segments of sequences.</param>
/// <param name="sums">The kernels that sum partial sums.</param>
/// <param name="shape">What they are specialised on.</param>
/// <param name="isAligned">Whether every buffer is aligned to four elements.</param>
/// <param name="forced">A strategy to take whatever the shape; null to choose. Where a cell does not allow it, the nearest that it does.</param>
internal sealed class DeviceScan<TForward, TBackward>(
    KernelTable<TForward, TBackward> batches, KernelTable<TForward, TBackward> sequences, SumKernels sums, ScanShape shape, bool isAligned,
    ScanStrategy? forced = null)
    where TForward : struct
    where TBackward : struct
{
    private readonly VectorScan? vectors = batches.Slices > 0 ? new(shape, batches.Slices) : null;

    /// <summary>The kernels of one direction of a scan; only streaming needs no others than the first.</summary>
    private readonly record struct Kernels<TArguments>(
        Action<TArguments> Stream,
        Action<TArguments>? Wide,
        Action<TArguments>? Summarize,
        Action<TArguments>? Carry,
        Action<TArguments>? Tiled,
        Action<TArguments>? Chained)
        where TArguments : struct;

    /// <param name="queue">The queue.</param>
    /// <param name="scan">The arguments.</param>
    /// <param name="segments">The sequences that the rows are; null for those of the batch.</param>
    public void Forward<TView, TWork>(ScanQueue<TWork> queue, ForwardArguments<TView, TWork> scan, ScanSequences? segments = null)
        where TView : struct
        where TWork : struct
    {
        if (scan.Window.Batch == 0)
            return;
        lock (queue.Gate)
        {
            var strategy = Cut(queue, segments, batches.TimeParallel?.Tiled?.ForwardSteps ?? 0, ref scan.Window);
            var kernels = Forwards(segments is null ? batches : sequences);
            var hasEmpty = HasEmpty(strategy, segments);
            var table = Describe(queue, segments, hasEmpty ? false : null, ref scan.Window, ref scan.Work);
            var cut = new CutTime(scan.Window, table?.Pieces);
            Connect(queue, strategy, cut, ref scan.Work);
            Run(queue, strategy, kernels, cut, scan);
            if (hasEmpty)
            {
                var empty = Describe(queue, segments, areEmpty: true, ref scan.Window, ref scan.Work);
                Stream(queue, kernels.Stream, new CutTime(scan.Window, empty?.Pieces), scan);
            }
        }
    }

    /// <param name="queue">The queue.</param>
    /// <param name="scan">The arguments, without partial sums.</param>
    /// <param name="parameterGradient">[R, H], as the parameters: written where it is wanted.</param>
    /// <param name="wanted">Which gradients the caller wants.</param>
    /// <param name="segments">The sequences that the rows are; null for those of the batch.</param>
    public void Backward<TView, TWork>(
        ScanQueue<TWork> queue, BackwardArguments<TView, TWork> scan, TView parameterGradient, WantedGradients wanted,
        ScanSequences? segments = null)
        where TView : struct
        where TWork : struct
    {
        lock (queue.Gate)
        {
            var sum = new PartialSum<TView, TWork>(sums);
            var rows = segments?.Rows ?? (scan.Window.Batch * scan.Window.Time);
            var strategy = Cut(queue, segments, batches.TimeParallel?.Tiled?.BackwardSteps ?? 0, ref scan.Window);
            var kernels = Backwards(segments is null ? batches : sequences);
            var hasEmpty = HasEmpty(strategy, segments);
            var table = Describe(queue, segments, hasEmpty ? false : null, ref scan.Window, ref scan.Work);
            var cut = new CutTime(scan.Window, table?.Pieces);
            var partials = strategy == ScanStrategy.Tiled ? cut.Rows : cut.Pieces;
            var width = ((shape.Weights + scan.Window.BiasRows) * shape.Channels) + scan.Window.SharedBiases;
            if (wanted.Parameters && partials > 0)
                scan.ParameterPartials = queue.Workspace(WorkspaceUse.Partials, partials * width);
            Connect(queue, strategy, cut, ref scan.Work);
            vectors?.Connect(queue, cut.Pieces, rows, segments is { IsPadded: true }, wanted, ref scan);
            Run(queue, strategy, kernels, cut, scan);
            if (wanted.Parameters)
                sum.Enqueue(queue, scan.ParameterPartials, partials, width, parameterGradient, SumTarget.From(0));
            vectors?.Sum(queue, cut.Pieces, wanted, sum, scan, parameterGradient);
            if (hasEmpty)
            {
                var empty = Describe(queue, segments, areEmpty: true, ref scan.Window, ref scan.Work);
                scan.ParameterPartials = default;
                Stream(queue, kernels.Stream, new CutTime(scan.Window, empty?.Pieces), scan);
            }
        }
    }

    private static Kernels<TForward> Forwards(KernelTable<TForward, TBackward> table)
    {
        var split = table.TimeParallel;
        return new(table.Forward, table.Wide?.ForwardWide, split?.SummarizeForward, split?.CarryForward, split?.Tiled?.ForwardTiled, split?.Tiled?.ForwardChained);
    }

    private static Kernels<TBackward> Backwards(KernelTable<TForward, TBackward> table)
    {
        var split = table.TimeParallel;
        return new(table.Backward, table.Wide?.BackwardWide, split?.SummarizeBackward, split?.CarryBackward, split?.Tiled?.BackwardTiled, split?.Tiled?.BackwardChained);
    }

    /// <summary>Enqueues the kernels of a strategy.</summary>
    private void Run<TArguments, TPassed, TWork>(
        ScanQueue<TWork> queue, ScanStrategy strategy, Kernels<TArguments> kernels, CutTime cut, TPassed scan)
        where TArguments : struct
        where TPassed : struct
        where TWork : struct
    {
        var strips = Strategy.Strips(shape.Channels);
        switch (strategy)
        {
            case ScanStrategy.Wide:
                queue.LaunchThreads(kernels.Wide!.Method, cut.Pieces * (shape.Channels / Strategy.QuadLanes), scan);
                return;
            case ScanStrategy.Tiled:
                queue.Launch(kernels.Tiled!.Method, cut.Rows * strips, Tiles.GroupSize, scan);
                return;
            case ScanStrategy.Chained:
                queue.Launch(kernels.Chained!.Method, Strategy.ChainGroups(queue.Traits, cut.Pieces * strips), Tiles.GroupSize, scan);
                return;
            case ScanStrategy.ThreePhase:
                Stream(queue, kernels.Summarize!, cut, scan);
                queue.Launch(kernels.Carry!.Method, cut.Rows * Strategy.Strips(shape.StateWidth), Tiles.GroupSize, scan);
                break;
        }

        Stream(queue, kernels.Stream, cut, scan);
    }

    /// <summary>Enqueues a kernel whose threads walk pieces of time.</summary>
    private void Stream<TArguments, TPassed, TWork>(ScanQueue<TWork> queue, Action<TArguments> kernel, CutTime cut, TPassed scan)
        where TArguments : struct
        where TPassed : struct
        where TWork : struct
    {
        if (vectors is null)
            queue.LaunchThreads(kernel.Method, cut.Pieces * shape.Channels, scan);
        else if (kernel is Action<TForward>)
            vectors.Forward(queue, kernel, cut.Pieces, scan);
        else
            vectors.Backward(queue, kernel, cut.Pieces, scan);
    }

    /// <summary>Chooses the strategy, and cuts time into its pieces.</summary>
    private ScanStrategy Cut<TWork>(ScanQueue<TWork> queue, ScanSequences? segments, int steps, ref ScanWindow window)
        where TWork : struct
    {
        // Segments are as many rows as their longest leaves to fill.
        var (batch, time) = segments is null ? (window.Batch, window.Time) : (segments.Steps / long.Max(1, segments.Longest), segments.Longest);
        var canSplit = batches.TimeParallel is not null && time > 0;
        var canChain = batches.TimeParallel?.Tiled?.ForwardChained is not null;
        var hasQuads = isAligned && batches.Wide is not null;
        var strategy = forced switch
        {
            null when vectors is not null => vectors.Choose(queue.Traits, batch, time, canSplit),
            null => Strategy.Choose(
                queue.Traits with { HasChaining = canChain && queue.Traits.HasChaining }, batch, time, shape.Channels, canSplit, hasQuads),
            ScanStrategy.Wide when hasQuads => ScanStrategy.Wide,
            ScanStrategy.Wide => ScanStrategy.Streaming,
            _ when !canSplit => ScanStrategy.Streaming,
            ScanStrategy.Tiled or ScanStrategy.Chained when batches.TimeParallel!.Tiled is null => ScanStrategy.ThreePhase,
            ScanStrategy.Chained when !canChain => ScanStrategy.Tiled,
            { } wanted => wanted,
        };
        window.Time = time;
        window.ChunkTime = strategy switch
        {
            ScanStrategy.Streaming or ScanStrategy.Wide => long.Max(1, time),
            ScanStrategy.ThreePhase => PieceTime(queue.Traits, batch, time),
            _ => steps * Tiles.Warps,
        };
        window.Chunks = long.Max(1, (time + window.ChunkTime - 1) / window.ChunkTime);
        return strategy;
    }

    /// <summary>Steps of a piece; where the strategy is forced, there are three pieces at least.</summary>
    private long PieceTime(DeviceTraits traits, long batch, long time)
    {
        var chosen = vectors?.PieceTime(traits, batch, time) ?? Strategy.PieceTime(traits, batch, time, shape.Channels);
        var steps = forced is null ? chosen : long.Clamp((time + 2) / 3, 1, chosen);

        // A piece begins with states that are kept.
        return (steps + shape.CheckpointSteps - 1) / shape.CheckpointSteps * shape.CheckpointSteps;
    }

    /// <summary>Gives kernels a table of the segments, where the rows are not those of a batch.</summary>
    private static HeldTable<TWork>? Describe<TWork>(
        ScanQueue<TWork> queue, ScanSequences? segments, bool? areEmpty, ref ScanWindow window, ref ChunkWork<TWork> work)
        where TWork : struct
    {
        if (segments is null)
            return null;
        var table = queue.Table(new TableKey(segments, IsReversed: window.Direction < 0, window.ChunkTime, areEmpty));
        (window.Batch, window.Chunks) = (table.Rows, table.Pieces);
        work = new ChunkWork<TWork> { Sequences = table.Numbers };
        return table;
    }

    /// <summary>Tiles are of segments with some step: the others need no more than their state handed on.</summary>
    private static bool HasEmpty(ScanStrategy strategy, ScanSequences? segments)
    {
        if (segments is null || strategy is not (ScanStrategy.Tiled or ScanStrategy.Chained))
            return false;
        foreach (var segment in segments.Segments)
        {
            if (segment.Steps == 0)
                return true;
        }

        return false;
    }

    /// <summary>
    /// Gives the pieces what they tell each other with. It comes right before the launch: a chained scan counts on from the one
    /// before, and what is counted must be launched.
    /// </summary>
    private void Connect<TWork>(ScanQueue<TWork> queue, ScanStrategy strategy, CutTime cut, ref ChunkWork<TWork> work)
        where TWork : struct
    {
        if (strategy is not (ScanStrategy.ThreePhase or ScanStrategy.Chained))
            return;

        var numbers = batches.TimeParallel!.TransitionSize;
        if (strategy == ScanStrategy.ThreePhase)
        {
            var (transitions, states) = (cut.Pieces * shape.StateWidth * numbers, cut.Pieces * shape.Channels * shape.States);

            // Up to four states lie as one vector, which must be aligned.
            var first = (transitions + 3) / 4 * 4;
            var memory = queue.Workspace(WorkspaceUse.Chunks, first + states);
            work.Transitions = queue.Part(memory, 0, transitions);
            work.States = queue.Part(memory, first, states);
            return;
        }

        // A slot for the ticket, then one for each tile; a number takes twice its bytes.
        var tiles = cut.Pieces * Strategy.Strips(shape.Channels);
        work.Published = queue.Workspace(WorkspaceUse.Chain, (1 + tiles) * Tiles.Lanes * (numbers + shape.States) * 2);
        work.PublishedAddress = queue.AddressOf(work.Published);

        // Each group ends with a ticket past the last tile.
        (work.Epoch, work.FirstTicket) = queue.Chain.Begin(tiles + Strategy.ChainGroups(queue.Traits, tiles));
    }

    /// <summary>Rows, and the pieces of time of all of them.</summary>
    private readonly record struct CutTime(long Rows, long Pieces)
    {
        public CutTime(ScanWindow window, long? pieces)
            : this(window.Batch, pieces ?? window.Pieces)
        {
        }
    }
}
