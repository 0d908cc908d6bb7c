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

/// <summary>What a kernel computes once for each channel, before the first step, for it depends on weights alone.</summary>
/// <param name="Loads">The weights.</param>
/// <param name="Values">The values, in order.</param>
/// <param name="Kept">Those that steps use, all of them named.</param>
internal sealed record HoistedValues(ImmutableArray<Expr> Loads, ImmutableArray<ScheduledValue> Values, ImmutableArray<Expr> Kept);

/// <summary>
/// The order in which one step computes its values: what it loads, what gets a name, and what it delivers. Everything else
/// stands inside the expression that uses it.
/// </summary>
/// <param name="Loads">The symbols that a step reads.</param>
/// <param name="Values">The values of a step, in order.</param>
/// <param name="Results">What a step delivers, each for a symbol.</param>
/// <param name="Names">The name of everything that has one.</param>
/// <param name="Hoisted">What is computed before the first step, and stands by its name in every step; null where nothing is.</param>
internal sealed record Schedule(
    ImmutableArray<Expr> Loads,
    ImmutableArray<ScheduledValue> Values,
    ImmutableArray<(Symbol Target, Expr Value)> Results,
    Names Names,
    HoistedValues? Hoisted = null)
{
    /// <summary>Nodes past which an expression no longer reads well in one line.</summary>
    private const int LongExpression = 9;

    /// <param name="results">What the step delivers, each for a symbol.</param>
    /// <param name="named">Results that are used twice in code and so need a name, with that name.</param>
    /// <param name="reserved">Identifiers of the kernel itself.</param>
    /// <param name="hoist">Whether the kernel computes what depends on weights alone before the first step.</param>
    public static Schedule Build(
        IReadOnlyList<(Symbol Target, Expr Value)> results,
        IReadOnlyDictionary<Symbol, string> named,
        IEnumerable<string> reserved,
        bool hoist)
    {
        var names = new Names(reserved);
        var roots = results.Select(result => result.Value).ToList();
        List<Expr> kept = hoist ? Hoisting.Find(roots) : [];
        var wanted = results.Where(result => named.ContainsKey(result.Target) && !result.Value.IsLeaf)
            .GroupBy(result => result.Value).ToDictionary(group => group.Key, group => named[group.First().Target]);

        var nodes = roots.Reachable(kept);
        var (loads, weights) = (SymbolsOf(nodes), SymbolsOf(kept.Reachable()));
        foreach (var load in loads.Union(weights))
            names.Give(load);
        var hoisted = kept.Count == 0 ? null : new HoistedValues(weights, Values(kept.Reachable(), kept, kept), [.. kept]);
        return new Schedule(loads, Values(nodes, roots, []), [.. results], names, hoisted);

        ImmutableArray<ScheduledValue> Values(IReadOnlyList<Expr> nodes, IReadOnlyCollection<Expr> delivered, ICollection<Expr> own)
        {
            var uses = new Dictionary<Expr, int>();
            foreach (var used in nodes.Where(node => own.Count > 0 || !kept.Contains(node)).SelectMany(node => node.Operands).Concat(delivered))
                uses[used] = uses.TryGetValue(used, out var count) ? count + 1 : 1;
            var values = new List<ScheduledValue>();
            var defined = new HashSet<Expr>(own.Count > 0 ? [] : kept);
            var sizes = new Dictionary<Expr, int>();
            foreach (var node in nodes)
            {
                if (node.IsLeaf || defined.Contains(node))
                {
                    sizes[node] = 1;
                    continue;
                }

                sizes[node] = 1 + node.Operands.Sum(operand => sizes[operand]);
                var pair = PairOf(node, nodes);
                var isOwn = node.Hint is not null || uses[node] > 1 || wanted.ContainsKey(node) || pair is not null || sizes[node] > LongExpression
                    || own.Contains(node) || names.Has(node);
                if (!isOwn || (IsTrivial(node) && !own.Contains(node)))
                    continue;
                sizes[node] = 1;
                values.Add(pair ?? new ScheduledValue(node));
                Define(pair?.Node ?? node);
                if (pair?.Partner is { } partner)
                    Define(partner);
            }

            return [.. values];

            void Define(Expr node)
            {
                defined.Add(node);
                if (names.Has(node))
                    return;
                if (wanted.TryGetValue(node, out var name))
                    names.Give(node, name);
                else
                    names.Give(node, own.Contains(node) ? weights.Where(new[] { node }.Reachable().Contains).ToList() : []);
            }
        }
    }

    private static ImmutableArray<Expr> SymbolsOf(IEnumerable<Expr> nodes) =>
        [.. nodes.Where(node => node.IsSymbol).OrderBy(node => node.Symbol!.Kind).ThenBy(node => node.Symbol!.Index)];

    /// <summary>A sign costs nothing to write again, and conditions are cheaper to compare again than to keep.</summary>
    private static bool IsTrivial(Expr node) => node.Op == Operators.Negate && node[0].IsLeaf;

    /// <summary>The pair that a node is half of, when the other half is wanted too.</summary>
    private static ScheduledValue? PairOf(Expr node, IReadOnlyList<Expr> nodes)
    {
        if (node.Op == Operators.Sigmoid)
        {
            var of = node[0].Op == Operators.Negate ? node[0][0] : node[0];
            var gate = nodes.FirstOrDefault(other => other.Op == Operators.Sigmoid && other[0] == of);
            var complement = nodes.FirstOrDefault(other =>
                other.Op == Operators.Sigmoid && other[0].Op == Operators.Negate && other[0][0] == of);
            return gate is null || complement is null ? null : new ScheduledValue(gate, complement, "SigmoidPair");
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
