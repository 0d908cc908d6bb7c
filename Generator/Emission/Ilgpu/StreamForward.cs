using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Ilgpu;

/// <summary>The streaming kernel: a thread carries the states of its channels in registers through a piece of time.</summary>
internal static class StreamForward
{
    public static void Write(CodeWriter code, LayerPlan plan, LaneText lanes, StepFunction step, StepFunction hoist)
    {
        var names = new KernelNames();
        var unroll = KernelText.Unroll(lanes, step.Loads(SymbolKind.Projection).Count() + step.Loads(SymbolKind.Input).Count());
        code.Line($"/// <summary>A thread carries the states of {(lanes.IsWide ? "four neighbouring channels" : "a channel")} through a piece of time.</summary>");
        KernelText.Signature(code, plan, "Forward" + lanes.Suffix, isBackward: false);
        using (code.Body())
        {
            var walked = Walked(plan, step).ToList();
            StreamPlace.Write(code, lanes);
            code.Line($"var startRow = {KernelText.RowOf(plan, "first")};");
            KernelText.Walk(code, plan, walked);
            code.Line();
            KernelText.Parameters(code, plan, lanes, hoist, [.. step.Operands], names);
            KernelText.DeclareStateAt(code, plan);
            foreach (var state in plan.Cell.States)
            {
                code.Line($"var {names.Operand(state.Symbol)} = scan.Work.States.Length != 0");
                code.Line($"    ? {lanes.LoadState("(piece * Channels) + channel", plan.States, state.Symbol.Index)}");
                code.Line($"    : {KernelText.InitialState(plan, lanes, state.Symbol.Index)};");
            }

            if (plan.Cell.KeepsStates)
                code.Line("var savesStates = scan.States.Length != 0;");
            code.Line().Line("var step = first;");
            var rounds = new StreamRounds(lanes, unroll, isBackward: false, [.. RoundElement.Inputs(step, names)]);
            rounds.Write(
                code,
                () =>
                {
                    for (var i = 0; i < unroll; i++)
                        Body(code.Line(), plan, lanes, step, names, i);
                    KernelText.Advance(code.Line(), walked, unroll);
                });

            code.Line();
            using (code.Block("for (; step < end; step++)"))
            {
                rounds.LoadOne(code);
                Body(code, plan, lanes, step, names, null);
                KernelText.Advance(code.Line(), walked, 1);
            }

            code.Line();
            using (code.Block("if (scan.FinalState.Length != 0 && end == place.Time && TRows.GivesState(place))"))
            {
                foreach (var state in plan.Cell.States)
                    code.Line(lanes.Store("FinalState", KernelText.StateAt(state.Symbol.Index), names.Operand(state.Symbol)));
            }
        }
    }

    private static IEnumerable<string> Walked(LayerPlan plan, StepFunction step)
    {
        if (step.Reads(SymbolKind.Projection))
            yield return "preactivation";
        yield return "output";
        if (plan.Cell.KeepsStates)
            yield return "states";
    }

    private static void Body(CodeWriter code, LayerPlan plan, LaneText lanes, StepFunction step, KernelNames names, int? number)
    {
        var steps = KernelText.Steps(number ?? 0);
        var states = plan.Cell.States.Select(state => names.Operand(state.Symbol)).ToList();
        var result = plan.Cell.Output is null ? states[0] : KernelNames.At("result", number);
        var targets = plan.Cell.Output is null ? states : states.Append("var " + result);
        code.Line(step.Call(targets, step.Operands.Select(load => load.Kind switch
        {
            SymbolKind.State or SymbolKind.Weight or SymbolKind.Hoisted => names.Operand(load),
            SymbolKind.Projection => KernelText.Biased(plan, KernelNames.At(names.Operand(load), number), load, names),
            _ => KernelNames.At(names.Operand(load), number),
        })));
        code.Line(lanes.Store("Output", KernelText.At("output", steps), result));
        if (!plan.Cell.KeepsStates)
            return;
        using (code.Block("if (savesStates)"))
        {
            for (var i = 0; i < states.Count; i++)
                code.Line(lanes.Store("States", KernelText.At("states", steps, i), states[i]));
        }
    }
}
