using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Declarations;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Ilgpu;

/// <summary>What forward and backward kernels have in common: how they find their place, and how they reach elements.</summary>
internal static class KernelText
{
    /// <summary>Steps of one round of a kernel's loop.</summary>
    public const int Unroll = 4;

    public static string Scalar(LayerPlan plan) => plan.IsDouble ? "double" : "float";

    public static string View(LayerPlan plan) => $"ArrayView<{Scalar(plan)}>";

    /// <summary>Elements of a row of several channels' rows.</summary>
    public static string Width(int rows) => rows == 1 ? "Channels" : $"({Literals.Int(rows)} * Channels)";

    public static string Signature(string name, IEnumerable<string> parameters) =>
        $"public static void {name}(\n    {string.Join(",\n    ", parameters)})";

    /// <summary>The thread's row and channel, and the strides of a step in the order of the scan.</summary>
    /// <param name="code">The writer.</param>
    /// <param name="plan">The layer.</param>
    /// <param name="isBackward">Whether the kernel starts at the last step.</param>
    /// <param name="walked">The matrices that it walks through.</param>
    public static void Place(CodeWriter code, LayerPlan plan, bool isBackward, IReadOnlyCollection<string> walked)
    {
        code.Line(
            """
            var thread = Grid.LongGlobalIndex.X;
            if (thread >= batch * Channels)
                return;
            long row = thread / Channels, channel = thread % Channels;

            """);
        var (first, last) = ("row * time", "((row + 1) * time) - 1");
        var (start, end) = isBackward ? (last, first) : (first, last);
        code.Line(plan.Direction switch
        {
            Direction.Forward => $"var startRow = {start};",
            Direction.Reverse => $"var startRow = {end};",
            _ => $"var startRow = direction > 0 ? {start} : {end};",
        });
        foreach (var (matrix, rows) in new[] { ("preactivation", plan.Projections), ("output", 1), ("states", plan.States) })
        {
            if (walked.Contains(matrix))
                Walk(code, plan, matrix, rows);
        }
    }

    /// <summary>Declares where the thread's elements of a matrix start and how far apart those of two steps are.</summary>
    private static void Walk(CodeWriter code, LayerPlan plan, string matrix, int rows)
    {
        var width = Width(rows);
        code.Line(plan.Direction switch
        {
            Direction.Forward => $"const long {matrix}Step = {width.Trim('(', ')')};",
            Direction.Reverse => $"const long {matrix}Step = -{width};",
            _ => $"var {matrix}Step = direction * {width};",
        });
        code.Line($"var {matrix}At = (startRow * {width}) + channel;");
    }

    /// <summary>An element of a matrix that is walked, some steps ahead and some channels' rows down.</summary>
    public static string At(string matrix, int steps, int row = 0)
    {
        var at = matrix + "At" + steps switch
        {
            0 => "",
            1 => $" + {matrix}Step",
            -1 => $" - {matrix}Step",
            > 0 => $" + ({Literals.Int(steps)} * {matrix}Step)",
            _ => $" - ({Literals.Int(-steps)} * {matrix}Step)",
        };
        return row switch
        {
            0 => at,
            1 => at + " + Channels",
            _ => $"{at} + ({Literals.Int(row)} * Channels)",
        };
    }

    /// <summary>An element of a [B, S, H] view.</summary>
    public static string StateAt(LayerPlan plan, int state)
    {
        var at = plan.States == 1 ? "thread" : $"(row * {Width(plan.States)}) + channel";
        return state switch
        {
            0 => at,
            1 => at + " + Channels",
            _ => $"{at} + ({Literals.Int(state)} * Channels)",
        };
    }

    /// <summary>The initial state: the view's, or the cell's constant.</summary>
    public static string InitialState(LayerPlan plan, int state)
    {
        var constant = new ScalarDialect(plan.IsDouble).Number(plan.Cell.States.ElementAt(state).Initial ?? 0);
        return $"initialState.Length == 0 ? {constant} : initialState[{StateAt(plan, state)}]";
    }

    public static void Weights(CodeWriter code, LayerPlan plan, StepFunction step, KernelNames names)
    {
        foreach (var load in step.Loads(SymbolKind.Weight))
            code.Line($"var {names.Operand(load)} = {names.View(plan.Cell.Weights.ElementAt(load.Index))}[channel];");
    }

    /// <summary>Moves every walked matrix by some steps.</summary>
    public static void Advance(CodeWriter code, IEnumerable<string> matrices, int steps)
    {
        foreach (var matrix in matrices)
        {
            var by = steps is 1 or -1 ? $"{matrix}Step" : $"{Literals.Int(steps < 0 ? -steps : steps)} * {matrix}Step";
            code.Line($"{matrix}At {(steps < 0 ? "-" : "+")}= {by};");
        }
    }
}
