using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Planning.VectorStates;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Ilgpu.VectorStates;

/// <summary>
/// The kernel of the adjoint of a layer with vector states. It takes the spans between kept states last first: recomputes the states
/// before each step of one, then goes back through it with the gradients of states and weights in registers.
/// </summary>
/// <param name="plan">The layer.</param>
/// <param name="slices">How elements are spread over threads.</param>
/// <param name="again">The step without its output.</param>
/// <param name="step">The step's adjoint.</param>
/// <param name="preparation">What depends on weights alone.</param>
internal sealed class VectorBackward(LayerPlan plan, ElementSlices slices, ElementFunctions again, ElementFunctions step, StepFunction preparation)
{
    private readonly KernelNames names = new();
    private readonly LaneText lanes = LaneText.Single(plan);

    private ElementKernelText Text => field ??= new ElementKernelText(plan, slices, names);

    private VectorGradients Gradients => field ??= new VectorGradients(plan, slices, step, Text, names);

    private bool ReadsGradient => plan.Cell.Output is null || step.Reads(SymbolKind.OutputGradient);

    public void Write(CodeWriter code)
    {
        code.Line("/// <summary>The adjoint of the same steps, last first. A span's states are recomputed from those before it, which forward kept.</summary>");
        KernelText.Signature(code, plan, "Backward", isBackward: true);
        using (code.Body())
        {
            Text.Share(code, [again, step], functions => functions == step && ReadsGradient);
            Gradients.Share(code);
            Text.Distances(code, [again, step]);
            if (plan.Projections + plan.Shared > 0)
                code.Line("var writesPreactivations = scan.PreactivationGradient.Length != 0;");
            if (plan.Cell.HasInput)
                code.Line("var writesInput = scan.InputGradient.Length != 0;");
            if (ReadsGradient)
                code.Line("var hasGradient = scan.HasOutputGradient != 0;");
            code.Line("var strips = TRows.Pieces(scan.Window) * ElementPlace.Strips(Channels, Slices);");
            using (code.Block("for (long strip = Grid.IdxX; strip < strips; strip += Grid.DimX)"))
                Strip(code);
        }
    }

    private void Strip(CodeWriter code)
    {
        code.Line("var thread = ElementPlace.At(strip, Channels, Slices);");
        Text.Place(code);
        code.Line();
        Text.Parameters(code, preparation, [.. again.Schedule.Loads.Union(step.Schedule.Loads).Select(load => load.Symbol!).Distinct()]);
        code.Line("var hasFinal = TRows.GivesState(place) && scan.FinalStateGradient.Length != 0;");
        foreach (var (state, element, row) in Text.AllStates)
            code.Line($"var {Gradient(state, element)} = hasFinal ? {lanes.Load("FinalStateGradient", KernelText.StateAt(row))} : {lanes.Constant(0)};");
        Gradients.Begin(code);
        code.Line($"var checkpointAt = ((place.Start / CheckpointSteps) + thread.Piece) * {KernelText.Width(plan.States)};");
        code.Line($"var spanAt = ((long)Grid.IdxX * CheckpointSteps * {States}) + {Text.OfSlice("thread.Lane", "(firstElement * Tiles.Lanes)")};");
        using (code.Block("for (var first = ((place.Time + CheckpointSteps - 1) / CheckpointSteps - 1) * CheckpointSteps; first >= 0; first -= CheckpointSteps)"))
        {
            code.Line("var end = IntrinsicMath.Min(first + CheckpointSteps, place.Time);");
            code.Line($"var keptAt = checkpointAt + (first / CheckpointSteps * {KernelText.Width(plan.States)}) + {Text.OfSlice("channel")};");
            foreach (var (state, element, row) in Text.AllStates)
                code.Line($"var {Text.Operand(state, element)} = {lanes.Load("States", KernelText.Row("keptAt", row))};");
            code.Line().Line("// The states before each step, again.");
            using (code.Block("for (var start = first; start < end; start += Staging.Steps)"))
            {
                Text.Stage(code, again, readsGradient: false);
                using (code.Block("for (var step = 0; step < count; step++)"))
                    Again(code);
                code.Line().Line("Group.Barrier();");
            }

            code.Line();
            using (code.Block("for (var start = first + ((end - first - 1) / Staging.Steps * Staging.Steps); start >= first; start -= Staging.Steps)"))
            {
                Text.Stage(code, step, ReadsGradient);
                using (code.Block("for (var step = count - 1; step >= 0; step--)"))
                    Step(code);
                code.Line().Line("Group.Barrier();");
            }
        }

        code.Line();
        using (code.Block("if (thread.IsInside && scan.InitialStateGradient.Length != 0 && TRows.IsEntry(place))"))
        {
            foreach (var (state, element, row) in Text.AllStates)
                code.Line(lanes.Store("InitialStateGradient", KernelText.StateAt(row), KernelText.IfTaken(lanes, Gradient(state, element))));
        }

        Gradients.End(code);
    }

    /// <summary>Keeps the states before a step of the span, and goes on to the next.</summary>
    private void Again(CodeWriter code)
    {
        code.Line($"var statesAt = spanAt + ((start - first + step) * {States});");
        foreach (var (state, element, row) in Text.AllStates)
            code.Line($"scan.Vectors.States[{SpanState(row)}] = {Text.Operand(state, element)};");
        Text.Channel(code.Line(), again, readsGradient: false);
        foreach (var element in Text.Elements)
            code.Line(again.Element.Call(again.Element.Results.Select(result => Text.Operand(result.Target, element)), again.Element.Operands.Select(operand => Text.Operand(operand, element))));
    }

    private void Step(CodeWriter code)
    {
        code.Line($"var statesAt = spanAt + ((start - first + step) * {States});");
        foreach (var (state, element, row) in Text.AllStates.Where(entry => step.Schedule.Loads.Any(load => load.Symbol == entry.State)))
            code.Line($"{Text.Operand(state, element)} = scan.Vectors.States[{SpanState(row)}];");
        Text.Channel(code.Line(), step, ReadsGradient);
        foreach (var element in Text.Elements)
        {
            code.Line(step.Element.Call(
                step.Element.Results.Select(result => result.Target.Kind switch
                {
                    SymbolKind.State => Gradient(result.Target, element),
                    SymbolKind.ElementSum => Text.SumTarget(result.Target, element),
                    _ => "var " + Gradient(result.Target, element),
                }),
                step.Element.Operands.Select(operand => Text.Operand(operand, element))));
        }

        Gradients.Step(code);
    }

    private string Gradient(Symbol symbol, int element) => ElementKernelText.Of(names.Gradient(symbol), element);

    private string States => $"({Literals.Int(plan.States)} * Tiles.Lanes)";

    private static string SpanState(int row) => row switch
    {
        0 => "statesAt",
        1 => "statesAt + Tiles.Lanes",
        _ => $"statesAt + ({Literals.Int(row)} * Tiles.Lanes)",
    };
}
