using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Ilgpu;

/// <summary>
/// The first two phases of the scan in three: each piece's transition, then the states between the pieces. The streaming
/// kernels are the third.
/// </summary>
internal static class ChunkKernels
{
    public static void Summarize(CodeWriter code, LayerPlan plan, TransitionText transition, StepFunction hoist, bool isBackward)
    {
        var (names, lanes) = (new KernelNames(), LaneText.Single(plan));
        var loads = transition.Operands.Where(load => !load.IsStill).ToList();
        var unroll = KernelText.Unroll(lanes, System.Math.Max(1, loads.Count));
        var walked = Walked(plan, loads);
        var (name, start) = isBackward ? ("SummarizeBackward", "(end - 1)") : ("SummarizeForward", "first");
        code.Line($"/// <summary>What a piece of time does to {(isBackward ? "the gradients of the states that come from after it" : "the states")}, a thread a channel.</summary>");
        KernelText.Signature(code, plan, name, isBackward);
        using (code.Body())
        {
            StreamPlace.Write(code, lanes);
            if (walked.Count > 0)
                code.Line($"var startRow = {KernelText.RowOf(plan, start)};");
            KernelText.Walk(code, plan, walked);
            if (loads.Any(load => load.Kind == SymbolKind.OutputGradient))
                code.Line("var hasGradient = scan.HasOutputGradient != 0;");
            KernelText.Parameters(code, plan, lanes, hoist, [.. transition.Operands], names);
            if (loads.Any(load => load.Kind == SymbolKind.State))
                KernelText.DeclareStateAt(code, plan);
            code.Line($"var span = {transition.Structure}.Identity;");
            Loop(code, plan, transition, names, walked, unroll, isBackward);
            code.Line($"scan.Work.Transitions.Cast<{transition.Structure}>()[thread] = span;");
        }
    }

    /// <summary>The elements of vector states are to this phase what channels are: each has a transition of its own.</summary>
    public static void Carry(CodeWriter code, LayerPlan plan, TransitionText transition, bool isBackward)
    {
        var (names, lanes) = (new KernelNames(), LaneText.Single(plan));
        var name = isBackward ? "CarryBackward" : "CarryForward";
        var width = plan.Cell.IsVector ? "StateWidth" : "Channels";
        code.Line($"/// <summary>{(isBackward ? "The gradients of the states after each piece of time" : "The states before each piece of time")}, from what the pieces do to them.</summary>");
        KernelText.Signature(code, plan, name, isBackward);
        using (code.Body())
        {
            code.Line(
                """
                long row = Grid.IdxX / Strips, channel = (Grid.IdxX % Strips * Tiles.Lanes) + Tiles.Lane;
                var place = TRows.Row(scan.Window, scan.Work.Sequences.Cast<long>(), row);
                """);
            KernelText.DeclareStateAt(code, plan);
            var locals = new List<string>();
            foreach (var state in plan.Cell.States)
            {
                var local = isBackward ? names.Gradient(state.Symbol) : names.Operand(state.Symbol);
                locals.Add(local);
                var initial = isBackward ? KernelText.FinalGradient(plan, lanes, state.Symbol.Index) : KernelText.InitialState(plan, lanes, state.Symbol.Index);
                code.Line($"var {local} = channel >= {width} ? {lanes.Constant(0)} : {initial};");
            }

            code.Line(
                $"""
                ChunkCarry.Run<{transition.Structure}, {transition.State}, {transition.Scalar}>(
                    place, scan.Work, channel, {width}, {transition.Pack(locals)}, isReversed: {Literals.Bool(isBackward)});
                """);
        }
    }

    private static void Loop(
        CodeWriter code, LayerPlan plan, TransitionText transition, KernelNames names, List<string> walked, int unroll, bool isBackward)
    {
        var count = Literals.Int(unroll);
        code.Line().Line(isBackward ? $"var lowest = (first > 0 ? first : 1) + {Literals.Int(unroll - 1)};" : "var step = first;");
        if (isBackward)
            code.Line("var step = end - 1;");
        using (code.Block(isBackward ? $"for (; step >= lowest; step -= {count})" : $"for (; step <= end - {count}; step += {count})"))
        {
            for (var i = 0; i < unroll; i++)
                Loads(code, plan, transition, names, isBackward ? -i : i, i, isBackward);
            code.Line();
            for (var i = 0; i < unroll; i++)
                code.Line(Next(transition, names, i));
            KernelText.Advance(code.Line(), walked, isBackward ? -unroll : unroll);
        }

        code.Line();
        using (code.Block(isBackward ? "for (; step >= first; step--)" : "for (; step < end; step++)"))
        {
            Loads(code, plan, transition, names, 0, null, isBackward);
            code.Line(Next(transition, names, null));
            KernelText.Advance(code.Line(), walked, isBackward ? -1 : 1);
        }

        code.Line();
    }

    private static void Loads(
        CodeWriter code, LayerPlan plan, TransitionText transition, KernelNames names, int distance, int? number, bool isBackward)
    {
        var lanes = LaneText.Single(plan);
        var steps = KernelText.Steps(distance);
        foreach (var load in transition.Operands)
        {
            var local = KernelNames.At(names.Operand(load), number);
            switch (load.Kind)
            {
                case SymbolKind.Projection:
                    code.Line($"var {local} = {KernelText.Preactivation(plan, lanes, load, steps, names)};");
                    break;
                case SymbolKind.Input:
                    code.Line($"var {local} = {lanes.Load("Input", KernelText.At("output", steps))};");
                    break;
                case SymbolKind.OutputGradient:
                    code.Line($"var {local} = Where(hasGradient, {lanes.Load("OutputGradient", KernelText.At("output", steps))});");
                    break;
                case SymbolKind.State when isBackward:
                    var (view, matrix) = plan.Cell.KeepsStates ? ("States", "states") : ("Output", "output");
                    var before = lanes.Load(view, KernelText.At(matrix, KernelText.Steps(distance - 1), load.Index));
                    code.Line($"var {local} = {(number is null ? $"step > 0 ? {before} : {KernelText.InitialState(plan, lanes, load.Index)}" : before)};");
                    break;
            }
        }
    }

    private static string Next(TransitionText transition, KernelNames names, int? number) =>
        $"span = {transition.Structure}.Compose(span, {Call(transition, names, number)});";

    /// <summary>The transition of a step whose operands were loaded.</summary>
    public static string Call(TransitionText transition, KernelNames names, int? number) =>
        $"{transition.Function}({string.Join(", ", transition.Operands.Select(load =>
            load.IsStill ? names.Operand(load) : KernelNames.At(names.Operand(load), number)))})";

    private static List<string> Walked(LayerPlan plan, List<Symbol> loads)
    {
        var walked = new List<string>();
        if (loads.Any(load => load.Kind == SymbolKind.Projection))
            walked.Add("preactivation");
        if (loads.Any(load => load.Kind is SymbolKind.Input or SymbolKind.OutputGradient || (load.Kind == SymbolKind.State && !plan.Cell.KeepsStates)))
            walked.Add("output");
        if (plan.Cell.KeepsStates && loads.Any(load => load.Kind == SymbolKind.State))
            walked.Add("states");
        return walked;
    }
}
