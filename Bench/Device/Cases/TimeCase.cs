using System.Diagnostics;

namespace MinRnn.Bench.Device;

/// <summary>How long to measure.</summary>
/// <param name="Rounds">Rounds of every action, in turn.</param>
/// <param name="BatchSeconds">How long the launches of a round take together, at least.</param>
/// <param name="Uncached">Bytes that the sets of buffers have together, at least, to keep the device's cache from helping.</param>
internal sealed record TimeSettings(int Rounds, double BatchSeconds, long Uncached)
{
    /// <summary>What figures are made with.</summary>
    public static TimeSettings Full { get; } = new(5, 0.02, 256L << 20);
}

/// <summary>The time of one layer by one strategy, forward and backward, in turn with copies of as many bytes.</summary>
internal static class TimeCase
{
    private const int MostRepetitions = 5000;

    /// <summary>A launch beyond this is timed in fewer rounds.</summary>
    private const double LongLaunch = 0.25;

    private const int LongRounds = 2;

    public static CaseResult Run(BenchDevice device, Case item, TimeSettings settings)
    {
        var layer = LayerCatalog.KernelsOf(item.Layer);
        var kernels = layer.On(device.Cuda, item.Element, item.Strategy);
        using var scan = new TimedScan(device, layer.Shape, item.Element, item.Batch, item.Time, settings.Uncached);
        Entry forward = new(device, settings, () => scan.Forward(kernels)), backward = new(device, settings, () => scan.Backward(kernels)),
            copyForward = new(device, settings, () => scan.Copy(scan.ForwardBytes)), copyBackward = new(device, settings, () => scan.Copy(scan.BackwardBytes));
        Entry[] entries = [copyForward, forward, copyBackward, backward];

        // The outputs of every set are there before a backward reads them.
        for (var set = 0; set < scan.Sets; set++)
            scan.Forward(kernels);
        foreach (var entry in entries)
            entry.Prepare();
        for (var round = 0; round < settings.Rounds; round++)
        {
            foreach (var entry in entries)
                entry.Round(round);
        }

        return new CaseResult(
            item.ToString(),
            Outcome.Good,
            Forward: new ScanTime(forward.Seconds, forward.Spread, scan.ForwardBytes, copyForward.Seconds, copyForward.Spread),
            Backward: new ScanTime(backward.Seconds, backward.Spread, scan.BackwardBytes, copyBackward.Seconds, copyBackward.Spread));
    }

    /// <summary>What is timed, by the host's clock around batches of launches that end in a synchronisation, and its times.</summary>
    private sealed class Entry(BenchDevice device, TimeSettings settings, Action launch)
    {
        private readonly List<double> seconds = [];
        private int repetitions = 1;
        private double single;

        public double Seconds => seconds.Order().ElementAt(seconds.Count / 2);

        public double Spread => seconds.Max() / seconds.Min();

        /// <summary>Warms up and finds how many launches fill a batch.</summary>
        public void Prepare()
        {
            Batch();
            single = Batch();
            for (; single * repetitions < settings.BatchSeconds && repetitions < MostRepetitions; single = Batch())
                repetitions = (int)Math.Clamp(Math.Ceiling(settings.BatchSeconds / single), repetitions * 2, MostRepetitions);
        }

        public void Round(int round)
        {
            if (round < LongRounds || single < LongLaunch)
                seconds.Add(Batch());
        }

        // Seconds of one launch.
        private double Batch()
        {
            device.Wait();
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < repetitions; i++)
                launch();
            device.Wait();
            return Stopwatch.GetElapsedTime(start).TotalSeconds / repetitions;
        }
    }
}
