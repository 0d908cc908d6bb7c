using System.Diagnostics;
using System.Globalization;
using MinRnn.Ilgpu.Cuda;
using MinRnn.Ilgpu.Scans;
using MinRnn.Kernels;

namespace MinRnn.Bench.Device;

/// <summary>The time of scans beside that of copies of the same bytes, in rounds that take turns.</summary>
internal static class TimeCommand
{
    private const int Rounds = 5;
    private const int MostRepetitions = 5000;
    private const double BatchSeconds = 0.05;

    /// <summary>A launch beyond this is timed in fewer rounds.</summary>
    private const double LongLaunch = 0.25;

    private const int LongRounds = 2;

    private static readonly (long Batch, long Time, int Channels)[] Sizes =
        [(64, 512, 1024), (8, 4096, 1024), (1, 65536, 1024), (1, 1048576, 64), (512, 128, 64)];

    /// <summary>Times every case and writes the table, anew after each group of rows so that a run cut short leaves what it has.</summary>
    public static void Run(CudaDevice device, string path, Action<string> write)
    {
        using var context = device.Enter();
        var lines = new List<string>
        {
            $"{device.Name}, {DateTime.UtcNow:yyyy-MM-dd}: scans alone on pre-activations in device memory, host clock around batches of launches " +
            $"that end in a synchronisation, medians of {Rounds} rounds ({LongRounds} where a launch takes over {LongLaunch} s), rounds interleaved with copies.",
            "",
            "GB/s counts each pre-activation, output and gradient once: P + 1 elements a channel and step forward, 2 P + 2 backward (3 and 6 for " +
            "minGRU, 4 and 8 for minLSTM). The copy reads and writes as many bytes within the device. Spread is the slowest round over the fastest.",
            "",
            "| Layer | B | T | H | Elements | Scan | Strategy | Time, µs | Spread | GB/s | Copy, GB/s | Of copy |",
            "|---|---:|---:|---:|---|---|---|---:|---:|---:|---:|---:|",
        };
        foreach (var (batch, time, channels) in Sizes)
        {
            foreach (var (layer, element) in Cases(channels))
            {
                try
                {
                    lines.AddRange(Rows(device, CheckCommand.Describe(layer), element, batch, time));
                }
                catch (CudaException failure) when (failure.Message.Contains("OUT_OF_MEMORY", StringComparison.Ordinal))
                {
                    lines.Add($"| {layer.Name} | {batch} | {time} | {channels} | {element} | out of memory | | | | | | |");
                }

                File.WriteAllLines(path, lines);
                write($"{layer.Name} {element} B={batch} T={time} H={channels}: done.");
            }
        }
    }

    private static IEnumerable<(Type Layer, ElementType Element)> Cases(int channels)
    {
        var isWide = channels > 64;
        foreach (var element in Elements.All)
            yield return (isWide ? typeof(MinGru1024) : typeof(MinGru64), element);
        yield return (isWide ? typeof(LogMinGru1024) : typeof(LogMinGru64), ElementType.Single);
        yield return (isWide ? typeof(MinLstm1024) : typeof(MinLstm64), ElementType.Single);
    }

    private static List<string> Rows(CudaDevice device, LayerDescription layer, ElementType element, long batch, long time)
    {
        var shape = layer.Kernels.Shape;
        using var scan = new TimedScan(device, shape, element, batch, time);
        var chosen = Strategy.Choose(device.Traits, batch, time, shape.Channels, isTimeParallel: true);
        var strategies = Enum.GetValues<ScanStrategy>().Select(strategy => (Name: strategy.ToString(), Strategy: (ScanStrategy?)strategy))
            .Append((Name: $"chosen ({chosen})", Strategy: null));
        var entries = new List<Entry>
        {
            new(device, "copy forward", "", scan.ForwardBytes, () => scan.Copy(scan.ForwardBytes)),
            new(device, "copy backward", "", scan.BackwardBytes, () => scan.Copy(scan.BackwardBytes)),
        };
        foreach (var (name, strategy) in strategies)
        {
            var kernels = CheckCommand.On(layer, device, element, strategy);
            entries.Add(new(device, "forward", name, scan.ForwardBytes, () => scan.Forward(kernels)));
            entries.Add(new(device, "backward", name, scan.BackwardBytes, () => scan.Backward(kernels)));
        }

        // The outputs of every set are there before a backward reads them.
        var filling = CheckCommand.On(layer, device, element, null);
        for (var set = 0; set < scan.Sets; set++)
            scan.Forward(filling);
        foreach (var entry in entries)
            entry.Prepare();
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var entry in entries)
                entry.Round(round);
        }

        var (copyForward, copyBackward) = (entries[0].Rate, entries[1].Rate);
        return [.. entries.Skip(2).Select(entry =>
        {
            var copy = entry.Scan == "forward" ? copyForward : copyBackward;
            return string.Create(
                CultureInfo.InvariantCulture,
                $"| {layer.Name} | {batch} | {time} | {shape.Channels} | {element} | {entry.Scan} | {entry.Strategy} | {entry.Seconds * 1e6:f1} | " +
                $"{entry.Spread:f2} | {entry.Rate:f0} | {copy:f0} | {entry.Rate / copy:p0} |");
        })];
    }

    /// <summary>What is timed, and its times.</summary>
    private sealed class Entry(CudaDevice device, string scan, string strategy, long bytes, Action launch)
    {
        private readonly List<double> seconds = [];
        private int repetitions = 1;
        private double single;

        public string Scan => scan;

        public string Strategy => strategy;

        public double Seconds => seconds.Order().ElementAt(seconds.Count / 2);

        public double Spread => seconds.Max() / seconds.Min();

        /// <summary>Bytes in nanoseconds, GB/s.</summary>
        public double Rate => bytes / Seconds / 1e9;

        /// <summary>Warms up and finds how many launches fill a batch.</summary>
        public void Prepare()
        {
            Batch();
            single = Batch();
            for (; single * repetitions < BatchSeconds && repetitions < MostRepetitions; single = Batch())
                repetitions = (int)Math.Clamp(Math.Ceiling(BatchSeconds / single), repetitions * 2, MostRepetitions);
        }

        public void Round(int round)
        {
            if (round < LongRounds || single < LongLaunch)
                seconds.Add(Batch());
        }

        // Seconds of one launch.
        private double Batch()
        {
            device.Check(device.Driver.ContextSynchronize(), "cuCtxSynchronize");
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < repetitions; i++)
                launch();
            device.Check(device.Driver.ContextSynchronize(), "cuCtxSynchronize");
            return Stopwatch.GetElapsedTime(start).TotalSeconds / repetitions;
        }
    }
}
