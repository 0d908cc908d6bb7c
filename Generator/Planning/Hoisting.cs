using System;
using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Planning;

/// <summary>
/// What kernels compute once ahead of a loop, which reads it by a symbol. Schedules that share an instance share its values.
/// </summary>
internal sealed class Hoisting
{
    private readonly SymbolKind kind;
    private readonly Func<Symbol, bool> isStill;
    private readonly GraphBuilder graph = new();
    private readonly Dictionary<Expr, Symbol> symbols = [];
    private readonly List<(Symbol Symbol, Expr Value)> values = [];
    private readonly Names names = new(KernelPlan.Reserved);

    /// <summary>
    /// What depends on weights alone, for the loop over time. Only what costs more than a load is worth it.
    /// </summary>
    public Hoisting()
        : this(SymbolKind.Hoisted, symbol => symbol.Kind == SymbolKind.Weight)
    {
    }

    private Hoisting(SymbolKind kind, Func<Symbol, bool> isStill) => (this.kind, this.isStill) = (kind, isStill);

    /// <summary>
    /// What is the same for all elements of a channel's vector states in a step, for the loop over them: all that a step loads or computes.
    /// </summary>
    public static Hoisting OfChannel() => new(SymbolKind.Channel, symbol => !symbol.IsIndexed);

    /// <summary>Where what <see cref="Replace"/> gives is built.</summary>
    public GraphBuilder Graph => graph;

    /// <summary>The values found so far, each for the symbol that stands for it.</summary>
    public IReadOnlyList<(Symbol Symbol, Expr Value)> Values => values;

    /// <summary>What a step delivers, with symbols in the places of the largest such values.</summary>
    public IReadOnlyList<(Symbol Target, Expr Value)> Replace(IReadOnlyList<(Symbol Target, Expr Value)> results)
    {
        var import = graph.Importer(_ => null);
        List<Expr> roots = [.. results.Select(result => import(result.Value))];
        var found = Find(roots);
        foreach (var value in found)
            Register(value);
        var replace = graph.Importer(node => found.Contains(node) ? graph.Symbol(symbols[node]) : null);
        return [.. results.Zip(roots, (result, root) => (result.Target, replace(root)))];
    }

    /// <summary>The order in which to compute the values.</summary>
    public Schedule Schedule() => Planning.Schedule.Build(values, values.ToDictionary(value => value.Symbol, value => value.Symbol.Name), KernelPlan.Reserved);

    private void Register(Expr value)
    {
        if (symbols.ContainsKey(value))
            return;
        List<Expr> weights = [.. new[] { value }.Reachable().Where(node => node.IsSymbol)];
        foreach (var weight in weights.Where(weight => !names.Has(weight)))
            names.Give(weight);
        var name = value.IsSymbol ? value.Symbol!.Name : names.Give(value, weights);
        var symbol = new Symbol(kind, values.Count, name, weights.Any(weight => weight.Symbol!.IsIndexed));
        symbols.Add(value, symbol);
        values.Add((symbol, value));
    }

    /// <summary>The largest values that stay the same within expressions, operands before users.</summary>
    private List<Expr> Find(IReadOnlyList<Expr> roots)
    {
        var still = new HashSet<Expr>();
        var costly = new HashSet<Expr>();
        var nodes = roots.Reachable();
        foreach (var node in nodes)
        {
            if (node.IsSymbol ? isStill(node.Symbol!) : node.Operands.All(still.Contains))
                still.Add(node);
            if (node.Op.IsCostly || (kind == SymbolKind.Channel && IsOfStep(node)) || node.Operands.Any(costly.Contains))
                costly.Add(node);
        }

        // A condition is no number that could be kept: its operands are looked at.
        var worthwhile = new HashSet<Expr>(nodes.Where(node => still.Contains(node) && costly.Contains(node) && !node.Op.IsCondition));
        return [.. roots.Reachable(worthwhile).Where(worthwhile.Contains)];
    }

    /// <summary>Whether a step loads or computes a node, rather than what holds the steps.</summary>
    private static bool IsOfStep(Expr node) => node.Op.Arity > 1 || (node.IsSymbol && !node.Symbol!.IsStill);
}
