using MinRnn.Bench.Measuring;
using MinRnn.Bench.Peers;
using TorchSharp;
using static TorchSharp.torch;

namespace MinRnn.Bench.Report;

/// <summary>Batches whose sequences are half as long on average, against full ones.</summary>
internal static class SequenceSection
{
    public static ReportTable Measure(ReportContext context)
    {
        var setting = Setting.Wide;
        var table = new ReportTable($"Sequences of lengths 0 to T, half of all steps, {setting.Text}", ReportTable.ComparisonColumns);
        table.Note("A training step of the layer with `lengths`, against the same step over the full batch.");
        using var scope = NewDisposeScope();
        using var input = randn(setting.Batch, setting.Time, setting.Width);
        using var lengths = linspace(0, setting.Time, setting.Batch).round().to(ScalarType.Int64);
        var layer = setting.MinGru();
        using var half = new TrainingStep(
            new SequenceLayer(layer.GetName() + " with lengths", setting.Width, layer, x => layer.call(x, lengths: lengths).Item1), input);
        using var full = new TrainingStep(new SequenceLayer("the full batch", setting.Width, layer, x => layer.call(x).Item1), input);
        table.Add(half.Name, full.Name, context.Compare(half, full, context.Long), Target.HalfFull, isSpeedup: false);
        return table;
    }
}
