using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Planning.VectorStates;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Ilgpu.VectorStates;

/// <summary>
/// The forward kernel of a layer with vector states: a thread carries elements of a channel's states in registers through a piece of time,
/// and the group keeps the states before every K-th step where backward follows.
/// </summary>
internal static class VectorForward
{
    public static void Write(CodeWriter code, LayerPlan plan, ElementSlices slices, ElementFunctions step, StepFunction preparation, bool isSplit)
    {
        var (names, lanes) = (new KernelNames(), LaneText.Single(plan));
        var text = new ElementKernelText(plan, slices, names, isSplit);
        code.Line($"/// <summary>A thread carries {(text.IsSliced ? "a slice of a channel's states" : "the states of a channel")} through a piece of time; a group has a strip of channels.</summary>");
        KernelText.Signature(code, plan, "Forward", isBackward: false);
        using (code.Body())
        {
            code.Line("var thread = ElementPlace.At(Grid.IdxX, Channels, Slices);");
            text.Place(code);
            text.DeclareStateAt(code);
            text.Share(code, [step]);
            if (text.IsSliced)
                text.Allocate(code, "parts", $"2 * {Literals.Int(step.Schedule.Sums.Count)} * Slices * Tiles.Lanes");
            text.Distances(code, [step]);
            code.Line();
            text.Parameters(code, preparation, [.. step.Schedule.Loads.Select(load => load.Symbol!)]);
            code.Line("var hasState = TRows.TakesState(place) && scan.InitialState.Length != 0;");
            text.DeclarePieceAt(code);
            foreach (var (state, element, row) in text.AllStates)
                code.Line($"var {text.Operand(state, element)} = {text.IfSplit(state, element)}hasState ? {lanes.Load("InitialState", KernelText.StateAt(row))} : {lanes.Constant(plan.Cell.States.ElementAt(state.Index).Initial ?? 0)};");
            code.Line("var savesStates = scan.States.Length != 0;");
            code.Line($"var checkpointAt = ({text.CheckpointsOfRow()}) + (place.First / CheckpointSteps * {KernelText.Width(plan.States)}) + {text.OfSlice("channel")};");
            using (code.Block("for (var first = place.First; first < place.End; first += CheckpointSteps)"))
            {
                using (code.Block("if (savesStates && thread.IsInside)"))
                {
                    foreach (var (state, element, row) in text.AllStates)
                        code.Line(lanes.Store("States", KernelText.Row("checkpointAt", row), text.Operand(state, element)));
                }

                code.Line().Line($"checkpointAt += {KernelText.Width(plan.States).Trim('(', ')')};");
                code.Line("var end = IntrinsicMath.Min(first + CheckpointSteps, place.End);");
                text.Steps(code, step, "first", isReversed: false, () => Step(code, text, lanes, step));
            }

            code.Line();
            using (code.Block("if (thread.IsInside && scan.FinalState.Length != 0 && place.End == place.Time && TRows.GivesState(place))"))
            {
                foreach (var (state, element, row) in text.AllStates)
                    code.Line(lanes.Store("FinalState", KernelText.StateAt(row), text.Operand(state, element)));
            }
        }
    }

    private static void Step(CodeWriter code, ElementKernelText text, LaneText lanes, ElementFunctions step)
    {
        text.Channel(code, step);
        foreach (var element in text.Elements)
        {
            code.Line(step.Element.Call(
                step.Element.Results.Select(result => result.Target.Kind == SymbolKind.State
                    ? text.Operand(result.Target, element)
                    : text.SumTarget(result.Target, element)),
                step.Element.Operands.Select(operand => text.Operand(operand, element))));
        }

        if (text.IsSliced)
        {
            code.Line().Line("// Steps take two buffers in turn: nobody writes to one that is still read.").Line("var buffer = step & 1;");
            text.LeaveParts(code, step, hasBuffers: true);
            code.Line("Group.Barrier();");
        }

        using (code.Line().Block(text.IsSliced ? "if (thread.Slice == 0 && thread.IsInside)" : "if (thread.IsInside)"))
        {
            text.Sums(code, step);
            code.Line(text.After(step, _ => "result"));
            code.Line(lanes.Store("Output", KernelText.At("output", "step"), "result"));
        }
    }
}
