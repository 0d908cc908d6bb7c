using System;
using System.Collections.Generic;
using System.Linq;

namespace MinRnn.Generator.Recurrence;

/// <summary>Evaluates a graph node by node: the oracle of every kernel.</summary>
/// <param name="round">Applied to each node's value: the identity for double, or a rounding to float.</param>
internal sealed class Interpreter(Func<double, double> round)
{
    public static Interpreter Double { get; } = new(value => value);

    public static Interpreter Single { get; } = new(value => (float)value);

    public IReadOnlyList<double> Evaluate(IReadOnlyList<Expr> roots, Func<Symbol, double> symbols)
    {
        var values = new Dictionary<Expr, double>();
        foreach (var node in roots.Reachable())
        {
            values[node] = round(node.IsConstant ? node.Value
                : node.IsSymbol ? symbols(node.Symbol!)
                : node.Op.Evaluate([.. node.Operands.Select(operand => values[operand])]));
        }

        return [.. roots.Select(root => values[root])];
    }
}
