using System;
using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Ilgpu.VectorStates;

/// <summary>
/// How kernels that go back in time come to the states before each step: of the spans between kept states, last first, each is recomputed,
/// once for each of its parts, whose states go into memory that belongs to the group: little enough to stay in the device's cache.
/// </summary>
/// <param name="plan">The layer.</param>
/// <param name="text">The kernel's text.</param>
/// <param name="again">The step without its output.</param>
internal sealed class SpanText(LayerPlan plan, ElementKernelText text, ElementFunctions again)
{
    private readonly LaneText lanes = LaneText.Single(plan);

    private string States => $"({Literals.Int(plan.States)} * Tiles.Lanes)";

    /// <summary>Declares where a strip's kept states, and those of a part of the group's span, are.</summary>
    public void Begin(CodeWriter code)
    {
        code.Line($"var checkpointAt = {text.CheckpointsOfRow()};");
        code.Line($"var spanAt = ((long)Grid.IdxX * Staging.Steps * {States}) + {text.OfSlice("thread.Lane", "(firstElement * Tiles.Lanes)")};");
    }

    /// <summary>The loop over a piece's spans, and over their parts, that begin with <c>part</c>.</summary>
    /// <param name="code">The writer.</param>
    /// <param name="write">Writes what is done with a part.</param>
    public void Each(CodeWriter code, Action write)
    {
        using (code.Block("for (var first = ((place.End + CheckpointSteps - 1) / CheckpointSteps - 1) * CheckpointSteps; first >= place.First; first -= CheckpointSteps)"))
        {
            code.Line("var spanEnd = IntrinsicMath.Min(first + CheckpointSteps, place.End);");
            using (code.Block($"for (var part = {ElementKernelText.LastStart("first", "spanEnd")}; part >= first; part -= Staging.Steps)"))
            {
                code.Line("var end = IntrinsicMath.Min(part + Staging.Steps, spanEnd);");
                Recompute(code);
                write();
            }
        }
    }

    private void Recompute(CodeWriter code)
    {
        code.Line($"var keptAt = checkpointAt + (first / CheckpointSteps * {KernelText.Width(plan.States)}) + {text.OfSlice("channel")};");
        foreach (var (state, element, row) in text.AllStates)
            code.Line($"var {text.Operand(state, element)} = {lanes.Load("States", KernelText.Row("keptAt", row))};");
        code.Line().Line("// The states before each step of the part, again.");
        text.Steps(code, again, "first", isReversed: false, () => Again(code));
        code.Line();
    }

    /// <summary>Reads the states before a step, as far as the step reads them.</summary>
    public void Load(CodeWriter code, ElementFunctions step)
    {
        DeclareStatesAt(code);
        foreach (var (state, element, row) in text.AllStates.Where(entry => step.Schedule.Loads.Any(load => load.Symbol == entry.State)))
            code.Line($"{text.Operand(state, element)} = scan.Vectors.States[{At(row)}];");
        code.Line();
    }

    /// <summary>Keeps the states before a step of the part, and goes on to the next.</summary>
    private void Again(CodeWriter code)
    {
        using (code.Block("if (start == part)"))
        {
            DeclareStatesAt(code);
            foreach (var (state, element, row) in text.AllStates)
                code.Line($"scan.Vectors.States[{At(row)}] = {text.Operand(state, element)};");
        }

        text.Channel(code.Line(), again);
        foreach (var element in text.Elements)
            code.Line(again.Element.Call(again.Element.Results.Select(result => text.Operand(result.Target, element)), again.Element.Operands.Select(operand => text.Operand(operand, element))));
    }

    private void DeclareStatesAt(CodeWriter code) => code.Line($"var statesAt = spanAt + ((long)step * {States});");

    private static string At(int row) => row switch
    {
        0 => "statesAt",
        1 => "statesAt + Tiles.Lanes",
        _ => $"statesAt + ({Literals.Int(row)} * Tiles.Lanes)",
    };
}
