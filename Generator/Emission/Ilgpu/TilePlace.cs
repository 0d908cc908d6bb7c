using System;
using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Ilgpu;

/// <summary>Where a thread of a tiled kernel stands, and how its group's warps come to their states.</summary>
internal static class TilePlace
{
    /// <summary>
    /// Numbers of the steps of a thread that its registers hold beside the arithmetic: two groups share a multiprocessor, so that
    /// one loads while the other computes.
    /// </summary>
    private const int NumbersHeld = 80;

    /// <summary>Steps of a thread.</summary>
    /// <param name="numbers">Numbers that a thread holds for each.</param>
    public static int StepsOf(int numbers)
    {
        var steps = KernelText.MostSteps;
        while (steps > 2 && steps * numbers > NumbersHeld)
            steps /= 2;
        return steps;
    }

    /// <summary>The thread's row and channel. A lane past the last channel takes part, but writes nothing.</summary>
    public static void Enter(CodeWriter code, LayerPlan plan)
    {
        code.Line(
            """
            int row = range.Strip / Strips, channel = ((range.Strip - (row * Strips)) * Tiles.Lanes) + Tiles.Lane;
            var place = TRows.Row(scan.Window, scan.Work.Sequences.Cast<long>(), row);
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
            var first = ((long)range.Tile * (Tiles.Warps * {count})) + (Tiles.WarpIndex * {count});
            var start = first < place.Time ? first : place.Time - 1;
            var count = isInside ? Tiles.Count(place.Time - first, {count}) : 0;
            """);
    }

    /// <summary>The distance of a thread's step from its first, within its steps.</summary>
    public static string Within(int number, bool isFull) => number == 0 ? "" : isFull ? KernelText.Steps(number) : $"Tiles.Within({Literals.Int(number)}, count)";

    /// <summary>Loads the thread's steps: at fixed distances where none lies past the end of time.</summary>
    /// <param name="code">The writer.</param>
    /// <param name="type">The type of what is loaded.</param>
    /// <param name="steps">Steps of a thread.</param>
    /// <param name="loads">The loads of a step, of a full thread or not.</param>
    public static void Loads(CodeWriter code, string type, int steps, Func<int, bool, IEnumerable<(string Name, string Load)>> loads)
    {
        var all = Enumerable.Range(0, steps).ToList();
        if (!loads(0, true).Any())
            return;
        foreach (var number in all)
            code.Line($"{type} {string.Join(", ", loads(number, true).Select(load => load.Name))};");
        using (code.Block($"if (count == {Literals.Int(steps)})"))
        {
            foreach (var (name, load) in all.SelectMany(number => loads(number, true)))
                code.Line($"{name} = {load};");
        }

        using (code.Block("else"))
        {
            foreach (var (name, load) in all.SelectMany(number => loads(number, false)))
                code.Line($"{name} = {load};");
        }
    }

    /// <summary>Stores the thread's steps: at once where none lies past the end of time.</summary>
    /// <param name="code">The writer.</param>
    /// <param name="count">How many of the steps are stored.</param>
    /// <param name="steps">Steps of a thread.</param>
    /// <param name="stores">The stores of a step.</param>
    public static void Stores(CodeWriter code, string count, int steps, Func<int, IEnumerable<string>> stores)
    {
        code.Line();
        using (code.Block($"if ({count} == {Literals.Int(steps)})"))
        {
            foreach (var store in Enumerable.Range(0, steps).SelectMany(stores))
                code.Line(store);
        }

        using (code.Block("else"))
        {
            for (var i = 0; i < steps; i++)
            {
                using (code.Block($"if ({count} > {Literals.Int(i)})"))
                {
                    foreach (var store in stores(i))
                        code.Line(store);
                }
            }
        }
    }

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
            state = TWalk.Before(scan.Window, scan.Work, Strips, ref range, all, state);
            var entry = {transition.Structure}.Apply(before, state);
            state = {transition.Structure}.Apply(all, state);
            """);
        for (var i = 0; i < locals.Count; i++)
            code.Line($"{locals[i]} = {transition.Unpack("entry", i)};");
    }
}
