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

    public IReadOnlyList<double> Evaluate(IReadOnlyList<Expr> roots, Func<Symbol, double> symbols) => Prepare(roots)(symbols);

    /// <summary>Orders the nodes once, for many evaluations.</summary>
    public Func<Func<Symbol, double>, double[]> Prepare(IReadOnlyList<Expr> roots)
    {
        var nodes = roots.Reachable();
        var places = nodes.Select((node, place) => (node, place)).ToDictionary(entry => entry.node, entry => entry.place);
        var operands = nodes.Select(node => node.Operands.Select(operand => places[operand]).ToArray()).ToArray();
        var results = roots.Select(root => places[root]).ToArray();
        return symbols =>
        {
            var values = new double[nodes.Count];
            for (var i = 0; i < values.Length; i++)
            {
                var node = nodes[i];
                values[i] = round(node.IsConstant ? node.Value
                    : node.IsSymbol ? symbols(node.Symbol!)
                    : node.Op.Evaluate(Array.ConvertAll(operands[i], place => values[place])));
            }

            return Array.ConvertAll(results, place => values[place]);
        };
    }
}
