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
/// <param name="Results">What it delivers, each with a name.</param>
internal sealed record StepFunction(
    string Name,
    string Summary,
    Schedule Schedule,
    IReadOnlyList<(string Name, Symbol Target, Expr Value)> Results)
{
    /// <summary>Characters past which a call reads better in two lines.</summary>
    private const int LongLine = 120;

    public static StepFunction Forward(LayerPlan plan, Hoisting hoisting)
    {
        var schedule = plan.Kernels.Forward(hoisting);
        var names = new HashSet<string>(System.StringComparer.Ordinal);
        return new StepFunction("Step", "One step of one channel.", schedule, [.. schedule.Results.Select(result => (
            result.Target.Kind == SymbolKind.State ? NextOf(result.Target.Name) : "output", result.Target, result.Value))]);

        // Two names may differ in the case of their first letter alone.
        string NextOf(string state) => names.Add("next" + KernelPlan.Capital(state)) ? "next" + KernelPlan.Capital(state) : "next" + KernelPlan.Capital(state) + "Of" + state;
    }

    public static StepFunction Backward(LayerPlan plan, Hoisting hoisting)
    {
        var schedule = plan.Kernels.Backward(hoisting);

        // A weight that nothing depends on gets no gradient.
        return new StepFunction("StepBackward", "The adjoint of one step of one channel.", schedule, [.. schedule.Results
            .Where(result => result.Target.Kind != SymbolKind.Weight || !result.Value.Is(0))
            .Select(result => (result.Target.Name + "Gradient", result.Target, result.Value))]);
    }

    /// <summary>What steps take that depends on weights alone, of all schedules that it was taken out of.</summary>
    public static StepFunction Hoist(Hoisting hoisting)
    {
        var schedule = hoisting.Schedule();
        return new StepFunction("Hoist", "What depends on weights alone is the same in every step.", schedule, [.. schedule.Results
            .Select(result => (result.Target.Name, result.Target, result.Value))]);
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
        code.Line($"/// <summary>{Summary}</summary>");
        Head(code, dialect.Scalar);
        using (code.Body())
        {
            expressions.Values(code, Schedule.Values);
            Deliver(code, Results.Select(result => expressions.Use(result.Value)));
        }
    }

    /// <summary>Writes the same function for four neighbouring channels.</summary>
    public void WriteWide(CodeWriter code)
    {
        var taken = new HashSet<string>(Schedule.Loads.Select(load => Schedule.Names[load]).Concat(ResultNames), System.StringComparer.Ordinal);
        var operands = Schedule.Loads.Select(load => Schedule.Names[load]).ToList();

        // Without operands, only the results' type tells the function from the wide one.
        var type = operands.Count > 0 ? "var" : "float";
        code.Line("/// <summary>The same for four neighbouring channels.</summary>");
        Head(code, "Quad");
        using (code.Body())
        {
            var lanes = new[] { "X", "Y", "Z", "W" };
            foreach (var lane in lanes)
                code.Line(Call(Results.Select(result => $"{type} {Local(result.Name, lane)}"), operands.Select(operand => $"{operand}.{lane}")));
            Deliver(code, Results.Select(result => $"new Quad({string.Join(", ", lanes.Select(lane => Local(result.Name, lane)))})"));
        }

        string Local(string result, string lane) => taken.Contains(result + lane) ? result + "Lane" + lane : result + lane;
    }

    /// <summary>A call, with the results assigned to the targets.</summary>
    public string Call(IEnumerable<string> targets, IEnumerable<string> operands)
    {
        if (Returns())
            return $"{targets.Single()} = {Name}({List(operands, [], LongLine)});";
        return $"{Name}({List(operands, targets.Select(target => "out " + target), LongLine)});";
    }

    /// <summary>
    /// The function's head. Several results are parameters: ILGPU 1.5 takes two structures for one whose fields, taken apart to the
    /// last number, are the same, and so mixes tuples of quads up with others.
    /// </summary>
    private void Head(CodeWriter code, string type)
    {
        code.Line("[MethodImpl(MethodImplOptions.AggressiveInlining)]");
        var operands = Schedule.Loads.Select(load => $"{type} {Schedule.Names[load]}");
        code.Line(Returns()
            ? $"private static {type} {Name}({List(operands, [], LongLine - 20)})"
            : $"private static void {Name}({List(operands, ResultNames.Select(name => $"out {type} {name}"), LongLine - 20)})");
    }

    /// <summary>Whether the result is returned. Without operands, only parameters tell the function from the wide one.</summary>
    private bool Returns() => Results.Count == 1 && Schedule.Loads.Length > 0;

    private static string List(IEnumerable<string> operands, IEnumerable<string> results, int longest)
    {
        List<string> items = [.. operands], delivered = [.. results];
        if (items.Sum(item => item.Length + 2) + delivered.Sum(item => item.Length + 2) <= longest + 2)
            return string.Join(", ", items.Concat(delivered));
        return "\n    " + string.Join(",\n    ", Lines(items).Concat(Lines(delivered)));
    }

    private static IEnumerable<string> Lines(IEnumerable<string> items)
    {
        var line = "";
        foreach (var item in items)
        {
            if (line.Length > 0 && line.Length + item.Length > LongLine)
            {
                yield return line;
                line = "";
            }

            line += (line.Length > 0 ? ", " : "") + item;
        }

        if (line.Length > 0)
            yield return line;
    }

    /// <summary>The results' names as parameters, none of them a local's.</summary>
    private List<string> ResultNames
    {
        get
        {
            var taken = new HashSet<string>(
                Schedule.Loads.Select(load => Schedule.Names[load])
                    .Concat(Schedule.Values.SelectMany(value => new[] { value.Node, value.Partner }).Where(node => node is not null).Select(node => Schedule.Names[node!])),
                System.StringComparer.Ordinal);
            return [.. Results.Select(result =>
            {
                var name = result.Name;
                while (Names.IsKeyword(name) || !taken.Add(name))
                    name += "Result";
                return name;
            })];
        }
    }

    private void Deliver(CodeWriter code, IEnumerable<string> values)
    {
        if (Returns())
        {
            code.Line($"return {values.Single()};");
            return;
        }

        foreach (var (result, value) in ResultNames.Zip(values, (name, value) => (name, value)))
            code.Line($"{result} = {value};");
    }
}
