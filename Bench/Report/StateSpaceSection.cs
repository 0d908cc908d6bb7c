using MinRnn.Bench.Peers;
using TorchSharp;
using static TorchSharp.torch;

namespace MinRnn.Bench.Report;

/// <summary>A layer with vector states against the loop that eager operations make of it.</summary>
internal static class StateSpaceSection
{
    private const int Batch = 16, Time = 512, Width = 128;

    public static ReportTable Measure(ReportContext context)
    {
        var table = new ReportTable($"Selective state space model, N {SelectiveSsm.StateSize}, B {Batch}, T {Time}, H {Width}", ReportTable.ComparisonColumns);
        table.Note("A training step of the layer, projections included. The loop computes ahead of it what does not depend on the state.");
        using var scope = NewDisposeScope();
        using var input = randn(Batch, Time, Width);
        using var layer = Steps.Fused(new SelectiveSsm128(), input);
        using var loop = Steps.SelectiveLoop(input, Width);
        table.Add("SelectiveSsm", loop.Name, context.Compare(layer, loop, context.Long), Target.SelectiveLoop);
        return table;
    }
}
