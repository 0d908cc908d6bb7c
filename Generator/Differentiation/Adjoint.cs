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
/// so an adjoint is a sum of guarded terms: a guard is the conditions under which its term counts, and it selects the
/// finished product at the parameter, never a factor on the way. Where the ways of a branch meet, their terms become one, whose
/// guard is what holds on both: a chain of branches has as many terms as a single one.
/// </summary>
internal static class Adjoint
{
    /// <summary>Terms that a node hands on. Of more it makes one, which counts where any of them does.</summary>
    private const int MostTerms = 4;

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
                Propagate(graph, node, AtMost(MostTerms, graph, Merge(graph, terms)), adjoints);
        }

        var gradients = cell.Parameters
            .Select(parameter => adjoints.TryGetValue(graph.Symbol(parameter.Symbol), out var terms) ? Total(graph, terms) : graph.Constant(0))
            .ToList();
        return new StepAdjoint([.. cell.Parameters.Zip(Factoring.Run(graph, gradients), (parameter, gradient) => (parameter, gradient))]);

        Expr Seed(Expr result, Symbol gradient)
        {
            var root = import(result);
            roots.Add(root);
            Accumulate(adjoints, root, new Term([], graph.Symbol(gradient)));
            return root;
        }
    }

    private static void Propagate(GraphBuilder graph, Expr node, IReadOnlyList<Term> terms, Dictionary<Expr, List<Term>> adjoints)
    {
        foreach (var term in terms)
        {
            if (node.Op == Operators.Select)
            {
                if (term.Under(graph, node[0]) is { } taken)
                    Accumulate(adjoints, node[1], taken);
                if (term.Under(graph, graph.Not(node[0])) is { } other)
                    Accumulate(adjoints, node[2], other);
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

    /// <summary>One term for each guard; a value under a condition and another under its opposite are one selection.</summary>
    private static List<Term> Merge(GraphBuilder graph, IReadOnlyList<Term> terms)
    {
        var merged = new List<Term>();
        foreach (var term in terms)
        {
            var (next, at) = (term, 0);
            while (at < merged.Count)
            {
                if (merged[at].With(graph, next) is not { } both)
                {
                    at++;
                    continue;
                }

                // With another guard it may meet a term that it passed by.
                var stays = both.Guard.Length == next.Guard.Length && both.Guard.Length == merged[at].Guard.Length;
                if (stays)
                {
                    merged[at] = both;
                    break;
                }

                merged.RemoveAt(at);
                (next, at) = (both, 0);
            }

            if (at == merged.Count)
                merged.Add(next);
        }

        return merged;
    }

    private static IReadOnlyList<Term> AtMost(int count, GraphBuilder graph, List<Term> terms) => terms.Count <= count ? terms
        : [new Term(
            terms.Any(term => term.Guard.IsEmpty) ? [] : [terms.Select(term => term.Condition(graph)!).Aggregate((a, b) => graph.Apply(Operators.Or, a, b))],
            Sum(graph, terms))];

    private static Expr Total(GraphBuilder graph, List<Term> terms) => Sum(graph, Merge(graph, terms));

    private static Expr Sum(GraphBuilder graph, IEnumerable<Term> terms) => terms
        .Select(term => term.Condition(graph) is { } condition ? graph.Select(condition, term.Value, graph.Constant(0)) : term.Value)
        .Aggregate(graph.Add);

    /// <summary>A value that counts while all conditions of its guard hold.</summary>
    private sealed record Term(ImmutableArray<Expr> Guard, Expr Value)
    {
        /// <summary>The guard in one; null without any.</summary>
        public Expr? Condition(GraphBuilder graph) => Guard.IsEmpty ? null : Guard.Aggregate(graph.And);

        /// <summary>The term where another condition holds as well; null where it never counts then.</summary>
        public Term? Under(GraphBuilder graph, Expr condition) => Guard.Contains(condition) ? this
            : Guard.Contains(graph.Not(condition)) ? null
            : this with { Guard = Guard.Add(condition) };

        /// <summary>This term and another as one; null where that takes two.</summary>
        public Term? With(GraphBuilder graph, Term other)
        {
            var own = Guard.RemoveRange(other.Guard);
            var others = other.Guard.RemoveRange(Guard);
            if (own.IsEmpty && others.IsEmpty)
                return this with { Value = graph.Add(Value, other.Value) };
            if (own is not [var condition] || others is not [var opposite] || graph.Not(condition) != opposite)
                return null;
            var value = condition.Op == Operators.Not
                ? graph.Select(condition[0], other.Value, Value)
                : graph.Select(condition, Value, other.Value);
            return new Term(Guard.Remove(condition), value);
        }
    }
}
