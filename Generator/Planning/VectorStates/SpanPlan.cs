using System;
using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Differentiation;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Planning.VectorStates;

/// <summary>
/// The schedules of a cell with vector states, and the places of what they hand on. What depends on weights alone is prepared once for all
/// steps and all kernels.
/// </summary>
internal sealed class SpanPlan
{
    /// <summary>Identifiers that the kernels use beside those of other cells' kernels.</summary>
    private static readonly string[] Reserved =
    [
        .. KernelPlan.Reserved, "local", "element", "origin", "prepared", "rows", "stepRow", "steps",
        "StateSize", "PreactivationWidth", "SharedInputs", "ForwardVectors", "BackwardVectors", "SummaryVectors", "StepRows", "Broadcast",
    ];

    private readonly Cell cell;
    private readonly string[] reserved;
    private readonly Hoisting hoisting = new();
    private readonly IReadOnlyList<(Symbol Target, Expr Value)> next;

    /// <param name="plan">The step and its adjoint.</param>
    /// <param name="taken">Further identifiers of the kernels.</param>
    public SpanPlan(KernelPlan plan, IEnumerable<string> taken)
    {
        (cell, reserved) = (plan.Cell, [.. Reserved, .. taken]);
        var lower = Lowering.Into(new GraphBuilder(), cell);
        next = hoisting.Replace(KernelPlan.NextStates(cell, lower));
        Forward = MakeForward(hoisting.Replace([(KernelPlan.OutputSymbol, lower(cell.Result))])[0].Value);
        Backward = MakeBackward(hoisting.Replace([.. plan.Adjoint.Parameters.Select(entry => (entry.Parameter.Symbol, lower(entry.Gradient)))]));
        if (plan.IsTimeParallel)
            (Summary, BackwardSummary) = (MakeSummary(SpanSummary.Forward(plan)), MakeSummary(SpanSummary.Backward(plan)));
        Preparation = hoisting.Schedule();
    }

    /// <summary>Delivers what depends on weights alone, each for all elements or for each of them.</summary>
    public Schedule Preparation { get; }

    /// <summary>Delivers the next states and the output.</summary>
    public SpanSchedule Forward { get; }

    /// <summary>Delivers the gradient of every parameter.</summary>
    public SpanSchedule Backward { get; }

    /// <summary>Delivers the transition and the offset of a span and one step before it; null where time is not split.</summary>
    public SpanSchedule? Summary { get; }

    /// <summary>The same of the adjoint and one step after the span; null where time is not split.</summary>
    public SpanSchedule? BackwardSummary { get; }

    /// <summary>Rows of prepared values.</summary>
    public int PreparedRows => hoisting.Values.Sum(entry => RowsOf(entry.Symbol));

    /// <summary>The first row of a prepared value.</summary>
    public int RowOf(Symbol prepared) => hoisting.Values.Take(prepared.Index).Sum(entry => RowsOf(entry.Symbol));

    private int RowsOf(Symbol prepared) => prepared.IsIndexed ? cell.StateSize : 1;

    private SpanSchedule MakeForward(Expr output)
    {
        var sums = FactoredSums.OfElements(hoisting.Graph, cell);
        List<(Symbol, Expr)> after = [(KernelPlan.OutputSymbol, sums.Of(output, "output"))];
        var ofStep = Hoisting.OfChannel();
        var results = ofStep.Replace([.. next, .. Parts(sums), .. after]);
        var names = new SymbolNames(reserved);
        NameStill(names, results);
        var ahead = Ahead(ofStep, names);
        return new SpanSchedule(
            ahead,
            Replay: null,
            Element: names.Build(results.Take(results.Count - 1), KernelPlan.NextNames(cell)),
            AfterElement: names.Build([], Unnamed),
            After: names.Build(results.Skip(results.Count - 1), Unnamed),
            [.. sums.Sums.Select(sum => sum.Symbol)],
            names);
    }

    private SpanSchedule MakeSummary(IReadOnlyList<(Symbol Target, Expr Value)> results)
    {
        var ofStep = Hoisting.OfChannel();
        var element = ofStep.Replace(hoisting.Replace(results));
        var names = new SymbolNames([.. reserved, .. SpanSummary.NextNames(results).Values]);
        NameStill(names, element);
        var ahead = Ahead(ofStep, names);
        return new SpanSchedule(ahead, Replay: null, names.Build(element, Unnamed), names.Build([], Unnamed), names.Build([], Unnamed), [], names);
    }

    private SpanSchedule MakeBackward(IReadOnlyList<(Symbol Target, Expr Value)> gradients)
    {
        if (cell.Output is null)
            gradients = WithOutputGradient(gradients);
        gradients = WithShortChain(gradients);
        var ofElements = FactoredSums.OfElements(hoisting.Graph, cell);
        var ofSteps = FactoredSums.OfSteps(hoisting.Graph);
        List<(Symbol, Expr)> element = [], afterElement = [], after = [];
        foreach (var (target, gradient) in gradients)
        {
            switch (target.Kind)
            {
                case SymbolKind.State:
                    element.Add((target, gradient));
                    break;
                case SymbolKind.Shared when !gradient.Is(0):
                    var sum = new Symbol(SymbolKind.ChannelSum, target.Index, target.Name + "Sum", IsIndexed: true);
                    element.Add((sum, Plus(sum, gradient)));
                    break;
                case SymbolKind.Weight when gradient.Is(0):
                    break;
                case SymbolKind.Weight when target.IsIndexed || DiffersByElement(gradient):
                    afterElement.Add((target, ofSteps.Of(gradient, target.Name)));
                    break;
                case SymbolKind.Projection or SymbolKind.Input or SymbolKind.Weight:
                    after.Add((target, ofElements.Of(gradient, target.Name)));
                    break;
            }
        }

        element.AddRange(Parts(ofElements));
        element.AddRange(Parts(ofSteps));
        var ofStep = Hoisting.OfChannel();
        var results = ofStep.Replace([.. next, .. element, .. after]);
        var names = new SymbolNames(reserved);
        NameStill(names, results.Concat(afterElement));
        var ahead = Ahead(ofStep, names);
        var (replay, adjoint) = Replayed([.. results.Take(next.Count)], [.. results.Skip(next.Count).Take(element.Count)]);
        var replaySchedule = names.Build(replay, KernelPlan.NextNames(cell));

        // A kept value has its name in both loops. The carried state keeps its own, as what the step before leaves.
        foreach (var (symbol, value) in replaySchedule.Results.Where(result => result.Target.Kind == SymbolKind.Kept))
            names[symbol] = replaySchedule.Names[value];
        foreach (var state in cell.States)
        {
            names[NextOf(state.Symbol)] = names[state.Symbol];
            names[state.Symbol] = "previous" + KernelPlan.Capital(state.Name);
        }

        return new SpanSchedule(
            ahead,
            replaySchedule,
            names.Build(adjoint, cell.States.ToDictionary(state => state.Symbol, state => $"previous{KernelPlan.Capital(state.Name)}Gradient")),
            names.Build(afterElement, Unnamed),
            names.Build(results.Skip(next.Count + element.Count), after.ToDictionary(result => result.Item1, result => result.Item1.Name + "Gradient")),
            [.. ofElements.Sums.Select(sum => sum.Symbol)],
            names);
    }

    /// <summary>
    /// Names what is loaded before all loops, also for a later one alone: no earlier loop may give a value of its own such a name.
    /// </summary>
    private static void NameStill(SymbolNames names, IEnumerable<(Symbol Target, Expr Value)> results)
    {
        foreach (var node in results.Select(result => result.Value).Reachable().Where(node => node.Symbol is { IsStill: true }))
            _ = names[node.Symbol!];
    }

    private static bool DiffersByElement(Expr value) => new[] { value }.Reachable().Any(node => node.Symbol is { IsIndexed: true });

    private static Dictionary<Symbol, string> Unnamed => [];

    /// <summary>A state after a step, which the adjoint of the step may read.</summary>
    public static Symbol NextOf(Symbol state) => new(SymbolKind.NextState, state.Index, state.Name, IsIndexed: true);

    private IEnumerable<(Symbol, Expr)> Parts(FactoredSums sums) => sums.Sums.Select(sum => (sum.Symbol, Plus(sum.Symbol, sum.Term)));

    private Expr Plus(Symbol sum, Expr term) => hoisting.Graph.Add(hoisting.Graph.Symbol(sum), term);

    /// <summary>Where the output is the sum of the first state's elements, each has the output's gradient beside its own.</summary>
    private IReadOnlyList<(Symbol Target, Expr Value)> WithOutputGradient(IReadOnlyList<(Symbol Target, Expr Value)> gradients)
    {
        var graph = hoisting.Graph;
        var output = graph.Symbol(new Symbol(SymbolKind.OutputGradient, 0, "outputGradient"));
        Expr? both = null;
        var import = graph.Importer(node => node.Symbol is { Kind: SymbolKind.StateGradient, Index: 0 }
            ? both ??= graph.Add(graph.Symbol(node.Symbol), output) : null);
        return [.. gradients.Select(gradient => (gradient.Target, import(gradient.Value)))];
    }

    /// <summary>
    /// The adjoint waits for the state's gradient of the step before: of <c>a (g + b)</c>, which is two operations from g to the next, one
    /// remains in <c>a·g + a·b</c>. Products that have the gradient's factors in another order take it as a whole.
    /// </summary>
    private IReadOnlyList<(Symbol Target, Expr Value)> WithShortChain(IReadOnlyList<(Symbol Target, Expr Value)> gradients)
    {
        if (cell.NextStates.Length > 1)
            return gradients;
        var graph = hoisting.Graph;
        var imported = graph.Importer(_ => null);
        List<(Symbol Target, Expr Value)> own = [.. gradients.Select(gradient => (gradient.Target, imported(gradient.Value)))];
        var (_, value) = own.Single(gradient => gradient.Target.Kind == SymbolKind.State);
        var affinity = Affinity.Prove(graph, [value], SymbolKind.StateGradient);
        var (coefficient, offset) = (affinity.Coefficients[0][0], affinity.Offsets[0]);
        if (coefficient.IsConstant || offset.Is(0))
            return own;

        var given = graph.Symbol(new[] { value }.Reachable().First(node => node.Symbol is { Kind: SymbolKind.StateGradient }).Symbol!);
        var chained = graph.Add(graph.Multiply(coefficient, given), offset);
        Func<Expr, Expr> import = null!;
        import = graph.Importer(node => node == value ? chained
            : OtherFactor(node) is { } other ? graph.Multiply(chained, import(other)) : null);
        return [.. own.Select(gradient => (gradient.Target, import(gradient.Value)))];

        // x of (a x) b or (x a) b where a·b is the gradient.
        Expr? OtherFactor(Expr node) => node.Op != Operators.Multiply || node[0].Op != Operators.Multiply ? null
            : graph.Multiply(node[0][0], node[1]) == value ? node[0][1]
            : graph.Multiply(node[0][1], node[1]) == value ? node[0][0] : null;
    }

    /// <summary>What the loop ahead computes, under the names by which the others read it.</summary>
    private static Schedule Ahead(Hoisting ofStep, SymbolNames names)
    {
        foreach (var (symbol, value) in ofStep.Values.Where(entry => entry.Value.IsSymbol))
            names[symbol] = names[value.Symbol!];
        return names.Build(ofStep.Values, ofStep.Values.ToDictionary(value => value.Symbol, value => names[value.Symbol]));
    }

    /// <summary>
    /// The next states with what the adjoint shares with them and would be costly to compute twice, and the adjoint with symbols in the
    /// places of these.
    /// </summary>
    private (List<(Symbol, Expr)> Replay, List<(Symbol, Expr)> Adjoint) Replayed(
        List<(Symbol Target, Expr Value)> states, List<(Symbol Target, Expr Value)> adjoint)
    {
        var symbols = states.Where(state => !state.Value.IsLeaf).GroupBy(state => state.Value)
            .ToDictionary(group => group.Key, group => NextOf(group.First().Target));
        var replay = new List<(Symbol, Expr)>(states);
        var costly = Costly(states.Select(state => state.Value));
        foreach (var node in adjoint.Select(result => result.Value).Reachable(new HashSet<Expr>(costly.Concat(symbols.Keys))))
        {
            if (!costly.Contains(node) || symbols.ContainsKey(node))
                continue;
            var symbol = new Symbol(SymbolKind.Kept, replay.Count, "kept", IsIndexed: true);
            symbols.Add(node, symbol);
            replay.Add((symbol, node));
        }

        var graph = new GraphBuilder();
        var import = graph.Importer(node => symbols.TryGetValue(node, out var symbol) ? graph.Symbol(symbol) : null);
        return (replay, [.. adjoint.Select(result => (result.Target, import(result.Value)))]);
    }

    /// <summary>The numbers among expressions' nodes that take a costly operation.</summary>
    private static HashSet<Expr> Costly(IEnumerable<Expr> roots)
    {
        var costly = new HashSet<Expr>();
        foreach (var node in roots.Reachable())
        {
            if (!node.Op.IsCondition && (node.Op.IsCostly || node.Operands.Any(costly.Contains)))
                costly.Add(node);
        }

        return costly;
    }
}
