using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Declarations;

/// <summary>
/// The functions a cell may call, by the name they have in <c>CellMath</c>, and what each is in the graph. Functions made of
/// others are written out here, so that everything after knows the operators of the table alone.
/// </summary>
internal static class Functions
{
    private static readonly Dictionary<string, (int Arity, Func<GraphBuilder, Expr[], Expr> Build)> ByName = new(StringComparer.Ordinal)
    {
        ["Sigmoid"] = Operator(Operators.Sigmoid),
        ["Tanh"] = Operator(Operators.Tanh),
        ["Exp"] = Operator(Operators.Exp),
        ["Expm1"] = Operator(Operators.Expm1),
        ["Log"] = Operator(Operators.Log),
        ["Log1p"] = Operator(Operators.Log1p),
        ["Softplus"] = Operator(Operators.Softplus),
        ["LogSigmoid"] = (1, (g, x) => g.Negate(g.Softplus(g.Negate(x[0])))),
        ["Relu"] = Operator(Operators.Relu),
        ["Silu"] = (1, (g, x) => g.Multiply(x[0], g.Sigmoid(x[0]))),
        ["Gelu"] = (1, (g, x) => g.Multiply(x[0], g.Apply(Operators.NormalCdf, x[0]))),
        ["Sqrt"] = Operator(Operators.Sqrt),
        ["SqrtBounded"] = Operator(Operators.SqrtBounded),
        ["Reciprocal"] = (1, (g, x) => g.Divide(g.Constant(1), x[0])),
        ["Pow"] = Operator(Operators.Pow),
        ["Sin"] = Operator(Operators.Sin),
        ["Cos"] = Operator(Operators.Cos),
        ["Abs"] = Operator(Operators.Abs),
        ["Sign"] = Operator(Operators.Sign),
        ["Min"] = Operator(Operators.Min),
        ["Max"] = Operator(Operators.Max),
        ["Clamp"] = Operator(Operators.Clamp),
        ["Lerp"] = (3, (g, x) => g.Add(g.Multiply(g.Subtract(g.Constant(1), x[2]), x[0]), g.Multiply(x[2], x[1]))),
        ["PositiveG"] = (1, (g, x) => g.Select(
            g.LessOrEqual(g.Constant(0), x[0]), g.Add(x[0], g.Constant(0.5)), g.Sigmoid(x[0]))),
        ["StopGradient"] = Operator(Operators.StopGradient),
        ["IsNaN"] = (1, (g, x) => g.Not(g.Equal(x[0], x[0]))),
    };

    /// <summary>What System's own float functions are called here, where the name differs.</summary>
    private static readonly Dictionary<string, string> Renamed = new(StringComparer.Ordinal)
    {
        ["ExpM1"] = "Expm1",
        ["LogP1"] = "Log1p",
        ["ReciprocalEstimate"] = "Reciprocal",
    };

    /// <summary>Every function: its name, how many arguments it takes, and what it is in the graph.</summary>
    public static IEnumerable<(string Name, int Arity, Func<GraphBuilder, Expr[], Expr> Build)> All =>
        ByName.Select(entry => (entry.Key, entry.Value.Arity, entry.Value.Build));

    public static Func<GraphBuilder, Expr[], Expr>? Find(IMethodSymbol method)
    {
        var type = method.ContainingType;
        var isOwn = type is { Name: "CellMath", ContainingNamespace: { Name: "MinRnn", ContainingNamespace.IsGlobalNamespace: true } };
        var isSystem = type is { ContainingNamespace: { Name: "System", ContainingNamespace.IsGlobalNamespace: true }, Name: "MathF" or "Math" or "Single" };
        if (!(isOwn || isSystem) || method.Parameters.Any(parameter => parameter.Type.SpecialType != SpecialType.System_Single))
            return null;
        return ByName.TryGetValue(NameOf(method), out var entry) && entry.Arity == method.Parameters.Length ? entry.Build : null;
    }

    /// <summary>The function of <c>CellMath</c> that has the name of a call that is not of the language, and as many arguments; null if there is none.</summary>
    public static string? Equivalent(IMethodSymbol method) =>
        ByName.TryGetValue(NameOf(method), out var entry) && entry.Arity == method.Parameters.Length && method.IsStatic ? NameOf(method) : null;

    /// <summary>What to write instead of a call that is not of the language.</summary>
    public static string Suggestion(IMethodSymbol method) => ByName.TryGetValue(NameOf(method), out var entry)
        ? $"write CellMath.{NameOf(method)} with {(entry.Arity == method.Parameters.Length ? "float arguments" : entry.Arity == 1 ? "one argument" : $"{entry.Arity} arguments")}"
        : $"use the functions of CellMath ({string.Join(" ", ByName.Keys.Where(name => name != "IsNaN"))}), or a static method of the cell";

    private static string NameOf(IMethodSymbol method) => Renamed.TryGetValue(method.Name, out var name) ? name : method.Name;

    private static (int Arity, Func<GraphBuilder, Expr[], Expr> Build) Operator(Operator op) => (op.Arity, (g, x) => g.Apply(op, x));
}
