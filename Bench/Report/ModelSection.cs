using MinRnn.Bench.Measuring;
using TorchSharp;
using static TorchSharp.torch;

namespace MinRnn.Bench.Report;

/// <summary>Tokens a second of a small sequence model.</summary>
internal static class ModelSection
{
    private const int Batch = 16;
    private const int Time = 256;

    public static ReportTable Measure(ReportContext context)
    {
        using var model = new SmallModel();
        using var run = new ModelRun(model, Batch, Time);
        var table = new ReportTable("Model", "work", "ms", "tokens a second");
        table.Note(
            $"`SmallModel`: LogMinGru, width 128, expansion 2, two blocks with convolution and MLP, {model.ParameterCount:#,0} parameters. "
            + "A training step is forward, cross-entropy, backward and AdamW.");
        Row($"training step, B {Batch}, T {Time}", run.Train, Batch * Time);
        Row($"forward without gradient, B {Batch}, T {Time}", run.Predict, Batch * Time);
        Row($"step, B {Batch}", run.Step, Batch);
        Row("step, B 1", run.StepOne, 1);
        return table;

        void Row(string name, Action call, int tokens)
        {
            context.Progress($"model: {name}");
            var times = context.Timer.Measure(call, context.Short);
            table.Add(name, ReportTable.Milliseconds(times), ReportTable.Digits(tokens / times.Median));
        }
    }
}
