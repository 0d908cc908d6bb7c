using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Ilgpu;

/// <summary>
/// One step, or the adjoint of one, as a function of numbers. Kernels call it for each of the steps that they unroll: the
/// backends inline it, and the text of a kernel shows its memory traffic alone.
/// </summary>
/// <param name="Name">The function's name.</param>
/// <param name="Summary">What it computes.</param>
/// <param name="Schedule">The values, in order.</param>
/// <param name="Results">What it returns, each with a name; more than one as a tuple.</param>
internal sealed record StepFunction(
    string Name,
    string Summary,
    Schedule Schedule,
    IReadOnlyList<(string Name, Symbol Target, Expr Value)> Results)
{
    /// <summary>Characters past which a call reads better in two lines.</summary>
    private const int LongLine = 120;

    private const int LongestTuple = 7;

    public static StepFunction Forward(LayerPlan plan)
    {
        var schedule = plan.Kernels.Forward();
        var names = new HashSet<string>(System.StringComparer.Ordinal);
        return new StepFunction("Step", "One step of one channel.", schedule, [.. schedule.Results.Select(result => (
            result.Target.Kind == SymbolKind.State ? NextOf(result.Target.Name) : "output", result.Target, result.Value))]);

        // Two names may differ in the case of their first letter alone.
        string NextOf(string state) => names.Add("next" + Capital(state)) ? "next" + Capital(state) : "next" + Capital(state) + "Of" + state;
    }

    public static StepFunction Backward(LayerPlan plan)
    {
        var schedule = plan.Kernels.Backward();

        // A weight that nothing depends on gets no gradient.
        return new StepFunction("StepBackward", "The adjoint of one step of one channel.", schedule, [.. schedule.Results
            .Where(result => result.Target.Kind != SymbolKind.Weight || !result.Value.Is(0))
            .Select(result => (result.Target.Name + "Gradient", result.Target, result.Value))]);
    }

    public bool Reads(SymbolKind kind) => Operands.Any(operand => operand.Kind == kind);

    public bool Returns(Symbol target) => Results.Any(result => result.Target == target);

    /// <summary>The operands, in the order of the function's parameters.</summary>
    public IEnumerable<Symbol> Operands => Schedule.Loads.Select(load => load.Symbol!);

    public IEnumerable<Symbol> Loads(SymbolKind kind) => Operands.Where(operand => operand.Kind == kind);

    public void Write(CodeWriter code, LayerPlan plan)
    {
        var dialect = new ScalarDialect(plan.IsDouble);
        var expressions = new ExpressionWriter(Schedule.Names, dialect);
        var type = Results.Count == 1 ? dialect.Scalar : Tuple(Results.Select(result => $"{dialect.Scalar} {result.Name}"));
        var parameters = string.Join(", ", Schedule.Loads.Select(load => $"{dialect.Scalar} {Schedule.Names[load]}"));
        code.Line($"/// <summary>{Summary}</summary>").Line("[MethodImpl(MethodImplOptions.AggressiveInlining)]");
        var wrap = type.Length + parameters.Length < LongLine - 30 ? "" : "\n    ";
        code.Line($"private static {type} {Name}({wrap}{parameters})");
        using (code.Body())
        {
            Values(code, Schedule, expressions);
            code.Line($"return {Tuple(Results.Select(result => expressions.Use(result.Value)))};");
        }
    }

    /// <summary>Writes the same function for four neighbouring channels.</summary>
    public void WriteWide(CodeWriter code)
    {
        var taken = new HashSet<string>(Schedule.Loads.Select(load => Schedule.Names[load]), System.StringComparer.Ordinal);
        var operands = Schedule.Loads.Select(load => Schedule.Names[load]).ToList();
        var type = Results.Count == 1 ? "Quad" : Tuple(Results.Select(result => $"Quad {result.Name}"));
        var parameters = string.Join(", ", operands.Select(operand => $"Quad {operand}"));
        var wrap = type.Length + parameters.Length < LongLine - 30 ? "" : "\n    ";
        code.Line("/// <summary>The same for four neighbouring channels.</summary>").Line("[MethodImpl(MethodImplOptions.AggressiveInlining)]");
        code.Line($"private static {type} {Name}({wrap}{parameters})");
        using (code.Body())
        {
            var lanes = new[] { "X", "Y", "Z", "W" };
            foreach (var lane in lanes)
                code.Line(Call(Results.Select(result => "var " + Local(result.Name, lane)), operands.Select(operand => $"{operand}.{lane}")));
            code.Line($"return {Tuple(Results.Select(result => $"new Quad({string.Join(", ", lanes.Select(lane => Local(result.Name, lane)))})"))};");
        }

        string Local(string result, string lane) => taken.Contains(result + lane) ? result + "Lane" + lane : result + lane;
    }

    /// <summary>Writes the values that a schedule gives a name.</summary>
    public static void Values(CodeWriter code, Schedule schedule, ExpressionWriter expressions)
    {
        foreach (var value in schedule.Values)
        {
            code.Line(value.Partner is null
                ? $"var {schedule.Names[value.Node]} = {expressions.Definition(value.Node)};"
                : $"var ({schedule.Names[value.Node]}, {schedule.Names[value.Partner]}) = {value.PairSpelling}({expressions.Use(value.Node[0])});");
        }
    }

    /// <summary>A call, with the results assigned to the targets.</summary>
    public string Call(IEnumerable<string> targets, IEnumerable<string> operands)
    {
        var left = Tuple(targets);
        var call = $"{Name}({string.Join(", ", operands)});";
        return left.Length + call.Length < LongLine ? $"{left} = {call}" : $"{left} =\n    {call}";
    }

    /// <summary>One item alone, or a tuple; of tuples where there are many, for kernels cannot construct one of more than seven.</summary>
    private static string Tuple(IEnumerable<string> items)
    {
        var all = items.ToList();
        if (all.Count == 1)
            return all[0];
        var groups = (all.Count + LongestTuple - 1) / LongestTuple;
        return groups == 1
            ? $"({string.Join(", ", all)})"
            : Tuple(Enumerable.Range(0, groups).Select(group =>
                Tuple(all.Skip(group * all.Count / groups).Take(((group + 1) * all.Count / groups) - (group * all.Count / groups)))));
    }

    private static string Capital(string name) => char.ToUpperInvariant(name[0]) + name.Substring(1);
}
