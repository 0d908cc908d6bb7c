using System.Diagnostics;
using System.Globalization;

namespace MinRnn.Bench.Measuring;

/// <summary>How much of the processor other processes take while this one measures, where the system tells.</summary>
internal sealed class OutsideWork
{
    private const double TicksPerSecond = 100;

    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly double _busy = BusySeconds();
    private readonly double _own = OwnSeconds();

    /// <summary>The share of all cores since this was made; null where it is not known.</summary>
    public double? Share => double.IsNaN(_busy)
        ? null
        : Math.Max(0, (BusySeconds() - _busy - (OwnSeconds() - _own))
            / (Stopwatch.GetElapsedTime(_started).TotalSeconds * Environment.ProcessorCount));

    private static double OwnSeconds() => Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds;

    // The first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal.
    private static double BusySeconds()
    {
        if (!File.Exists("/proc/stat"))
            return double.NaN;
        long[] ticks = [.. File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Skip(1).Take(8).Select(field => long.Parse(field, CultureInfo.InvariantCulture))];
        return (ticks.Sum() - ticks[3] - ticks[4]) / TicksPerSecond;
    }
}
