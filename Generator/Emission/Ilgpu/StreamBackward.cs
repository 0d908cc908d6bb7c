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
                code.Line($"    : {KernelText.FinalGradient(lanes, state.Symbol.Index)};");
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
        var elements = Elements(plan, lanes, step, text, names);
        var prefetch = lanes.IsWide ? null : new PrefetchText(plan, step, text, unroll);
        prefetch?.Declare(code);
        StreamRounds.Write(
            code, lanes, unroll, new RoundText(steps => $"step >= lowest + {Literals.Int(steps - 1)}", $"step -= {Literals.Int(unroll)}", () => prefetch?.Ask(code)), elements,
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
            foreach (var element in elements)
                code.Line($"var {element.Name} = {element.OfOne ?? element.Load(0)};");
            code.Line(text.Call(names, null, isRaw: true));
            text.AddSums(code, names, 0);
            code.Line();
            text.Stores(code, lanes, names, [(0, null)]);
            KernelText.Advance(code, text.Walked, -1);
        }

        code.Line();
    }

    private static List<RoundElement> Elements(LayerPlan plan, LaneText lanes, StepFunction step, AdjointText text, KernelNames names) =>
    [
        .. step.Loads(SymbolKind.State).Select(load => new RoundElement(
            names.Operand(load),
            names.Next(load),
            steps => Before(lanes, text, load, steps),
            $"step > 0 ? {Before(lanes, text, load, 0)} : {KernelText.InitialState(plan, lanes, load.Index)}")),
        .. text.Elements(lanes, names),
    ];

    private static string Before(LaneText lanes, AdjointText text, Symbol state, int steps) =>
        lanes.Load(text.Saved, KernelText.At(text.SavedMatrix, KernelText.Steps(-steps - 1), state.Index));
}
