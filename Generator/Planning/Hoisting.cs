using System;
using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Planning;

/// <summary>
/// What kernels compute once for each channel, before the first step, for it depends on weights alone. Steps read it by a symbol.
/// Schedules that share an instance share its values. Only what costs more than a load is worth it.
/// </summary>
internal sealed class Hoisting
{
    private readonly GraphBuilder graph = new();
    private readonly Dictionary<Expr, Symbol> symbols = [];
    private readonly List<(Symbol Symbol, Expr Value)> values = [];
    private readonly Names names = new(KernelPlan.Reserved);

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
        var symbol = new Symbol(SymbolKind.Hoisted, values.Count, names.Give(value, weights));
        symbols.Add(value, symbol);
        values.Add((symbol, value));
    }

    /// <summary>The largest values of weights alone within expressions, operands before users.</summary>
    private static List<Expr> Find(IReadOnlyList<Expr> roots)
    {
        var still = new HashSet<Expr>();
        var costly = new HashSet<Expr>();
        var nodes = roots.Reachable();
        foreach (var node in nodes)
        {
            if (node.IsSymbol ? node.Symbol!.Kind == SymbolKind.Weight : node.Operands.All(still.Contains))
                still.Add(node);
            if (node.Op.IsCostly || node.Operands.Any(costly.Contains))
                costly.Add(node);
        }

        // A condition is no number that could be kept: its operands are looked at.
        var worthwhile = new HashSet<Expr>(nodes.Where(node => still.Contains(node) && costly.Contains(node) && !node.Op.IsCondition));
        return [.. roots.Reachable(worthwhile).Where(worthwhile.Contains)];
    }
}
