using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using MinRnn.Generator.Differentiation;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Planning;

/// <summary>
/// How the steps of a span compose: affine steps one after another are one affine step, <c>after = transition · before +
/// offset</c>. The schedules here take one step into a summary that starts at the span's end, the far end of what the summary
/// maps to: then the transition so far weighs what a step adds, and once it has faded to zero the steps before it do not matter.
/// </summary>
internal static class SpanSummary
{
    /// <summary>The order in which a kernel computes a step's results.</summary>
    public static Schedule Order(IReadOnlyList<(Symbol Target, Expr Value)> results, Hoisting hoisting) => Schedule.Build(
        hoisting.Replace(results), ImmutableDictionary<Symbol, string>.Empty, KernelPlan.Reserved.Concat(NextNames(results).Values));

    /// <summary>The states after a span from those before it; steps are taken last first.</summary>
    public static IReadOnlyList<(Symbol Target, Expr Value)> Forward(KernelPlan plan)
    {
        var graph = new GraphBuilder();
        var lower = Lowering.Into(graph, plan.Cell);
        var offsets = plan.Affinity.Offsets.Select(lower).ToList();
        return Compose(graph, plan, Matrix(plan.Affinity, lower), (next, row) => Sum(graph, row, offsets));
    }

    /// <summary>The gradients of the states before a span from those after it; steps are taken first first.</summary>
    public static IReadOnlyList<(Symbol Target, Expr Value)> Backward(KernelPlan plan)
    {
        var graph = new GraphBuilder();
        var lower = Lowering.Into(graph, plan.Cell);
        var adjoint = Affinity.Prove(
            graph,
            [.. plan.Adjoint.Parameters.Where(entry => entry.Parameter.Symbol.Kind == SymbolKind.State).Select(entry => lower(entry.Gradient))],
            SymbolKind.StateGradient);

        // Where the first state is the output, a step adds the output's gradient to that state's before it does anything else.
        var output = graph.Symbol(new Symbol(SymbolKind.OutputGradient, 0, "outputGradient"));
        return Compose(graph, plan, Matrix(adjoint, node => node), (next, row) => plan.Cell.Output is null
            ? next[0] is { } weight ? graph.Multiply(weight, output) : null
            : Sum(graph, row, adjoint.Offsets));
    }

    /// <param name="graph">The builder of all nodes.</param>
    /// <param name="plan">The step.</param>
    /// <param name="matrix">Its coefficients; null for 0.</param>
    /// <param name="added">What a step adds to a row of the offset, given that row of the transition with the step and without.</param>
    private static List<(Symbol, Expr)> Compose(
        GraphBuilder graph, KernelPlan plan, Expr?[][] matrix, System.Func<Expr?[], Expr?[], Expr?> added)
    {
        var states = plan.Cell.States.Select(state => state.Name).ToList();
        var names = new StateNames(states);
        var results = new List<(Symbol, Expr)>();
        var offsets = new List<(Symbol, Expr)>();
        var reaches = Reach(states.Count, (i, j) => matrix[i][j] is not null);
        for (var i = 0; i < states.Count; i++)
        {
            var symbols = states.Select((_, j) => new Symbol(SymbolKind.Transition, (i * states.Count) + j, names.Entry(i, j), plan.Cell.IsVector)).ToList();
            var row = symbols.Select((symbol, j) => reaches[i, j] ? graph.Symbol(symbol) : null).ToArray();
            var next = states.Select((_, j) => Sum(graph, row, [.. matrix.Select(coefficients => coefficients[j])])).ToArray();
            results.AddRange(symbols.Zip(next, (symbol, value) => (symbol, value ?? graph.Constant(0))).Where((_, j) => reaches[i, j]));
            if (added(next, row) is { } sum)
            {
                var offset = new Symbol(SymbolKind.Offset, i, names.Offset(i), plan.Cell.IsVector);
                offsets.Add((offset, graph.Add(sum, graph.Symbol(offset))));
            }
        }

        return [.. results, .. offsets];
    }

    /// <summary>What a kernel calls an entry of the transition with the step.</summary>
    public static string NextName(Symbol entry) => "next" + KernelPlan.Capital(entry.Name);

    /// <summary>What it calls all of them.</summary>
    public static Dictionary<Symbol, string> NextNames(IEnumerable<(Symbol Target, Expr Value)> results) =>
        results.Where(result => result.Target.Kind == SymbolKind.Transition).ToDictionary(result => result.Target, result => NextName(result.Target));

    /// <summary>Which entries of a product of the matrices, the identity among them, can be other than 0.</summary>
    /// <param name="count">Rows of the matrices.</param>
    /// <param name="has">Whether an entry of a matrix can.</param>
    public static bool[,] Reach(int count, System.Func<int, int, bool> has)
    {
        var reaches = new bool[count, count];
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < count; j++)
                reaches[i, j] = i == j || has(i, j);
        }

        for (var through = 0; through < count; through++)
        {
            for (var i = 0; i < count; i++)
            {
                for (var j = 0; j < count; j++)
                    reaches[i, j] |= reaches[i, through] && reaches[through, j];
            }
        }

        return reaches;
    }

    private static Expr?[][] Matrix(Affinity affinity, System.Func<Expr, Expr> import) =>
        [.. affinity.Coefficients.Select(row => row.Select(entry => NullIfZero(import(entry))).ToArray())];

    /// <summary>The sum of products, without those that are 0 for certain; null if all are.</summary>
    private static Expr? Sum(GraphBuilder graph, IReadOnlyList<Expr?> left, IReadOnlyList<Expr?> right) => left
        .Zip(right, (a, b) => a is null || b is null || b.Is(0) ? null : graph.Multiply(a, b))
        .Aggregate((sum, term) => sum is null ? term : term is null ? sum : graph.Add(sum, term));

    private static Expr? NullIfZero(Expr node) => node.Is(0) ? null : node;
}
