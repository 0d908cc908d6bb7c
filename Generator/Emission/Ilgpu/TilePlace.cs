using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Ilgpu;

/// <summary>Where a thread of a tiled kernel stands, and how its group's warps come to their states.</summary>
internal static class TilePlace
{
    /// <summary>Numbers of the steps of a thread that its registers hold beside the arithmetic.</summary>
    private const int NumbersHeld = 56;

    /// <summary>Steps of a thread.</summary>
    /// <param name="loads">Elements that a step loads.</param>
    /// <param name="elements">Numbers of a transition.</param>
    public static int StepsOf(int loads, int elements)
    {
        var steps = KernelText.MostSteps;
        while (steps > 2 && steps * (loads + elements) > NumbersHeld)
            steps /= 2;
        return steps;
    }

    /// <summary>The group's tiles, and the thread's row and channel. A lane past the last channel takes part, but writes nothing.</summary>
    public static void Enter(CodeWriter code, LayerPlan plan)
    {
        code.Line(
            """
            var range = TWalk.Enter(scan.Window, scan.Work, Strips);
            var row = range.Strip / Strips;
            var place = TRows.Row(scan.Window, scan.Work.Sequences.Cast<long>(), row);
            var channel = (range.Strip % Strips * Tiles.Lanes) + Tiles.Lane;
            var isInside = channel < Channels;
            """);
        if (plan.HiddenSize % 32 != 0)
            code.Line("channel = isInside ? channel : Channels - 1;");
        code.Line();
    }

    /// <summary>The state before the first tile.</summary>
    public static void First(CodeWriter code, TransitionText transition, IReadOnlyList<string> locals, IReadOnlyList<string> initial)
    {
        for (var i = 0; i < locals.Count; i++)
            code.Line($"var {locals[i]} = {initial[i]};");
        code.Line($"var state = {transition.Pack(locals)};");
    }

    /// <summary>The thread's steps of a tile: those past the end of time are read as the last one, and not taken.</summary>
    public static void Steps(CodeWriter code, int steps)
    {
        var count = Literals.Int(steps);
        code.Line(
            $"""
            var first = ((range.Tile * Tiles.Warps) + Tiles.WarpIndex) * {count};
            var start = first < place.Time ? first : place.Time - 1;
            var count = isInside ? Tiles.Count(place.Time - first, {count}) : 0;
            """);
    }

    /// <summary>The distance of a thread's step from its first, within its steps.</summary>
    public static string Within(int number) => number == 0 ? "" : $"Tiles.Within({Literals.Int(number)}, count)";

    /// <summary>From the transitions of the thread's steps to the state before them.</summary>
    public static void Compose(CodeWriter code, TransitionText transition, KernelNames names, int steps, IReadOnlyList<string> locals)
    {
        // In the adjoint, the output's gradient is the step's.
        for (var i = 0; i < steps; i++)
        {
            var operands = transition.Operands.Select(load => load.Kind switch
            {
                SymbolKind.Weight or SymbolKind.Hoisted => names.Operand(load),
                SymbolKind.OutputGradient => KernelNames.At("stepGradient", i),
                _ => KernelNames.At(names.Operand(load), i),
            });
            code.Line($"var {KernelNames.At("transition", i)} = {transition.Function}({string.Join(", ", operands)}).If(count > {Literals.Int(i)});");
        }

        code.Line("var span = transition0;");
        for (var i = 1; i < steps; i++)
            code.Line($"span = {transition.Structure}.Compose(span, {KernelNames.At("transition", i)});");
        code.Line(
            $"""

            var all = Tiles.Compose<{transition.Structure}, {transition.State}>(span, out var before);
            state = TWalk.Before(scan.Window, scan.Work, Strips, range, all, state);
            var entry = {transition.Structure}.Apply(before, state);
            state = {transition.Structure}.Apply(all, state);
            """);
        for (var i = 0; i < locals.Count; i++)
            code.Line($"{locals[i]} = {transition.Unpack("entry", i)};");
    }
}
