using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Ilgpu;

/// <summary>
/// What kernels of tiles do, which split time among the warps of a group: each takes a few steps, all compose what their steps do, and each
/// runs its steps from the state that the earlier ones leave. Its walk tells the state before a tile: what the group's last tile left, or
/// what other groups have published.
/// </summary>
internal static class TiledForward
{
    public static void Write(
        CodeWriter code, LayerPlan plan, StepFunction step, TransitionText transition, StepFunction hoist, int steps)
    {
        var (names, lanes) = (new KernelNames(), LaneText.Single(plan));
        code.Line("/// <summary>A group's warps share the time of a tile, its lanes are channels.</summary>");
        KernelText.Signature(code, plan, "ForwardTiles", isBackward: false, $"{transition.Structure}, {transition.State}");
        using (code.Body())
        {
            var walked = Walked(plan, step).ToList();
            var operands = plan.Cell.KeepsStates
                ? step.Operands.Union(transition.Operands)
                : step.Operands.Where(operand => !operand.IsStill).Union(transition.Operands);
            TilePlace.Enter(code, plan);
            KernelText.Walk(code, plan, walked, startRow: null);
            KernelText.Parameters(code, plan, lanes, hoist, [.. operands], names);
            KernelText.DeclareStateAt(code, plan);
            var locals = plan.Cell.States.Select(state => names.Operand(state.Symbol)).ToList();
            var initial = plan.Cell.States.Select(state => KernelText.InitialState(plan, lanes, state.Symbol.Index)).ToList();
            TilePlace.First(code, transition, locals, initial);
            if (plan.Cell.KeepsStates)
                code.Line("var savesStates = scan.States.Length != 0;");
            using (code.Block("for (; range.Tile < range.End; range.Tile++)"))
            {
                TilePlace.Steps(code, steps);
                code.Line($"var startRow = {KernelText.RowOf(plan, "start")};");
                foreach (var matrix in walked)
                    KernelText.Start(code, plan, matrix, "startRow");
                TilePlace.Loads(code, lanes.Element, steps, (number, isFull) => Loads(step, names, number, isFull));
                Values(code, plan, lanes, step, names, steps);
                TilePlace.Compose(code.Line(), transition, names, steps, locals);
                if (plan.Cell.KeepsStates)
                {
                    for (var i = 0; i < steps; i++)
                        Body(code, plan, lanes, step, names, locals, i);
                }
                else
                {
                    Apply(code, lanes, transition, steps, locals[0]);
                }

                code.Line();
                using (code.Block("if (count > 0 && first + count == place.Time && scan.FinalState.Length != 0 && TRows.GivesState(place))"))
                {
                    foreach (var state in plan.Cell.States)
                        code.Line(lanes.Store("FinalState", KernelText.StateAt(state.Symbol.Index), locals[state.Symbol.Index]));
                }
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

    /// <summary>Elements as they lie in memory: the driver's compiler leaves their loads in the order of time, without a use among them.</summary>
    private static IEnumerable<(string Name, string Load)> Loads(StepFunction step, KernelNames names, int number, bool isFull)
    {
        var steps = TilePlace.Within(number, isFull);
        foreach (var load in step.Loads(SymbolKind.Projection))
            yield return (KernelNames.At(names.Element(load), number), $"scan.Preactivations[{KernelText.At("preactivation", steps, load.Index)}]");
        foreach (var load in step.Loads(SymbolKind.Input))
            yield return (KernelNames.At(names.Element(load), number), $"scan.Input[{KernelText.At("output", steps)}]");
    }

    /// <summary>What the elements stand for, with biases.</summary>
    private static void Values(CodeWriter code, LayerPlan plan, LaneText lanes, StepFunction step, KernelNames names, int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            foreach (var load in step.Loads(SymbolKind.Projection).Concat(step.Loads(SymbolKind.Input)))
            {
                var value = lanes.Value(KernelNames.At(names.Element(load), i));
                if (load.Kind == SymbolKind.Projection)
                    value = KernelText.Biased(plan, value, load, names);
                code.Line($"var {KernelNames.At(names.Operand(load), i)} = {value};");
            }
        }
    }

    /// <summary>The transition is the whole step, and past the end of time it leaves the state as it is.</summary>
    private static void Apply(CodeWriter code, LaneText lanes, TransitionText transition, int steps, string state)
    {
        code.Line();
        for (var i = 0; i < steps; i++)
        {
            var before = i == 0 ? state : KernelNames.At("result", i - 1);
            code.Line($"var {KernelNames.At("result", i)} = {transition.Structure}.Apply({KernelNames.At("transition", i)}, {before});");
        }

        TilePlace.Stores(code, "count", steps, i => [lanes.Store("Output", KernelText.At("output", KernelText.Steps(i)), KernelNames.At("result", i))]);
        code.Line($"{state} = {KernelNames.At("result", steps - 1)};");
    }

    private static void Body(
        CodeWriter code, LayerPlan plan, LaneText lanes, StepFunction step, KernelNames names, List<string> locals, int number)
    {
        var steps = KernelText.Steps(number);
        code.Line();
        using (code.Block($"if (count > {Literals.Int(number)})"))
        {
            var result = plan.Cell.Output is null ? locals[0] : KernelNames.At("result", number);
            var targets = plan.Cell.Output is null ? locals : locals.Append("var " + result);
            code.Line(step.Call(targets, step.Operands.Select(load => load.Kind switch
            {
                SymbolKind.State or SymbolKind.Weight or SymbolKind.Hoisted => names.Operand(load),
                _ => KernelNames.At(names.Operand(load), number),
            })));
            code.Line(lanes.Store("Output", KernelText.At("output", steps), result));
            using (code.Block("if (savesStates)"))
            {
                for (var i = 0; i < locals.Count; i++)
                    code.Line(lanes.Store("States", KernelText.At("states", steps, i), locals[i]));
            }
        }
    }
}
