using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Ilgpu;

/// <summary>The adjoint of <see cref="TiledForward"/>: tiles count from the end of time, and so do the steps of a thread.</summary>
internal static class TiledBackward
{
    public static void Write(
        CodeWriter code, LayerPlan plan, StepFunction step, TransitionText transition, StepFunction hoist, int steps)
    {
        var (names, lanes, text) = (new KernelNames(), LaneText.Single(plan), new AdjointText(plan, step));
        code.Line("/// <summary>The adjoint of the same tiles, last first; first counts from the end of time.</summary>");
        KernelText.Signature(code, plan, "BackwardTiled", isBackward: true, $"{transition.Structure}, {transition.State}");
        using (code.Body())
        {
            TilePlace.Enter(code, plan);
            KernelText.Walk(code, plan, text.Walked, startRow: null);
            text.Flags(code);
            KernelText.Parameters(code, plan, lanes, hoist, [.. step.Operands.Union(transition.Operands)], names);
            KernelText.DeclareStateAt(code, plan);
            var locals = plan.Cell.States.Select(state => names.Gradient(state.Symbol)).ToList();
            TilePlace.First(code, transition, locals, [.. plan.Cell.States.Select(state => KernelText.FinalGradient(lanes, state.Symbol.Index))]);
            text.DeclareSums(code, lanes, names);
            using (code.Block("for (; range.Tile < range.End; range.Tile++)"))
            {
                TilePlace.Steps(code, steps);
                code.Line("var last = place.Time - 1 - start;");
                code.Line($"var startRow = {KernelText.RowOf(plan, "last")};");
                foreach (var matrix in text.Walked)
                    KernelText.Start(code, plan, matrix, "startRow");
                if (step.Reads(SymbolKind.State))
                    code.Line($"var earlier = Tiles.Earlier(last, {Literals.Int(steps)});");
                for (var i = 0; i < steps; i++)
                    Loads(code, plan, lanes, step, text, names, i);
                TilePlace.Compose(code.Line(), transition, names, steps, locals);
                for (var i = 0; i < steps; i++)
                {
                    code.Line();
                    using (code.Block($"if (count > {Literals.Int(i)})"))
                    {
                        code.Line(text.Call(names, i));
                        text.AddSum(code, names, i);
                        text.Stores(code, lanes, names, [(-i, i)]);
                    }
                }

                code.Line();
                using (code.Block("if (count > 0 && first + count == place.Time && scan.InitialStateGradient.Length != 0 && TRows.IsEntry(place))"))
                {
                    foreach (var state in plan.Cell.States)
                        code.Line(lanes.Store("InitialStateGradient", KernelText.StateAt(state.Symbol.Index), KernelText.IfTaken(lanes, locals[state.Symbol.Index])));
                }
            }

            if (!text.HasSums)
                return;
            code.Line();
            text.ReduceSums(code, names);
            text.StoreSums(code, lanes, names, "isInside && Tiles.WarpIndex == 0 && scan.ParameterPartials.Length != 0", "TWalk.Piece(place, range, row)");
        }
    }

    private static void Loads(
        CodeWriter code, LayerPlan plan, LaneText lanes, StepFunction step, AdjointText text, KernelNames names, int number)
    {
        foreach (var load in step.Loads(SymbolKind.State))
        {
            // The step before a row's first one is nowhere in memory: another is read, and not taken.
            var before = lanes.Load(text.Saved, KernelText.At(text.SavedMatrix, $"-Tiles.Previous({Literals.Int(number)}, count, earlier)", load.Index));
            var initial = names.Of("initial", load, "initial" + KernelPlan.Capital(load.Name));
            if (number == 0)
                code.Line($"var {initial} = {KernelText.InitialState(plan, lanes, load.Index)};");
            code.Line($"var {KernelNames.At(names.Operand(load), number)} = Select(last == {Literals.Int(number)}, {initial}, {before});");
        }

        text.Loads(code, lanes, names, number, _ => number == 0 ? "" : "-" + TilePlace.Within(number));
    }
}
