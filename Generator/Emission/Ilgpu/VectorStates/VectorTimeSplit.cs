using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Planning.VectorStates;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Ilgpu.VectorStates;

/// <summary>
/// The kernels that split the time of a layer with vector states: elements are to each other what channels are, and what a piece of time does
/// to one is a transition of its own. The layer's other kernels are the third phase.
/// </summary>
internal sealed class VectorTimeSplit
{
    private readonly LayerPlan plan;
    private readonly ElementSlices slices;
    private readonly TransitionPair transitions;
    private readonly ElementFunctions forward, backward;

    private VectorTimeSplit(LayerPlan plan, ElementSlices slices, ElementTransition step, ElementTransition adjoint)
    {
        (this.plan, this.slices) = (plan, slices);
        transitions = TransitionPair.Of(step.Plan, adjoint.Plan, plan.IsDouble);
        forward = ElementFunctions.OfTransition(step, TransitionPair.Name, TransitionPair.OfStep);
        backward = ElementFunctions.OfTransition(adjoint, TransitionPair.AdjointName, TransitionPair.OfAdjoint);
    }

    /// <summary>The functions of the kernels.</summary>
    public IEnumerable<StepFunction> Functions => forward.All.Concat(backward.All);

    /// <summary>The kernels; null where steps do not compose, or are too large for a thread to keep what they do to its elements.</summary>
    public static VectorTimeSplit? Of(LayerPlan plan, ElementSlices slices) =>
        plan.Elements is { ForwardTransition: { } step, BackwardTransition: { } adjoint }
            && plan.Cell.NextStates.Length <= GpuKernels.MostStates && slices.HoldsTransitions(plan.Elements)
            ? new VectorTimeSplit(plan, slices, step, adjoint) : null;

    public void WriteConstants(CodeWriter code)
    {
        code.Line("/// <summary>Elements of a state, those of all channels.</summary>").Line("private const int StateWidth = StateSize * Channels;").Line();
        code.Line("private const int Strips = (StateWidth + Tiles.Lanes - 1) / Tiles.Lanes;");
    }

    /// <summary>The list of the kernels, as the table's last but one.</summary>
    public string Table()
    {
        var types = $"<{KernelText.Types(plan)}>";
        return $"""
            new(
                    SummarizeForward{types},
                    SummarizeBackward{types},
                    CarryForward{types},
                    CarryBackward{types},
                    TransitionSize: {Literals.Int(transitions.Size)},
                    Tiled: null)
            """;
    }

    public void WriteKernels(CodeWriter code, ElementFunctions again, StepFunction preparation)
    {
        SummarizeForward(code, preparation);
        SummarizeBackward(code.Line(), again, preparation);
        ChunkKernels.Carry(code.Line(), plan, transitions.Forward, isBackward: false);
        ChunkKernels.Carry(code.Line(), plan, transitions.Backward, isBackward: true);
    }

    public void WriteStructures(CodeWriter code) => transitions.WriteStructures(code);

    private void SummarizeForward(CodeWriter code, StepFunction preparation)
    {
        var text = new ElementKernelText(plan, slices, new KernelNames(), isSplit: true);
        code.Line("/// <summary>What a piece of time does to the states. Threads have elements of them, as in the forward kernel.</summary>");
        KernelText.Signature(code, plan, "SummarizeForward", isBackward: false);
        using (code.Body())
        {
            code.Line("var thread = ElementPlace.At(Grid.IdxX, Channels, Slices);");
            text.Place(code);
            text.Share(code, [forward]);
            text.Distances(code, [forward]);
            code.Line();
            text.Parameters(code, preparation, [.. forward.Schedule.Loads.Select(load => load.Symbol!)]);
            Begin(code, text, transitions.Forward);
            code.Line("var end = place.End;");
            text.Steps(code, forward, "place.First", isReversed: false, () => Compose(code, text, transitions.Forward, forward));
            End(code, text, transitions.Forward);
        }
    }

    private void SummarizeBackward(CodeWriter code, ElementFunctions again, StepFunction preparation)
    {
        var text = new ElementKernelText(plan, slices, new KernelNames(), isSplit: true);
        var spans = new SpanText(plan, text, again);
        var readsStates = backward.Reads(SymbolKind.State);
        ElementFunctions[] steps = readsStates ? [again, backward] : [backward];
        code.Line("/// <summary>What a piece of time does to the gradients of the states that come from after it. Groups take the strips in turn, as in the backward kernel.</summary>");
        KernelText.Signature(code, plan, "SummarizeBackward", isBackward: true);
        using (code.Body())
        {
            text.Share(code, steps);
            text.Distances(code, steps);
            if (backward.ReadsGradient)
                code.Line("var hasGradient = scan.HasOutputGradient != 0;");
            code.Line("var strips = TRows.Pieces(scan.Window) * ElementPlace.Strips(Channels, Slices);");
            using (code.Block("for (long strip = Grid.IdxX; strip < strips; strip += Grid.DimX)"))
            {
                code.Line("var thread = ElementPlace.At(strip, Channels, Slices);");
                text.Place(code);
                code.Line();
                text.Parameters(code, preparation, [.. steps.SelectMany(step => step.Schedule.Loads).Select(load => load.Symbol!).Distinct()]);
                Begin(code, text, transitions.Backward);
                if (readsStates)
                {
                    spans.Begin(code);
                    spans.Each(code, () => Walk("part"));
                }
                else
                {
                    code.Line("var end = place.End;");
                    Walk("place.First");
                }

                End(code, text, transitions.Backward);
            }
        }

        void Walk(string first) => text.Steps(code, backward, first, isReversed: true, () =>
        {
            if (readsStates)
                spans.Load(code, backward);
            Compose(code, text, transitions.Backward, backward);
        });
    }

    private static void Begin(CodeWriter code, ElementKernelText text, TransitionText transition)
    {
        foreach (var element in text.Elements)
            code.Line($"var {Span(element)} = {transition.Structure}.Identity;");
    }

    private static void Compose(CodeWriter code, ElementKernelText text, TransitionText transition, ElementFunctions step)
    {
        text.Channel(code, step);
        foreach (var element in text.Elements)
        {
            List<string> numbers = [.. step.Element.Results.Select(result => text.TransitionNumber(result.Target, element))];
            code.Line(step.Element.Call(numbers.Select(number => "var " + number), step.Element.Operands.Select(operand => text.Operand(operand, element))));
            code.Line($"{Span(element)} = {transition.Structure}.Compose({Span(element)}, new {transition.Structure}({string.Join(", ", numbers)}));");
        }
    }

    private void End(CodeWriter code, ElementKernelText text, TransitionText transition)
    {
        using (code.Line().Block("if (thread.IsInside)"))
        {
            code.Line($"var transitions = scan.Work.Transitions.Cast<{transition.Structure}>();");
            code.Line($"var transitionAt = (thread.Piece * StateWidth) + {text.OfSlice("channel")};");
            foreach (var element in text.Elements)
                code.Line($"transitions[{KernelText.Row("transitionAt", element)}] = {Span(element)};");
        }
    }

    private static string Span(int element) => KernelNames.At("span", element);
}
