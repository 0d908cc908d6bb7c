using System;
using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Planning.VectorStates;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Cpu.VectorStates;

/// <summary>
/// The backward kernel of a cell with vector states. Each element first goes through the span again, from the states before it, and
/// keeps what the adjoint needs; then the adjoint goes back. What channels add up for a shared pre-activation is added up in vectors.
/// </summary>
/// <param name="plan">The layer.</param>
/// <param name="spans">Its schedules.</param>
internal sealed class SpanBackward(LayerPlan plan, SpanPlan spans)
{
    private readonly SpanText text = new(plan, spans, spans.Backward, "BackwardVectors");

    private SpanSchedule Passes => spans.Backward;

    public void Write(CodeWriter code)
    {
        using (SpanText.Kernel(code, plan, "Backward"))
        {
            text.WriteHead(code, "state", "stateGradient");
            if (plan.BiasRows + plan.Weights > 0)
                code.Line("ref var parameterGradient = ref block.ParameterGradient;");
            using (SpanText.Channels(code))
            {
                text.WriteChannel(code);
                text.WriteAhead(code);
                code.Line();
                using (SpanText.Elements(code))
                    Element(code);
                code.Line();
                After(code);
            }
        }
    }

    private IEnumerable<(Symbol Target, Expr Value)> StepSums => Passes.Element.Results.Where(result => result.Target.Kind == SymbolKind.StepSum);

    private IEnumerable<(Symbol Target, Expr Value)> Gradients => Passes.Element.Results.Where(result => result.Target.Kind == SymbolKind.State);

    private void Element(CodeWriter code)
    {
        text.WriteElement(code);
        text.WriteStates(code);
        using (SpanText.Steps(code))
            Replay(code, Passes.Replay!);
        code.Line();
        foreach (var (target, _) in StepSums)
            code.Line($"var {Passes.Names[target]} = Lanes.Zero;");
        foreach (var (target, _) in Gradients)
            code.Line($"var {GradientOf(target)} = TLanes.Load(ref stateGradient, {text.StateRow(target.Index)}, lanes);");
        using (code.Block("for (var step = steps - 1; step >= 0; step--)"))
            Adjoint(code, Passes.Element);
        code.Line();
        foreach (var (target, _) in Gradients)
            code.Line($"TLanes.Store({GradientOf(target)}, ref stateGradient, {text.StateRow(target.Index)}, lanes);");
        AfterElement(code, Passes.AfterElement);
    }

    private void AfterElement(CodeWriter code, Schedule pass)
    {
        // The names of what it computes may be those of the loops before.
        using var scope = pass.Values.IsEmpty ? null : code.Line().Body();
        var expressions = text.Expressions(pass);
        expressions.Values(code, pass.Values);
        foreach (var (target, value) in pass.Results)
            Add(code, SpanText.At(plan.BiasRows + plan.FirstRow(target), target.IsIndexed), sum => CpuKernelEmitter.Plus(sum, value, expressions));
    }

    private void Replay(CodeWriter code, Schedule pass)
    {
        text.WriteValues(code, pass);
        code.Line();
        foreach (var state in plan.Cell.States)
            code.Line(text.Store(Passes.Carried(state.Symbol), state.Symbol));
        foreach (var (target, value) in pass.Results.Where(result => result.Target.Kind == SymbolKind.Kept))
            code.Line(text.Store(text.Expressions(pass).Use(value), target));
        text.CarryStates(code, pass);
    }

    private void Adjoint(CodeWriter code, Schedule pass)
    {
        List<Symbol> next = [.. pass.Loads.Select(load => load.Symbol!).Where(symbol => symbol.Kind == SymbolKind.NextState)];
        text.WriteValues(code, pass);
        code.Line();
        var expressions = text.Expressions(pass);
        foreach (var (target, value) in pass.Results)
        {
            switch (target.Kind)
            {
                case SymbolKind.ElementSum:
                    code.Line(text.Store(expressions.Use(value), target));
                    break;
                case SymbolKind.ChannelSum:
                    code.Line($"TLanes.Store({expressions.Use(value)}, ref stepRow, {text.SumsAt(target)}, lanes);");
                    break;
                case SymbolKind.StepSum:
                    code.Line($"{Passes.Names[target]} = {expressions.Use(value)};");
                    break;
            }
        }

        code.Line(SpanText.Carry([.. Gradients.Select(result => (GradientOf(result.Target), expressions.Use(result.Value)))]));
        if (next.Count > 0)
            code.Line(SpanText.Carry([.. next.Select(symbol => (Passes.Names[symbol], text.Before(pass, symbol.Index)))]));
    }

    /// <summary>The gradients of what a channel has one of, and their sums over the steps.</summary>
    private void After(CodeWriter code)
    {
        var expressions = text.Expressions(Passes.After);
        List<(Symbol Target, int Row)> summed = [.. Passes.After.Results
            .Where(result => result.Target.Kind == SymbolKind.Weight || (plan.Bias && result.Target.Kind == SymbolKind.Projection))
            .Where(result => !result.Value.Is(0))
            .Select(result => (result.Target, result.Target.Kind == SymbolKind.Weight ? plan.BiasRows + plan.FirstRow(result.Target) : result.Target.Index))];
        foreach (var (target, _) in summed)
            code.Line($"var {TotalOf(target)} = Lanes.Zero;");
        using (text.After(code))
        {
            if (plan.Projections > 0)
                code.Line($"ref var preactivationGradient = ref Buffers.Row(ref block.PreactivationGradient, row, {text.WidthOfRow});");
            if (plan.Cell.HasInput)
                code.Line("ref var inputGradients = ref Buffers.Row(ref block.InputGradient, row, Channels);");
            foreach (var (target, value) in Passes.After.Results)
            {
                if (target.Kind == SymbolKind.Projection)
                    code.Line($"TLanes.Write({expressions.Use(value)}, ref preactivationGradient, {CpuKernelEmitter.At(target.Index)}, lanes);");
                else if (target.Kind == SymbolKind.Input)
                    code.Line($"TLanes.Write({expressions.Use(value)}, ref inputGradients, channel, lanes);");
                if (summed.Any(sum => sum.Target == target))
                    code.Line($"{TotalOf(target)} += {expressions.Use(value)};");
            }
        }

        code.Line();
        foreach (var (target, row) in summed)
            Add(code, SpanText.At(row, isIndexed: false), sum => $"{sum} + {TotalOf(target)}");
    }

    private static void Add(CodeWriter code, string at, Func<string, string> plus) =>
        code.Line($"TLanes.Store({plus($"TLanes.Load(ref parameterGradient, {at}, lanes)")}, ref parameterGradient, {at}, lanes);");

    public static string TotalOf(Symbol parameter) => parameter.Name + "Total";

    private string GradientOf(Symbol state) => Passes.Names[new Symbol(SymbolKind.StateGradient, state.Index, state.Name + "Gradient", IsIndexed: true)];
}
