using ScottPlot;

namespace MinRnn.Samples.Common;

/// <summary>A run's losses and held-out accuracy over its steps, as a PNG.</summary>
public static class TrainingPlot
{
    /// <summary>Draws a history into a file; a history without points draws nothing.</summary>
    /// <returns>Whether there was something to draw.</returns>
    public static bool Save(string path, string title, IReadOnlyList<HistoryPoint> history)
    {
        if (history.Count == 0)
            return false;

        using var plot = new Plot();
        double[] steps = [.. history.Select(point => (double)point.Step)];
        Add(plot, steps, history.Select(point => point.Training.Loss), "training loss", Colors.C0);
        Add(plot, steps, history.Select(point => point.HeldOut.Loss), "held-out loss", Colors.C1);
        var accuracy = Add(plot, steps, history.Select(point => point.HeldOut.Accuracy * 100), "held-out accuracy", Colors.C2);
        accuracy.Axes.YAxis = plot.Axes.Right;
        accuracy.LinePattern = LinePattern.Dashed;

        plot.Title(title);
        plot.XLabel("step");
        plot.YLabel("loss (nats)");
        plot.Axes.Right.Label.Text = "accuracy (%)";
        plot.Axes.AutoScale();
        plot.Axes.SetLimitsY(0, history.Max(point => Math.Max(point.Training.Loss, point.HeldOut.Loss)) * 1.05);
        plot.Axes.Right.Range.Set(0, 102);
        plot.ShowLegend(Alignment.MiddleRight);
        plot.SavePng(path, 960, 540);
        return true;
    }

    private static ScottPlot.Plottables.Scatter Add(
        Plot plot, double[] steps, IEnumerable<double> values, string name, Color color)
    {
        var line = plot.Add.ScatterLine(steps, [.. values], color);
        line.LegendText = name;
        line.LineWidth = 2;
        return line;
    }
}
