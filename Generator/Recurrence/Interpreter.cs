using System;
using System.Collections.Generic;
using System.Linq;

namespace MinRnn.Generator.Recurrence;

/// <summary>Evaluates a graph node by node: the oracle of every kernel.</summary>
/// <param name="round">Applied to each node's value: the identity for double, or a rounding to float.</param>
internal sealed class Interpreter(Func<double, double> round)
{
    private static readonly int[] Arities = [.. Enumerable.Range(0, Operators.All.Max(op => op.Arity) + 1)];

    public static Interpreter Double { get; } = new(value => value);

    public static Interpreter Single { get; } = new(value => (float)value);

    public IReadOnlyList<double> Evaluate(IReadOnlyList<Expr> roots, Func<Symbol, double> symbols) => Prepare(roots)(symbols);

    /// <summary>Orders the nodes once, for many evaluations.</summary>
    public Func<Func<Symbol, double>, double[]> Prepare(IReadOnlyList<Expr> roots)
    {
        Expr[] nodes = [.. roots.Reachable()];
        var places = nodes.Select((node, place) => (node, place)).ToDictionary(entry => entry.node, entry => entry.place);
        var operands = nodes.Select(node => node.Operands.Select(operand => places[operand]).ToArray()).ToArray();
        var results = roots.Select(root => places[root]).ToArray();
        return symbols =>
        {
            var values = new double[nodes.Length];
            var arguments = Array.ConvertAll(Arities, arity => new double[arity]);
            for (var i = 0; i < values.Length; i++)
            {
                var node = nodes[i];
                values[i] = round(node.IsConstant ? node.Value
                    : node.IsSymbol ? symbols(node.Symbol!)
                    : node.Op.Evaluate(Gather(operands[i], values, arguments[operands[i].Length])));
            }

            return Gather(results, values, new double[results.Length]);
        };
    }

    private static double[] Gather(int[] places, double[] values, double[] gathered)
    {
        for (var i = 0; i < gathered.Length; i++)
            gathered[i] = values[places[i]];
        return gathered;
    }
}
