using MinRnn.Bench.Peers;
using TorchSharp;
using static TorchSharp.torch;

namespace MinRnn.Bench.Report;

/// <summary>A layer with vector states against the loop that eager operations make of it.</summary>
internal sealed class StateSpaceSection
{
    private const int Batch = 16, Time = 512, Width = 128;

    /// <summary>The rows so far.</summary>
    public ReportTable Table { get; } = new(
        $"Selective state space model, N {SelectiveSsm.StateSize}, B {Batch}, T {Time}, H {Width}", ReportTable.ComparisonColumns);

    public StateSpaceSection() => Table.Note(
        "A training step of the layer, projections included. The loop computes ahead of it what does not depend on the state, in tensors of 64 MiB. "
        + "Where a process has no free memory of that size, its allocator takes it from the system and gives it back at every step, which "
        + "costs the loop more than its arithmetic: so it is at the start of this report, as in a program that trains this model alone. Late in the "
        + "report the loop finds memory that other layers have left.");

    /// <summary>Adds a row.</summary>
    /// <param name="context">The report.</param>
    /// <param name="when">At what time of the process it is measured.</param>
    public void Measure(ReportContext context, string when)
    {
        using var scope = NewDisposeScope();
        using var input = randn(Batch, Time, Width);
        using var layer = Steps.Fused(new SelectiveSsm128(), input);
        using var loop = Steps.SelectiveLoop(input, Width);
        Table.Add($"SelectiveSsm, {when}", loop.Name, context.Compare(layer, loop, context.Long), Target.SelectiveLoop);
    }
}
