using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Cpu;

/// <summary>
/// The kernels that sum a span of steps up as one affine step, forward and backward. They start at the span's far end, and stop
/// once all that lies further has faded.
/// </summary>
internal static class SummaryKernel
{
    public static void Write(CodeWriter code, LayerPlan plan)
    {
        var hoisting = new Hoisting();
        Write(code, plan, SpanSummary.Order(SpanSummary.Forward(plan.Kernels), hoisting), hoisting, "Summarize", "for (var step = block.EndStep - 1; step >= block.FirstStep; step--)", isBackward: false);
        code.Line();
        hoisting = new Hoisting();
        Write(code, plan, SpanSummary.Order(SpanSummary.Backward(plan.Kernels), hoisting), hoisting, "SummarizeBackward", "for (var step = block.FirstStep; step < block.EndStep; step++)", isBackward: true);
    }

    private static void Write(CodeWriter code, LayerPlan plan, Schedule schedule, Hoisting hoisting, string name, string steps, bool isBackward)
    {
        var expressions = new ExpressionWriter(schedule.Names, new VectorDialect(plan.IsDouble));
        var readsOutputGradient = schedule.Loads.Any(load => load.Symbol!.Kind == SymbolKind.OutputGradient);
        var rows = new InputRows(plan, schedule, readsOutputGradient, readsPrevious: isBackward);
        using (CpuKernelEmitter.Kernel(code, plan, name))
        {
            if (rows.ReadsParameters)
                code.Line("ref var parameters = ref block.Parameters;");
            code.Line(
                $"""
                {Law(isBackward)}
                ref var transition = ref block.Transition;
                ref var offset = ref block.Offset;
                """);
            CpuKernelEmitter.Range(code);
            rows.WriteDistances(code);
            HoistedRows.Write(code, plan, hoisting);
            using (code.Block(steps))
            {
                rows.WriteReferences(code);
                code.Line("var remembered = Lanes.Zero;");
                using (CpuKernelEmitter.Channels(code))
                {
                    rows.WriteLoads(code);
                    expressions.Values(code, schedule.Values);
                    if (schedule.Values.Length > 0)
                        code.Line();
                    Results(code, schedule, expressions);
                }

                code.Line().Line("if (remembered == Lanes.Zero)").Line("    return;");
            }
        }
    }

    /// <summary>The comment that says what a summary is.</summary>
    public static string Law(bool isBackward) =>
        $"// The steps so far, as one: {(isBackward ? "gradient before = transition · gradient after + offset" : "after = transition · before + offset")}.";

    private static void Results(CodeWriter code, Schedule schedule, ExpressionWriter expressions)
    {
        var entries = schedule.Results.Where(result => result.Target.Kind == SymbolKind.Transition).ToList();
        foreach (var (target, value) in entries)
            code.Line($"var {SpanSummary.NextName(target)} = Fade({expressions.Use(value)});");
        code.Line($"remembered |= {string.Join(" | ", entries.Select(entry => SpanSummary.NextName(entry.Target)))};").Line();
        foreach (var (target, value) in schedule.Results)
        {
            var (text, matrix) = target.Kind == SymbolKind.Transition
                ? (SpanSummary.NextName(target), "transition")
                : (expressions.Use(value), "offset");
            code.Line($"TLanes.Store({text}, ref {matrix}, {CpuKernelEmitter.At(target.Index)}, lanes);");
        }
    }
}
