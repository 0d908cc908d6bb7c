using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Ilgpu;

/// <summary>
/// The streaming kernel of the adjoint: a thread walks a piece of time last step first, recomputes each step from its
/// pre-activations and the states before it, and carries the gradients of states and parameters in registers.
/// </summary>
internal static class StreamBackward
{
    public static void Write(CodeWriter code, LayerPlan plan, LaneText lanes, StepFunction step, StepFunction hoist)
    {
        var (names, text) = (new KernelNames(), new AdjointText(plan, step));
        var unroll = KernelText.Unroll(lanes, text.LoadCount);
        code.Line("/// <summary>The adjoint of the same steps, last first; the gradients of states and parameters stay in registers.</summary>");
        KernelText.Signature(code, plan, "Backward" + lanes.Suffix, isBackward: true);
        using (code.Body())
        {
            StreamPlace.Write(code, lanes);
            code.Line($"var startRow = {KernelText.RowOf(plan, "(end - 1)")};");
            KernelText.Walk(code, plan, text.Walked);
            text.Flags(code);
            code.Line();
            KernelText.Parameters(code, plan, lanes, hoist, [.. step.Operands], names);
            KernelText.DeclareStateAt(code, plan);
            foreach (var state in plan.Cell.States)
            {
                code.Line($"var {names.Gradient(state.Symbol)} = scan.Work.States.Length != 0");
                code.Line($"    ? {lanes.LoadState("(piece * Channels) + channel", plan.States, state.Symbol.Index)}");
                code.Line($"    : {KernelText.FinalGradient(plan, lanes, state.Symbol.Index)};");
            }

            text.DeclareSums(code, lanes, names);
            Loop(code, plan, lanes, step, text, names, unroll);
            using (code.Block("if (scan.InitialStateGradient.Length != 0 && first == 0 && TRows.IsEntry(place))"))
            {
                foreach (var state in plan.Cell.States)
                    code.Line(lanes.Store("InitialStateGradient", KernelText.StateAt(state.Symbol.Index), KernelText.IfTaken(lanes, names.Gradient(state.Symbol))));
            }

            text.StoreSums(code, lanes, names, "scan.ParameterPartials.Length != 0", "piece");
        }
    }

    private static void Loop(
        CodeWriter code, LayerPlan plan, LaneText lanes, StepFunction step, AdjointText text, KernelNames names, int unroll)
    {
        // The step before a row's first one is nowhere in memory.
        code.Line().Line("var lowest = first > 0 ? first : 1;").Line("var step = end - 1;");
        var rounds = new StreamRounds(lanes, unroll, isBackward: true, Elements(plan, lanes, step, text, names));
        rounds.Write(
            code,
            () =>
            {
                code.Line();
                for (var i = 0; i < unroll; i++)
                    code.Line(text.Call(names, i, isRaw: true));
                text.AddSums(code, names, unroll);
                code.Line();
                text.Stores(code, lanes, names, Enumerable.Range(0, unroll).Select(i => (-i, (int?)i)));
                KernelText.Advance(code, text.Walked, -unroll);
            });

        code.Line();
        using (code.Block("for (; step >= first; step--)"))
        {
            rounds.LoadOne(code);
            code.Line(text.Call(names, null, isRaw: true));
            text.AddSums(code, names, 0);
            code.Line();
            text.Stores(code, lanes, names, [(0, null)]);
            KernelText.Advance(code, text.Walked, -1);
        }

        code.Line();
    }

    private static List<RoundElement> Elements(LayerPlan plan, LaneText lanes, StepFunction step, AdjointText text, KernelNames names)
    {
        return [.. step.Loads(SymbolKind.State).Select(Before), .. text.Elements(names)];

        // The states that a step starts from are those that the one before it left; a row's first step starts from given ones.
        RoundElement Before(Symbol load)
        {
            var before = new RoundElement(names.Operand(load), names.Next(load), text.Saved, text.SavedMatrix, load.Index, Offset: -1);
            return before with { OfOne = $"step > 0 ? {before.Load(lanes, 0)} : {KernelText.InitialState(plan, lanes, load.Index)}" };
        }
    }
}
