using MinRnn.Bench.Measuring;
using MinRnn.Bench.Peers;
using MinRnn.Kernels;
using static TorchSharp.torch;

namespace MinRnn.Bench.Report;

/// <summary>Where the time of a layer's training step goes.</summary>
internal static class BreakdownSection
{
    public static ReportTable Measure(ReportContext context)
    {
        var table = new ReportTable(
            "Where a layer's step spends its time", "layer", "step ms", "scan forward ms", "scan backward ms", "the rest ms",
            "bare linear map ms", "forward alone ms", "backward alone ms");
        table.Note(
            "The kernels inside a real step, between matrix products, beside the same kernels called by themselves in a row on buffers "
            + "that stay. The rest is matrix products, allocation and autograd; a bare linear map, without bias, is what it would be at the least.");
        Row(context, table, "MinGru", Setting.Wide, MinGru256.Description);
        Row(context, table, "MinLstm", Setting.Wide, MinLstm256.Description);
        Row(context, table, "MinGru", Setting.Narrow, MinGru64.Description);
        Row(context, table, "MinLstm", Setting.Narrow, MinLstm64.Description);
        return table;
    }

    private static void Row(ReportContext context, ReportTable table, string cell, Setting setting, LayerDescription layer)
    {
        context.Progress($"parts of a {cell} step");
        using var scope = NewDisposeScope();
        using var input = randn(setting.Batch, setting.Time, setting.Width);
        var timed = new TimedLayer(layer);
        using var step = Steps.Fused(timed, input);
        using var linear = Steps.Linear(input, setting.Width, layer.Projections.Count, bias: false);
        List<double> forward = [], backward = [], rest = [];
        timed.TakeForward();
        timed.TakeBackward();
        var times = context.Timer.Compare(
            () =>
            {
                var whole = PairedTimer.Seconds(step.Run);
                forward.Add(timed.TakeForward());
                backward.Add(timed.TakeBackward());
                rest.Add(whole - forward[^1] - backward[^1]);
            },
            linear.Run,
            context.Short);

        using var buffers = new ScanBuffers(layer, setting.Batch, setting.Time);
        table.Add(
            $"{cell}, {setting.Text}",
            ReportTable.Milliseconds(times.Ours),
            ReportTable.Milliseconds(Settled(forward)),
            ReportTable.Milliseconds(Settled(backward)),
            ReportTable.Milliseconds(Settled(rest)),
            ReportTable.Milliseconds(times.Peer),
            ReportTable.Milliseconds(context.Timer.Measure(buffers.Forward, context.Short)),
            ReportTable.Milliseconds(context.Timer.Measure(buffers.Backward, context.Short)));

        // The first call warms up, unless it took all the time there was.
        static Spread Settled(List<double> times) => Spread.Of(times.Skip(times.Count > 1 ? 1 : 0));
    }
}
