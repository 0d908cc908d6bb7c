using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;
using MinRnn.Samples.Playground.Compilation;

namespace MinRnn.Samples.Playground.Drawing;

/// <summary>Writes a schedule, the order in which kernels compute a step, as lines of mathematics with the kernels' own names.</summary>
internal sealed class FormulaWriter
{
    /// <summary>Below that of any arithmetic, as in C#.</summary>
    private const int ComparisonPrecedence = 60, ConjunctionPrecedence = 50, SelectionPrecedence = 10;

    /// <summary>A product stands closer together, and so binds tighter than in C#.</summary>
    private const int DivisionPrecedence = Operator.MultiplicativePrecedence - 1;

    private readonly Dictionary<Expr, string> names;

    private FormulaWriter(Dictionary<Expr, string> names) => this.names = names;

    /// <summary>One step of a cell, forward.</summary>
    public static IReadOnlyList<Formula> Forward(KernelPlan plan)
    {
        var hoisting = new Hoisting();
        var step = plan.Forward(hoisting);
        return [.. OfWeights(hoisting), .. Lines(step, target => target == KernelPlan.OutputSymbol ? target.Name : Cell.NextName(target.Name))];
    }

    /// <summary>The adjoint of one step: the gradient of each parameter, from those of the output and the next states.</summary>
    public static IReadOnlyList<Formula> Backward(KernelPlan plan)
    {
        var hoisting = new Hoisting();
        var adjoint = plan.Backward(hoisting);
        return [.. OfWeights(hoisting), .. Lines(adjoint, target => target.Name + "Gradient")];
    }

    private static IEnumerable<Formula> OfWeights(Hoisting hoisting) =>
        Lines(hoisting.Schedule(), target => target.Name).Select(line => line with { Kind = "weights" });

    private static IEnumerable<Formula> Lines(Schedule schedule, Func<Symbol, string> nameOf)
    {
        var values = schedule.Values.SelectMany(value => new[] { value.Node, value.Partner }).OfType<Expr>().ToList();
        var results = schedule.Results.Select(result => (Name: nameOf(result.Target), result.Value)).ToList();
        var writer = new FormulaWriter(schedule.Loads.Concat(values).ToDictionary(node => node, node => schedule.Names[node]));

        // A value that the user gave no name is called by the result that it is.
        foreach (var (name, value) in results.Where(result => result.Value.Hint is null && values.Contains(result.Value)))
        {
            if (!writer.names.ContainsValue(name))
                writer.names[value] = name;
        }

        foreach (var node in values)
        {
            var name = writer.names[node];
            var delivers = results.RemoveAll(result => result.Value == node && result.Name == name) > 0;
            yield return new Formula(name, writer.Define(node), delivers ? "result" : "value");
        }

        foreach (var (name, value) in results)
            yield return new Formula(name, writer.Use(value, 0), "result");
    }

    private string Use(Expr node, int precedence) =>
        names.TryGetValue(node, out var name) ? name
        : node.IsConstant ? Glyphs.Number(node.Value)
        : Bracket(Define(node), PrecedenceOf(node.Op) < precedence);

    private string Define(Expr node)
    {
        var (op, precedence) = (node.Op, PrecedenceOf(node.Op));
        if (op == Operators.Select)
            return $"{Use(node[0], precedence + 1)} ? {Use(node[1], precedence + 1)} : {Use(node[2], precedence)}";
        if (op == Operators.Abs)
            return $"|{Use(node[0], 0)}|";
        if (op == Operators.Multiply)
            return $"{Use(node[0], precedence)}·{Use(node[1], precedence + 1)}";
        if (op == Operators.Negate)
            return Glyphs.Of(op) + Use(node[0], precedence);
        if (op == Operators.Divide)
            return $"{Use(node[0], precedence)} / {Use(node[1], Operators.Multiply.Precedence + 1)}";
        if (Glyphs.IsInfix(op))
            return $"{Use(node[0], precedence)} {Glyphs.Of(op)} {Use(node[1], precedence + 1)}";
        return $"{Glyphs.Of(op)}({string.Join(", ", node.Operands.Select(operand => Use(operand, 0)))})";
    }

    private static int PrecedenceOf(Operator op) =>
        op == Operators.Select ? SelectionPrecedence
        : op == Operators.Divide ? DivisionPrecedence
        : op == Operators.And || op == Operators.Or ? ConjunctionPrecedence
        : op.IsCondition && Glyphs.IsInfix(op) ? ComparisonPrecedence
        : op.Precedence;

    private static string Bracket(string text, bool wanted) => wanted ? $"({text})" : text;
}
