using System.Collections.Generic;
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
        KernelText.Signature(code, plan, "BackwardTiles", isBackward: true, $"{transition.Structure}, {transition.State}");
        using (code.Body())
        {
            TilePlace.Enter(code, plan);
            KernelText.Walk(code, plan, text.Walked, startRow: null);
            text.Flags(code);
            KernelText.Parameters(code, plan, lanes, hoist, [.. step.Operands.Union(transition.Operands)], names);
            KernelText.DeclareStateAt(code, plan);
            var locals = plan.Cell.States.Select(state => names.Gradient(state.Symbol)).ToList();
            TilePlace.First(code, transition, locals, [.. plan.Cell.States.Select(state => KernelText.FinalGradient(plan, lanes, state.Symbol.Index))]);
            text.DeclareSums(code, lanes, names);
            using (code.Block("for (; range.Tile < range.End; range.Tile++)"))
            {
                TilePlace.Steps(code, steps);
                text.CountStores(code);
                code.Line("var last = place.Time - 1 - start;");
                code.Line($"var startRow = {KernelText.RowOf(plan, "last")};");
                foreach (var matrix in text.Walked)
                    KernelText.Start(code, plan, matrix, "startRow");
                if (step.Reads(SymbolKind.State))
                    code.Line($"var earlier = Tiles.Earlier(last, {Literals.Int(steps)});");
                Initial(code, plan, lanes, step, names);
                TilePlace.Loads(code, lanes.Scalar, steps, (number, isFull) => Loads(lanes, step, text, names, number, steps, isFull));
                TilePlace.Compose(code.Line(), transition, names, steps, locals);
                for (var i = 0; i < steps; i++)
                {
                    code.Line().Line(text.Call(names, i, isRaw: false));
                    text.AddSum(code, names, i);
                }

                text.StoreTile(code, lanes, names, steps);

                // Steps past the end of time are no part of the tile's transition.
                code.Line();
                using (code.Block("if (isInside && Tiles.WarpIndex == 0 && range.Tile == place.Pieces - 1 && scan.InitialStateGradient.Length != 0 && TRows.IsEntry(place))"))
                {
                    foreach (var state in plan.Cell.States)
                    {
                        code.Line(lanes.Store(
                            "InitialStateGradient", KernelText.StateAt(state.Symbol.Index), KernelText.IfTaken(lanes, transition.Unpack("state", state.Symbol.Index))));
                    }
                }
            }

            if (!text.HasSums)
                return;
            code.Line();
            text.ReduceSums(code, names);
            text.StoreSums(code, lanes, names, "isInside && Tiles.WarpIndex == 0 && scan.ParameterPartials.Length != 0", "TWalk.Piece(place, range, row)");
        }
    }

    /// <summary>The states before a row's first step, which is nowhere among the saved ones.</summary>
    private static void Initial(CodeWriter code, LayerPlan plan, LaneText lanes, StepFunction step, KernelNames names)
    {
        foreach (var load in step.Loads(SymbolKind.State))
            code.Line($"var {InitialOf(names, load)} = {KernelText.InitialState(plan, lanes, load.Index)};");
    }

    private static string InitialOf(KernelNames names, Symbol state) => names.Of("initial", state, "initial" + KernelPlan.Capital(state.Name));

    private static IEnumerable<(string Name, string Load)> Loads(
        LaneText lanes, StepFunction step, AdjointText text, KernelNames names, int number, int steps, bool isFull)
    {
        foreach (var load in step.Loads(SymbolKind.State))
        {
            // Before a row's first step another is read, and not taken. Of a full thread only the last step may be a row's first.
            var isLast = number == steps - 1;
            var before = lanes.Load(
                text.Saved,
                KernelText.At(text.SavedMatrix, isFull && !isLast ? KernelText.Steps(-number - 1) : $"-Tiles.Previous({Literals.Int(number)}, count, earlier)", load.Index));
            yield return (
                KernelNames.At(names.Operand(load), number),
                isFull && !isLast ? before : $"Select(last == {Literals.Int(number)}, {InitialOf(names, load)}, {before})");
        }

        var distance = TilePlace.Within(number, isFull);
        foreach (var load in text.Loads(lanes, names, number, distance.Length == 0 ? "" : "-" + distance))
            yield return load;
    }
}
