using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Planning.VectorStates;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Cpu.VectorStates;

/// <summary>The forward kernel of a cell with vector states.</summary>
internal static class SpanForward
{
    public static void Write(CodeWriter code, LayerPlan plan, SpanPlan spans)
    {
        var schedule = spans.Forward;
        var text = new SpanText(plan, spans, schedule, "ForwardVectors");
        using (SpanText.Kernel(code, plan, "Forward"))
        {
            text.WriteHead(code, "state");
            using (SpanText.Channels(code))
            {
                text.WriteChannel(code);
                text.WriteAhead(code);
                code.Line();
                using (SpanText.Elements(code))
                    Element(code, plan, text, schedule);
                code.Line();
                using (text.After(code))
                {
                    code.Line("ref var output = ref Buffers.Row(ref block.Output, row, Channels);");
                    code.Line($"TLanes.Write({text.Expressions(schedule.After).Use(schedule.After.Results[0].Value)}, ref output, channel, lanes);");
                }
            }
        }
    }

    private static void Element(CodeWriter code, LayerPlan plan, SpanText text, SpanSchedule schedule)
    {
        var pass = schedule.Element;
        text.WriteElement(code);
        text.WriteStates(code);
        using (SpanText.Steps(code))
        {
            text.WriteValues(code, pass);
            code.Line();
            foreach (var (target, value) in pass.Results.Where(result => result.Target.Kind == SymbolKind.ElementSum))
                code.Line(text.Store(text.Expressions(pass).Use(value), target));
            text.CarryStates(code, pass);
        }

        code.Line();
        foreach (var state in plan.Cell.States)
            code.Line($"TLanes.Store({schedule.Carried(state.Symbol)}, ref state, {text.StateRow(state.Symbol.Index)}, lanes);");
    }
}
