namespace MinRnn.Bench.Device;

/// <summary>The time of one layer by one strategy, forward and backward, in turn with copies of as many bytes.</summary>
internal static class TimeCase
{
    public static CaseResult Run(BenchDevice device, Case item, TimeSettings settings)
    {
        var layer = LayerCatalog.KernelsOf(item.Layer);
        var kernels = layer.On(device.Cuda, item.Element, item.Strategy);
        using var scan = new TimedScan(device, layer.Shape, item.Element, item.Batch, item.Time, settings.Uncached);
        TimedAction Timed(Action launch) => new(settings, launch, device.Wait);
        TimedAction forward = Timed(() => scan.Forward(kernels)), backward = Timed(() => scan.Backward(kernels)),
            copyForward = Timed(() => scan.Copy(scan.ForwardBytes)), copyBackward = Timed(() => scan.Copy(scan.BackwardBytes));

        // The outputs of every set are there before a backward reads them.
        for (var set = 0; set < scan.Sets; set++)
            scan.Forward(kernels);
        TimedAction.InTurn(settings.Rounds, copyForward, forward, copyBackward, backward);

        return new CaseResult(
            item.ToString(),
            Outcome.Good,
            Forward: new ScanTime(forward.Seconds, forward.Spread, scan.ForwardBytes, copyForward.Seconds, copyForward.Spread),
            Backward: new ScanTime(backward.Seconds, backward.Spread, scan.BackwardBytes, copyBackward.Seconds, copyBackward.Spread));
    }
}
