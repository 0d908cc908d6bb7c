using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Differentiation;

/// <summary>The adjoint of one step: the gradient of each parameter, given those of the output and of the next states.</summary>
/// <param name="Parameters">In the order of the cell's parameters; a constant 0 where none arrives.</param>
internal sealed record StepAdjoint(ImmutableArray<(CellParameter Parameter, Expr Gradient)> Parameters);

/// <summary>
/// Reverse mode over one step. A branch that is not taken must add exactly 0 even where its derivative is infinite or NaN,
/// so an adjoint is a sum of guarded terms: a guard is the condition under which its term counts, and it selects the
/// finished product at the parameter, never a factor on the way.
/// </summary>
internal static class Adjoint
{
    public static StepAdjoint Differentiate(Cell cell)
    {
        var graph = new GraphBuilder();
        var import = graph.Importer(_ => null);
        var adjoints = new Dictionary<Expr, List<Term>>();
        var roots = new List<Expr>();

        for (var i = 0; i < cell.NextStates.Length; i++)
        {
            var state = cell.States.ElementAt(i).Name;
            var next = Seed(cell.NextStates[i], new Symbol(SymbolKind.StateGradient, i, state + "Gradient", cell.IsVector));
            if (!next.IsLeaf)
                next.Hint ??= Cell.NextName(state);
        }

        if (cell.Output is not null)
            Seed(cell.Result, new Symbol(SymbolKind.OutputGradient, 0, "outputGradient"));

        // Operands are visited after all of their users. Adjoint nodes are new, so the order is of the step alone.
        foreach (var node in roots.Reachable().Reverse())
        {
            if (adjoints.TryGetValue(node, out var terms) && !node.IsLeaf)
                Propagate(graph, node, Merge(graph, terms), adjoints);
        }

        var gradients = cell.Parameters
            .Select(parameter => adjoints.TryGetValue(graph.Symbol(parameter.Symbol), out var terms) ? Total(graph, terms) : graph.Constant(0))
            .ToList();
        return new StepAdjoint([.. cell.Parameters.Zip(Factoring.Run(graph, gradients), (parameter, gradient) => (parameter, gradient))]);

        Expr Seed(Expr result, Symbol gradient)
        {
            var root = import(result);
            roots.Add(root);
            Accumulate(adjoints, root, new Term(null, graph.Symbol(gradient)));
            return root;
        }
    }

    private static void Propagate(GraphBuilder graph, Expr node, IReadOnlyList<Term> terms, Dictionary<Expr, List<Term>> adjoints)
    {
        foreach (var term in terms)
        {
            if (node.Op == Operators.Select)
            {
                Accumulate(adjoints, node[1], term.Under(graph, node[0]));
                Accumulate(adjoints, node[2], term.Under(graph, graph.Not(node[0])));
                continue;
            }

            for (var i = 0; node.Op.Pull is not null && i < node.Operands.Length; i++)
            {
                if (!node[i].IsConstant && node.Op.Pull(graph, node, term.Value, i) is { } contribution)
                    Accumulate(adjoints, node[i], term with { Value = contribution });
            }
        }
    }

    private static void Accumulate(Dictionary<Expr, List<Term>> adjoints, Expr node, Term term)
    {
        if (!adjoints.TryGetValue(node, out var terms))
            adjoints[node] = terms = [];
        terms.Add(term);
    }

    /// <summary>One term for each guard.</summary>
    private static IReadOnlyList<Term> Merge(GraphBuilder graph, List<Term> terms)
    {
        var merged = new List<Term>();
        foreach (var term in terms)
        {
            var same = merged.FindIndex(other => other.Guard == term.Guard);
            if (same < 0)
                merged.Add(term);
            else
                merged[same] = term with { Value = graph.Add(merged[same].Value, term.Value) };
        }

        return merged;
    }

    private static Expr Total(GraphBuilder graph, List<Term> terms)
    {
        var merged = Merge(graph, terms).ToList();

        // A value under a condition and another under its opposite are one selection.
        for (var i = 0; i < merged.Count; i++)
        {
            var opposite = merged[i].Guard is { } guard ? merged.FindIndex(term => term.Guard == graph.Not(guard)) : -1;
            if (opposite < 0)
                continue;
            var (first, second) = i < opposite ? (i, opposite) : (opposite, i);
            var condition = merged[first].Guard!;
            merged[first] = condition.Op == Operators.Not
                ? new Term(null, graph.Select(condition[0], merged[second].Value, merged[first].Value))
                : new Term(null, graph.Select(condition, merged[first].Value, merged[second].Value));
            merged.RemoveAt(second);
        }

        return merged
            .Select(term => term.Guard is null ? term.Value : graph.Select(term.Guard, term.Value, graph.Constant(0)))
            .Aggregate(graph.Add);
    }

    /// <summary>A value that counts while its guard holds; always, without one.</summary>
    private sealed record Term(Expr? Guard, Expr Value)
    {
        public Term Under(GraphBuilder graph, Expr condition) =>
            this with { Guard = Guard is null ? condition : graph.And(Guard, condition) };
    }
}
