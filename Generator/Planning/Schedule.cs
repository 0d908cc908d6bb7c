using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Planning;

/// <summary>A value that a kernel gives a name: one node, or two that share an exponential.</summary>
/// <param name="Node">The node.</param>
/// <param name="Partner">The complement computed with it.</param>
/// <param name="PairSpelling">The function that gives both.</param>
internal sealed record ScheduledValue(Expr Node, Expr? Partner = null, string? PairSpelling = null);

/// <summary>
/// The order in which one step computes its values: what it loads, what gets a name, and what it delivers. Everything else
/// stands inside the expression that uses it.
/// </summary>
/// <param name="Loads">The symbols that a step reads.</param>
/// <param name="Values">The values of a step, in order.</param>
/// <param name="Results">What a step delivers, each for a symbol.</param>
/// <param name="Names">The name of everything that has one.</param>
internal sealed record Schedule(
    ImmutableArray<Expr> Loads,
    ImmutableArray<ScheduledValue> Values,
    ImmutableArray<(Symbol Target, Expr Value)> Results,
    Names Names)
{
    /// <summary>Nodes past which an expression no longer reads well in one line.</summary>
    private const int LongExpression = 9;

    /// <param name="results">What the step delivers, each for a symbol.</param>
    /// <param name="named">Results that are used twice in code and so need a name, with that name.</param>
    /// <param name="reserved">Identifiers of the kernel itself.</param>
    public static Schedule Build(
        IReadOnlyList<(Symbol Target, Expr Value)> results,
        IReadOnlyDictionary<Symbol, string> named,
        IEnumerable<string> reserved) => Build(results, named, new Names(reserved));

    /// <inheritdoc cref="Build(IReadOnlyList{ValueTuple{Symbol, Expr}}, IReadOnlyDictionary{Symbol, string}, IEnumerable{string})"/>
    /// <param name="names">Names that the kernel has already: of nodes that it computed, and of what else it uses.</param>
    public static Schedule Build(
        IReadOnlyList<(Symbol Target, Expr Value)> results,
        IReadOnlyDictionary<Symbol, string> named,
        Names names)
    {
        var nodes = results.Select(result => result.Value).Reachable();
        var uses = new Dictionary<Expr, int>();
        foreach (var used in nodes.SelectMany(node => node.Operands).Concat(results.Select(result => result.Value)))
            uses[used] = uses.TryGetValue(used, out var count) ? count + 1 : 1;

        var loads = nodes.Where(node => node.IsSymbol)
            .OrderBy(node => node.Symbol!.Kind).ThenBy(node => node.Symbol!.Index).ToImmutableArray();
        foreach (var load in loads.Where(load => !names.Has(load)))
            names.Give(load);

        var wanted = results.Where(result => named.ContainsKey(result.Target) && !result.Value.IsLeaf)
            .GroupBy(result => result.Value).ToDictionary(group => group.Key, group => named[group.First().Target]);
        var values = new List<ScheduledValue>();
        var sizes = new Dictionary<Expr, int>();
        foreach (var node in nodes)
        {
            if (node.IsLeaf || names.Has(node))
            {
                sizes[node] = 1;
                continue;
            }

            sizes[node] = 1 + node.Operands.Sum(operand => sizes[operand]);
            var pair = PairOf(node, nodes);
            var isOwn = node.Hint is not null || uses[node] > 1 || wanted.ContainsKey(node) || pair is not null || sizes[node] > LongExpression;
            if (!isOwn || IsTrivial(node))
                continue;
            sizes[node] = 1;
            if (pair is null)
            {
                Give(node);
                values.Add(new ScheduledValue(node));
            }
            else
            {
                Give(pair.Node);
                Give(pair.Partner!);
                values.Add(pair);
            }
        }

        return new Schedule(loads, [.. values], [.. results], names);

        void Give(Expr node)
        {
            if (wanted.TryGetValue(node, out var name))
                names.Give(node, name);
            else
                names.Give(node);
        }
    }

    /// <summary>A sign costs nothing to write again, and conditions are cheaper to compare again than to keep.</summary>
    private static bool IsTrivial(Expr node) => node.Op == Operators.Negate && node[0].IsLeaf;

    /// <summary>The pair that a node is half of, when the other half is wanted too.</summary>
    private static ScheduledValue? PairOf(Expr node, IReadOnlyList<Expr> nodes)
    {
        if (node.Op == Operators.Sigmoid || node.Op == Operators.Softplus)
        {
            var of = node[0].Op == Operators.Negate ? node[0][0] : node[0];
            var gate = nodes.FirstOrDefault(other => other.Op == Operators.Sigmoid && other[0] == of);
            var complement = nodes.FirstOrDefault(other =>
                other.Op == Operators.Sigmoid && other[0].Op == Operators.Negate && other[0][0] == of);
            if (gate is not null && complement is not null)
                return node.Op == Operators.Sigmoid ? new ScheduledValue(gate, complement, "SigmoidPair") : null;
            var softplus = nodes.FirstOrDefault(other => other.Op == Operators.Softplus && other[0] == node[0]);
            var derivative = nodes.FirstOrDefault(other => other.Op == Operators.Sigmoid && other[0] == node[0]);
            return softplus is null || derivative is null ? null : new ScheduledValue(softplus, derivative, "SoftplusPair");
        }

        if (node.Op == Operators.Tanh || node.Op == Operators.SechSquared)
        {
            var tanh = nodes.FirstOrDefault(other => other.Op == Operators.Tanh && other[0] == node[0]);
            var derivative = nodes.FirstOrDefault(other => other.Op == Operators.SechSquared && other[0] == node[0]);
            return tanh is null || derivative is null ? null : new ScheduledValue(tanh, derivative, "TanhPair");
        }

        return null;
    }
}
