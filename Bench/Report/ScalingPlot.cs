using System.Globalization;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace MinRnn.Bench.Report;

/// <summary>The time of a training step over the length of the sequence, both axes logarithmic.</summary>
internal static class ScalingPlot
{
    public static void Save(string path, string machine, IReadOnlyDictionary<string, List<(int Time, double Seconds)>> lines)
    {
        using var plot = new Plot();
        Color[] colors = [Colors.C3, Colors.Gray, Colors.C0, Colors.C4, Colors.C2, Colors.C1];
        var next = 0;
        foreach (var (name, points) in lines)
        {
            double[] x = [.. points.Select(point => Math.Log2(point.Time))];
            double[] y = [.. points.Select(point => Math.Log10(point.Seconds * 1000))];
            var line = plot.Add.Scatter(x, y, colors[next % colors.Length]);
            line.LegendText = name;
            line.LineWidth = next == 0 ? 4 : 2;
            line.MarkerSize = next == 0 ? 10 : 7;
            line.LinePattern = name == "its linear map" ? LinePattern.Dashed : LinePattern.Solid;
            next++;
        }

        var all = lines.Values.SelectMany(points => points).ToArray();
        var low = Math.Floor(Math.Log10(all.Min(point => point.Seconds) * 1000));
        var high = Math.Ceiling(Math.Log10(all.Max(point => point.Seconds) * 1000));
        plot.Axes.SetLimits(Math.Log2(all.Min(point => point.Time)) - 0.2, Math.Log2(all.Max(point => point.Time)) + 0.2, low, high);
        plot.Axes.Bottom.TickGenerator = new NumericManual([.. all.Select(point => point.Time).Distinct().Order()
            .Select(time => new Tick(Math.Log2(time), time.ToString("#,0", CultureInfo.InvariantCulture)))]);
        plot.Axes.Left.TickGenerator = new NumericManual([.. DecimalTicks((int)low, (int)high)]);
        plot.Title($"Training step of a layer, batch {Setting.Narrow.Batch}, width {Setting.Narrow.Width}\n{machine}", 16);
        plot.XLabel("time steps");
        plot.YLabel("milliseconds");
        plot.ShowLegend(Edge.Right);
        plot.SavePng(path, 1100, 620);
    }

    private static IEnumerable<Tick> DecimalTicks(int low, int high)
    {
        for (var power = low; power <= high; power++)
        {
            yield return new Tick(power, Math.Pow(10, power).ToString("#,0.###", CultureInfo.InvariantCulture));
            for (var digit = 2; digit < 10 && power < high; digit++)
                yield return new Tick(power + Math.Log10(digit), "", isMajor: false);
        }
    }
}
