using MinRnn.Ilgpu.Devices;
using MinRnn.Ilgpu.Kernels;
using MinRnn.Kernels;

namespace MinRnn.Ilgpu.Scans;

/// <summary>Runs a layer's kernels on a device: picks the strategy, and enqueues its launches. Arguments are checked by the caller.</summary>
/// <typeparam name="TForward">The parameter of the kernels that run forward, with ILGPU's views.</typeparam>
/// <typeparam name="TBackward">The parameter of the kernels that run backward, with ILGPU's views.</typeparam>
/// <param name="kernels">The kernels.</param>
/// <param name="shape">What they are specialised on.</param>
/// <param name="lanes">Channels of a streaming thread.</param>
/// <param name="forced">A strategy to take whatever the shape; null to choose. Where it cannot be, the scan streams.</param>
internal sealed class DeviceScan<TForward, TBackward>(
    KernelTable<TForward, TBackward> kernels, ScanShape shape, int lanes, ScanStrategy? forced = null)
    where TForward : struct
    where TBackward : struct
{
    public void Forward<TView, TWork>(ScanQueue<TWork> queue, ForwardArguments<TView, TWork> scan)
        where TView : struct
        where TWork : struct
    {
        if (scan.Window.Batch == 0)
            return;
        lock (queue.Gate)
        {
            var strategy = Choose(queue, scan.Window);
            Cut(queue.Traits, strategy, kernels.TimeParallel?.ForwardSteps ?? 0, ref scan.Window);
            Connect(queue, strategy, scan.Window, ref scan.Work);
            var split = kernels.TimeParallel;
            Run(
                queue, strategy, kernels.Forward, split?.SummarizeForward, split?.CarryForward, split?.ForwardTiled, split?.ForwardChained,
                scan.Window, scan);
        }
    }

    /// <param name="queue">The queue.</param>
    /// <param name="scan">The arguments, without partial sums.</param>
    /// <param name="parameterGradient">[R, H]: written where <paramref name="sum"/> is not null.</param>
    /// <param name="sum">A kernel of <see cref="PartialSum"/> that writes the gradient's elements.</param>
    public void Backward<TView, TWork>(
        ScanQueue<TWork> queue, BackwardArguments<TView, TWork> scan, TView parameterGradient, PartialSum<TView, TWork>? sum)
        where TView : struct
        where TWork : struct
    {
        lock (queue.Gate)
        {
            var rows = shape.Weights + (int)scan.Window.BiasRows;
            var strategy = Choose(queue, scan.Window);
            Cut(queue.Traits, strategy, kernels.TimeParallel?.BackwardSteps ?? 0, ref scan.Window);
            var partials = strategy == ScanStrategy.Tiled ? scan.Window.Batch : scan.Window.Pieces;
            var width = (long)rows * shape.Channels;
            if (sum is not null && partials > 0)
                scan.ParameterPartials = queue.Workspace(WorkspaceUse.Partials, partials * width);
            Connect(queue, strategy, scan.Window, ref scan.Work);
            var split = kernels.TimeParallel;
            Run(
                queue, strategy, kernels.Backward, split?.SummarizeBackward, split?.CarryBackward, split?.BackwardTiled, split?.BackwardChained,
                scan.Window, scan);
            sum?.Enqueue(queue, scan.ParameterPartials, partials, width, parameterGradient);
        }
    }

    /// <summary>Enqueues the kernels of a strategy, those of one direction; only streaming needs no others than the first.</summary>
    private void Run<TArguments, TPassed, TWork>(
        ScanQueue<TWork> queue,
        ScanStrategy strategy,
        Action<TArguments> stream,
        Action<TArguments>? summarize,
        Action<TArguments>? carry,
        Action<TArguments>? tiled,
        Action<TArguments>? chained,
        ScanWindow window,
        TPassed scan)
        where TPassed : struct
        where TWork : struct
    {
        var strips = Strategy.Strips(shape.Channels);
        switch (strategy)
        {
            case ScanStrategy.Tiled:
                queue.Launch(tiled!.Method, window.Batch * strips, Tiles.GroupSize, scan);
                return;
            case ScanStrategy.Chained:
                queue.Launch(chained!.Method, window.Pieces * strips, Tiles.GroupSize, scan);
                return;
            case ScanStrategy.ThreePhase:
                queue.LaunchThreads(summarize!.Method, window.Pieces * shape.Channels, scan);
                queue.Launch(carry!.Method, window.Batch * strips, Tiles.GroupSize, scan);
                break;
        }

        queue.LaunchThreads(stream.Method, window.Pieces * (shape.Channels / lanes), scan);
    }

    private ScanStrategy Choose<TWork>(ScanQueue<TWork> queue, ScanWindow window)
        where TWork : struct
    {
        var canSplit = kernels.TimeParallel is not null && window.Time > 0;
        return forced is { } strategy
            ? canSplit ? strategy : ScanStrategy.Streaming
            : Strategy.Choose(queue.Traits, window.Batch, window.Time, shape.Channels, canSplit);
    }

    /// <summary>Cuts time into the pieces of a strategy.</summary>
    private void Cut(DeviceTraits traits, ScanStrategy strategy, int steps, ref ScanWindow window)
    {
        window.ChunkTime = strategy switch
        {
            ScanStrategy.Streaming => long.Max(1, window.Time),
            ScanStrategy.ThreePhase => forced is null
                ? Strategy.PieceTime(traits, window.Batch, window.Time, shape.Channels)
                : long.Max(1, (window.Time + 2) / 3),
            _ => steps * Tiles.Warps,
        };
        window.Chunks = long.Max(1, (window.Time + window.ChunkTime - 1) / window.ChunkTime);
    }

    /// <summary>
    /// Gives the pieces what they tell each other with. It comes right before the launch: a chained scan counts on from the one
    /// before, and what is counted must be launched.
    /// </summary>
    private void Connect<TWork>(ScanQueue<TWork> queue, ScanStrategy strategy, ScanWindow window, ref ChunkWork<TWork> work)
        where TWork : struct
    {
        if (strategy is ScanStrategy.Streaming or ScanStrategy.Tiled)
            return;

        var isChained = strategy == ScanStrategy.Chained;
        var strips = Strategy.Strips(shape.Channels);
        var slots = isChained ? 1 + (window.Pieces * strips) : window.Pieces;
        var elements = slots * (isChained ? Tiles.Lanes : shape.Channels);
        var transitions = elements * kernels.TimeParallel!.TransitionSize;
        var memory = queue.Workspace(WorkspaceUse.Chunks, transitions + (elements * shape.States));
        work.Transitions = queue.Part(memory, 0, transitions);
        work.States = queue.Part(memory, transitions, elements * shape.States);
        if (!isChained)
            return;
        work.Flags = queue.Workspace(WorkspaceUse.Flags, slots);
        work.FlagAddress = queue.AddressOf(work.Flags);
        (work.Epoch, work.FirstTicket) = queue.Chain.Begin(window.Pieces * strips);
    }
}
