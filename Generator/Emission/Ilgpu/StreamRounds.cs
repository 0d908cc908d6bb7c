using System;
using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Ilgpu;

/// <summary>An element that each step of a streaming kernel loads, as it lies in memory.</summary>
/// <param name="Name">Its name in a step.</param>
/// <param name="Next">Its name in a step of the round after.</param>
/// <param name="View">The argument's view.</param>
/// <param name="Matrix">The matrix that the kernel walks through it as.</param>
/// <param name="Row">Its row of channels in a step of the matrix.</param>
/// <param name="Offset">The step of the matrix that it is of, from the kernel's own.</param>
/// <param name="OfOne">Its load outside of a round, where that is another.</param>
internal sealed record RoundElement(string Name, string Next, string View, string Matrix, int Row = 0, int Offset = 0, string? OfOne = null)
{
    /// <summary>The pre-activations and the layer's input, as far as a step or its adjoint loads them.</summary>
    public static IEnumerable<RoundElement> Inputs(StepFunction step, KernelNames names) =>
        step.Loads(SymbolKind.Projection)
            .Select(load => new RoundElement(names.Operand(load), names.Next(load), "Preactivations", "preactivation", load.Index))
            .Concat(step.Loads(SymbolKind.Input).Select(load => new RoundElement(names.Operand(load), names.Next(load), "Input", "output")));

    /// <summary>Its load, some steps away.</summary>
    public string Load(LaneText lanes, int steps) => lanes.Load(View, KernelText.At(Matrix, KernelText.Steps(steps + Offset), Row));
}

/// <summary>
/// The loop of a streaming kernel over rounds of several steps. All loads of a round are under way at once. Where a thread has one
/// channel, they are those of the round after, so that the memory works while a round is computed.
/// </summary>
/// <param name="lanes">The thread's channels.</param>
/// <param name="unroll">Steps of a round.</param>
/// <param name="isBackward">Whether the last step comes first.</param>
/// <param name="elements">What a step loads.</param>
internal sealed class StreamRounds(LaneText lanes, int unroll, bool isBackward, IReadOnlyList<RoundElement> elements)
{
    private string Next => isBackward ? $"step -= {Literals.Int(unroll)}" : $"step += {Literals.Int(unroll)}";

    /// <param name="code">The writer.</param>
    /// <param name="round">Writes a round of loaded steps.</param>
    public void Write(CodeWriter code, Action round)
    {
        if (lanes.IsWide || elements.Count == 0)
        {
            using (code.Block($"for (; {Remain(unroll)}; {Next})"))
            {
                code.Line("// All loads of the round stand before its stores: they are under way at once.");
                Loads(code, 0, isNext: false);
                round();
            }

            return;
        }

        var prefetch = lanes.IsDouble ? null : new PrefetchText(elements, unroll, isBackward);
        prefetch?.Declare(code);
        using (code.Block($"if ({Remain(unroll)})"))
        {
            Loads(code, 0, isNext: false);
            code.Line();
            using (code.Block($"for (; {Remain(2 * unroll)}; {Next})"))
            {
                code.Line("// The loads of the next round are under way while this one is computed.");
                Loads(code, unroll, isNext: true);
                prefetch?.Ask(code);
                round();
                code.Line();
                foreach (var (element, i) in Each())
                    code.Line($"{KernelNames.At(element.Name, i)} = {KernelNames.At(element.Next, i)};");
            }

            code.Line().Line("// No round comes after the last one.");
            using (code.Body())
                round();
            code.Line().Line($"{Next};");
        }
    }

    /// <summary>Loads the elements of a step outside of a round.</summary>
    public void LoadOne(CodeWriter code)
    {
        foreach (var element in elements)
            code.Line($"var {element.Name} = {element.OfOne ?? element.Load(lanes, 0)};");
    }

    /// <summary>Whether some number of steps remain.</summary>
    private string Remain(int steps) => isBackward ? $"step >= lowest + {Literals.Int(steps - 1)}" : $"step <= end - {Literals.Int(steps)}";

    private void Loads(CodeWriter code, int ahead, bool isNext)
    {
        foreach (var (element, i) in Each())
            code.Line($"var {KernelNames.At(isNext ? element.Next : element.Name, i)} = {element.Load(lanes, isBackward ? -ahead - i : ahead + i)};");
    }

    private IEnumerable<(RoundElement Element, int Step)> Each() =>
        Enumerable.Range(0, unroll).SelectMany(i => elements.Select(element => (element, i)));
}
