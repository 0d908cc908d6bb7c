using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Planning.VectorStates;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Cpu.VectorStates;

/// <summary>
/// The kernels that take a span into the summary of what lies beside it, forward and backward, each element for itself. They tell whether
/// what lies further still matters.
/// </summary>
internal static class SpanSummaries
{
    public static void Write(CodeWriter code, LayerPlan plan, SpanPlan spans, bool isBackward)
    {
        var schedule = (isBackward ? spans.BackwardSummary : spans.Summary)!;
        var text = new SpanText(plan, spans, schedule, "SummaryVectors");
        using (SpanText.Kernel(code, plan, isBackward ? "SummarizeBackward" : "Summarize", "bool"))
        {
            code.Line(SummaryKernel.Law(isBackward));
            text.WriteHead(code, "transition", "offset");
            code.Line("var remembered = Lanes.Zero;");
            using (SpanText.Channels(code))
            {
                text.WriteChannel(code);
                text.WriteAhead(code);
                code.Line();
                using (SpanText.Elements(code))
                    Element(code, text, schedule, isBackward);
            }

            code.Line().Line("return remembered != Lanes.Zero;");
        }
    }

    private static void Element(CodeWriter code, SpanText text, SpanSchedule schedule, bool isBackward)
    {
        var pass = schedule.Element;
        List<Symbol> entries = [.. pass.Results.Select(result => result.Target).Where(IsEntry)];
        text.WriteElement(code);
        foreach (var (target, _) in pass.Results)
            code.Line($"var {schedule.Names[target]} = TLanes.Load(ref {MatrixOf(target)}, {text.StateRow(target.Index)}, lanes);");
        using (isBackward ? SpanText.Steps(code) : code.Block("for (var step = steps - 1; step >= 0; step--)"))
        {
            text.WriteValues(code, pass);
            code.Line();
            var expressions = text.Expressions(pass);
            foreach (var (target, value) in pass.Results.Where(result => IsEntry(result.Target)))
                code.Line($"var {SpanSummary.NextName(target)} = Fade({expressions.Use(value)});");
            code.Line(SpanText.Carry([.. pass.Results.Select(result => (
                schedule.Names[result.Target], IsEntry(result.Target) ? SpanSummary.NextName(result.Target) : expressions.Use(result.Value)))]));
        }

        code.Line().Line($"remembered |= {string.Join(" | ", entries.Select(entry => schedule.Names[entry]))};");
        foreach (var (target, _) in pass.Results)
            code.Line($"TLanes.Store({schedule.Names[target]}, ref {MatrixOf(target)}, {text.StateRow(target.Index)}, lanes);");
    }

    private static bool IsEntry(Symbol target) => target.Kind == SymbolKind.Transition;

    private static string MatrixOf(Symbol target) => IsEntry(target) ? "transition" : "offset";
}
