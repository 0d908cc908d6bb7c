using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MinRnn.Generator.Declarations;
using MinRnn.Generator.Differentiation;
using MinRnn.Generator.Recurrence;
using Cell = MinRnn.Generator.Recurrence.Cell;
using SymbolKind = MinRnn.Generator.Recurrence.SymbolKind;

namespace MinRnn.Tests.Generator.Documentation;

/// <summary>The tables of the language reference are what the compiler knows of its functions and operators.</summary>
public class FunctionTests
{
    private const string Page = "docs/cell-language.md";

    /// <summary>Where a function has no derivative, or one that is bounded or chosen, and what is looked at there.</summary>
    private static readonly IReadOnlyList<(string Name, double[] At, string Point)> Kinks =
    [
        ("Abs", [0], "0"),
        ("Relu", [0], "0"),
        ("PositiveG", [0], "0"),
        ("Sign", [0], "0"),
        ("SqrtBounded", [0], "0"),
        ("Min", [1, 1], "a tie"),
        ("Max", [1, 1], "a tie"),
        ("Clamp", [1, 1, 2], "the lower bound"),
        ("Clamp", [2, 1, 2], "the upper bound"),
    ];

    [Fact]
    public void Functions_are_those_of_the_compiler()
    {
        var text = new StringBuilder("| function | what it is | derivative | values |\n|---|---|---|---|\n");
        foreach (var (name, arity, build) in Functions.All.OrderBy(function => function.Name, StringComparer.Ordinal))
        {
            var (signature, summary, parameters) = Declared(name, arity);
            text.Append($"| `{signature}` | {summary} | {Derivatives(build, parameters)} | {Range(build, parameters)} |\n");
        }

        Derived.Region(Page, "functions", text.ToString());
    }

    [Fact]
    public void Operators_are_those_of_the_table()
    {
        var text = new StringBuilder("| in graphs | operands | derivative | values | written |\n|---|---|---|---|---|\n");
        string[] names = ["x", "y", "z"];
        foreach (var op in Operators.All)
        {
            var parameters = names.Take(op.Arity).ToList();
            Expr Build(GraphBuilder g, Expr[] x) => g.Apply(op, x);
            var derivative = op == Operators.Select ? "of the branch taken; exactly 0 for the other" : Derivatives(Build, parameters);
            text.Append($"| `{op.Name}` | {op.Arity} | {derivative} | {Range(Build, parameters)} | {Code(Spelling(op))} |\n");
        }

        Derived.Region(Page, "operators", text.ToString());
    }

    [Fact]
    public void Kinks_have_the_derivatives_of_the_table()
    {
        var text = new StringBuilder("| function | at | derivative |\n|---|---|---|\n");
        foreach (var (name, at, point) in Kinks)
        {
            var (_, arity, build) = Functions.All.Single(function => function.Name == name);
            var parameters = Declared(name, arity).Parameters;
            var gradients = Gradients(build, parameters);
            var values = Interpreter.Double.Evaluate(gradients, symbol => at[symbol.Index]).Zip(parameters, (value, parameter) =>
                arity == 1 ? Numbers.Print(value) : $"{parameter}: {Numbers.Print(value)}");
            text.Append($"| `{name}` | {point} | {string.Join(", ", values)} |\n");
        }

        Derived.Region(Page, "kinks", text.ToString());
    }

    /// <summary>How <c>CellMath</c> declares a function, and what it says of it.</summary>
    private static (string Signature, string Summary, IReadOnlyList<string> Parameters) Declared(string name, int arity)
    {
        if (name == "IsNaN")
            return ("float.IsNaN(x)", "whether x is NaN: a condition", ["x"]);
        var source = CSharpSyntaxTree.ParseText(File.ReadAllText(Repository.File("Runtime/Core/CellMath.cs")));
        var method = source.GetRoot().DescendantNodes().OfType<MethodDeclarationSyntax>().Single(method =>
            method.Identifier.Text == name
            && method.Modifiers.Any(modifier => modifier.IsKind(SyntaxKind.PublicKeyword))
            && method.ParameterList.Parameters.Count == arity);
        var parameters = method.ParameterList.Parameters.Select(parameter => parameter.Identifier.Text).ToList();
        var lines = method.GetLeadingTrivia().ToString().Split('\n')
            .Select(line => line.Trim())
            .Where(line => line.StartsWith("///", StringComparison.Ordinal));
        var summary = string.Join(" ", lines.Select(line => line[3..].Trim())).Replace("<summary>", "").Replace("</summary>", "");
        summary = summary.Replace("<see cref=\"", "`").Replace("\"/>", "`").Replace("|", "\\|").Trim().TrimEnd('.');
        return ($"{name}({string.Join(", ", parameters)})", summary, parameters);
    }

    /// <summary>The derivative in each argument, by the compiler's own reverse mode.</summary>
    private static string Derivatives(Func<GraphBuilder, Expr[], Expr> build, IReadOnlyList<string> parameters)
    {
        var gradients = Gradients(build, parameters);
        if (gradients.All(gradient => gradient.Is(0)))
            return "0";
        return string.Join("<br>", gradients.Zip(parameters, (gradient, parameter) =>
            $"{(parameters.Count == 1 ? "" : parameter + ": ")}{Code(Formulas.Plain.Use(gradient))}"));
    }

    private static IReadOnlyList<Expr> Gradients(Func<GraphBuilder, Expr[], Expr> build, IReadOnlyList<string> parameters)
    {
        var graph = new GraphBuilder();
        var symbols = Symbols(parameters);
        var state = new CellParameter(new Symbol(SymbolKind.State, 0, "value"));
        var value = build(graph, [.. symbols.Select(graph.Symbol)]);
        if (value.Op.IsCondition)
            return [.. parameters.Select(_ => graph.Constant(0))];
        var cell = new Cell("Function", [state, .. symbols.Select(symbol => new CellParameter(symbol))], [value], null, false);
        var adjoint = MinRnn.Generator.Differentiation.Adjoint.Differentiate(cell);
        var result = new GraphBuilder();
        var import = result.Importer(node => node.IsSymbol && node.Symbol!.Kind == SymbolKind.StateGradient ? result.Constant(1) : null);
        return [.. adjoint.Parameters.Skip(1).Select(entry => import(entry.Gradient))];
    }

    private static string Range(Func<GraphBuilder, Expr[], Expr> build, IReadOnlyList<string> parameters)
    {
        var graph = new GraphBuilder();
        var value = build(graph, [.. Symbols(parameters).Select(graph.Symbol)]);
        if (value.Op.IsCondition)
            return "true, false";
        var interval = new Bounds()[value];
        return interval == Interval.All ? "any" : $"{Bound(interval.Low)} to {Bound(interval.High)}";
    }

    private static string Bound(double bound) => double.IsInfinity(bound)
        ? (bound > 0 ? "∞" : "-∞")
        : Numbers.Print(bound == 0 ? 0 : Math.Round(bound, 6));

    private static ImmutableArray<Symbol> Symbols(IReadOnlyList<string> parameters) =>
        [.. parameters.Select((parameter, i) => new Symbol(SymbolKind.Projection, i, parameter))];

    private static string Spelling(Operator op)
    {
        if (op == Operators.Select)
            return "x ? y : z";
        if (op == Operators.SqrtBounded)
            return "SqrtBounded(x)";
        var graph = new GraphBuilder(simplify: false);
        string[] names = ["x", "y", "z"];
        return Formulas.Plain.Use(graph.Apply(op, [.. Symbols([.. names.Take(op.Arity)]).Select(graph.Symbol)]));
    }

    /// <summary>In a table, a bar would end the cell.</summary>
    private static string Code(string text) => text.Contains('|')
        ? $"<code>{text.Replace("&", "&amp;").Replace("<", "&lt;").Replace("|", "&#124;")}</code>"
        : $"`{text}`";
}
