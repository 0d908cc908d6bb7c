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
/// <param name="isSplit">Whether there are kernels that split time.</param>
internal sealed class VectorBackward(LayerPlan plan, ElementSlices slices, ElementFunctions again, ElementFunctions step, StepFunction preparation, bool isSplit)
{
    private readonly KernelNames names = new();
    private readonly LaneText lanes = LaneText.Single(plan);

    private ElementKernelText Text => field ??= new ElementKernelText(plan, slices, names, isSplit);

    private SpanText Spans => field ??= new SpanText(plan, Text, again);

    private VectorGradients Gradients => field ??= new VectorGradients(plan, slices, step, Text, names);

    public void Write(CodeWriter code)
    {
        code.Line("/// <summary>The adjoint of the same steps, last first. A span's states are recomputed from those before it, which forward kept.</summary>");
        KernelText.Signature(code, plan, "Backward", isBackward: true);
        using (code.Body())
        {
            Text.Share(code, [again, step]);
            Gradients.Share(code);
            Text.Distances(code, [again, step]);
            if (plan.Projections + plan.Shared > 0)
                code.Line("var writesPreactivations = scan.PreactivationGradient.Length != 0;");
            if (plan.Cell.HasInput)
                code.Line("var writesInput = scan.InputGradient.Length != 0;");
            if (step.ReadsGradient)
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
        Text.DeclareStateAt(code);
        code.Line();
        Text.Parameters(code, preparation, [.. again.Schedule.Loads.Union(step.Schedule.Loads).Select(load => load.Symbol!).Distinct()]);
        code.Line("var hasFinal = TRows.GivesState(place) && scan.FinalStateGradient.Length != 0;");
        Text.DeclarePieceAt(code);
        foreach (var (state, element, row) in Text.AllStates)
            code.Line($"var {Gradient(state, element)} = {Text.IfSplit(state, element)}hasFinal ? {lanes.Load("FinalStateGradient", KernelText.StateAt(row))} : {lanes.Constant(0)};");
        Gradients.Begin(code);
        Spans.Begin(code);
        Spans.Each(code, () => Text.Steps(code, step, "part", isReversed: true, () => Step(code)));

        code.Line();
        using (code.Block("if (thread.IsInside && scan.InitialStateGradient.Length != 0 && place.First == 0 && TRows.IsEntry(place))"))
        {
            foreach (var (state, element, row) in Text.AllStates)
                code.Line(lanes.Store("InitialStateGradient", KernelText.StateAt(row), KernelText.IfTaken(lanes, Gradient(state, element))));
        }

        Gradients.End(code);
    }

    private void Step(CodeWriter code)
    {
        Spans.Load(code, step);
        Text.Channel(code, step);
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
}
