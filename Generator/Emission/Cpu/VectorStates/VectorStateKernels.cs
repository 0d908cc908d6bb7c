using System;
using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Planning.VectorStates;

namespace MinRnn.Generator.Emission.Cpu.VectorStates;

/// <summary>The members of the structure of kernels of a cell with vector states.</summary>
internal static class VectorStateKernels
{
    public static void Write(CodeWriter code, LayerPlan plan)
    {
        var spans = new SpanPlan(
            plan.Kernels, plan.Cell.Parameters.Where(parameter => !parameter.Symbol.IsIndexed).Select(parameter => SpanBackward.TotalOf(parameter.Symbol)));
        code.Line($"private const int StateSize = {Literals.Int(plan.StateSize)};").Line();
        if (plan.Shared > 0)
        {
            code.Line($"private const int SharedInputs = {Literals.Int(plan.Shared)};").Line();
            code.Line($"private const int PreactivationWidth = {(plan.Projections == 0 ? "" : CpuKernelEmitter.Factor(plan.Projections).Trim('(', ')') + " + ")}SharedInputs;").Line();
        }

        code.Line($"public static ScanShape Shape => {CpuKernelEmitter.Shape(plan)};");
        code.Line();
        code.Line($"public static int PreparedRows => {Literals.Int(spans.PreparedRows)};");
        code.Line();
        code.Line($"public static int ForwardVectors => {Literals.Int(spans.Forward.Vectors)};");
        code.Line();
        code.Line($"public static int BackwardVectors => {Literals.Int(spans.Backward.Vectors)}{(plan.Shared > 0 ? " + SharedInputs" : "")};");
        code.Line();
        if (spans is { Summary: { } summary, BackwardSummary: { } backwardSummary })
            code.Line($"public static int SummaryVectors => {Literals.Int(Math.Max(summary.Vectors, backwardSummary.Vectors))};").Line();
        Preparation(code, plan, spans);
        code.Line();
        SpanForward.Write(code, plan, spans);
        code.Line();
        new SpanBackward(plan, spans).Write(code);
        if (spans.Summary is null)
            return;
        SpanSummaries.Write(code.Line(), plan, spans, isBackward: false);
        SpanSummaries.Write(code.Line(), plan, spans, isBackward: true);
    }

    private static void Preparation(CodeWriter code, LayerPlan plan, SpanPlan spans)
    {
        var schedule = spans.Preparation;
        var expressions = new ExpressionWriter(schedule.Names, new VectorDialect(plan.IsDouble));
        using (SpanText.Kernel(code, plan, "Prepare"))
        {
            if (spans.PreparedRows == 0)
                return;
            code.Line("ref var parameters = ref block.Parameters;").Line("ref var prepared = ref block.Prepared;");
            SpanText.Range(code);
            using (SpanText.Channels(code))
            using (SpanText.Elements(code))
            {
                foreach (var load in schedule.Loads)
                    code.Line($"var {schedule.Names[load]} = {SpanText.LoadWeight(plan, load.Symbol!)};");
                expressions.Values(code, schedule.Values);
                foreach (var (target, value) in schedule.Results)
                    code.Line($"TLanes.Store({expressions.Use(value)}, ref prepared, {SpanText.At(spans.RowOf(target), target.IsIndexed)}, lanes);");
            }
        }
    }
}
