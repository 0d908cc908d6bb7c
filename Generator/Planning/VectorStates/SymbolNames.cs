using System;
using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Planning.VectorStates;

/// <summary>Names for the symbols of a kernel of several loops, the same in each. What a loop computes may have a name of another loop's.</summary>
/// <param name="reserved">Identifiers of the kernel itself.</param>
internal sealed class SymbolNames(IReadOnlyCollection<string> reserved)
{
    private readonly Dictionary<Symbol, string> names = [];

    public string this[Symbol symbol]
    {
        get
        {
            if (!names.TryGetValue(symbol, out var name))
                names[symbol] = name = Unique(symbol.Name);
            return name;
        }
        set => names[symbol] = value;
    }

    /// <summary>The order in which a loop computes its results.</summary>
    /// <param name="results">What it delivers.</param>
    /// <param name="named">Results that are to have a name, with that name.</param>
    public Schedule Build(IEnumerable<(Symbol Target, Expr Value)> results, IReadOnlyDictionary<Symbol, string> named)
    {
        var import = new GraphBuilder().Importer(_ => null);
        List<(Symbol Target, Expr Value)> own = [.. results.Select(result => (result.Target, import(result.Value)))];
        List<Expr> symbols = [.. own.Select(result => result.Value).Reachable().Where(node => node.IsSymbol)];
        foreach (var symbol in symbols)
            _ = this[symbol.Symbol!];
        var inLoop = new Names(reserved.Concat(names.Values.Except(named.Values)));
        foreach (var symbol in symbols)
            inLoop.Adopt(symbol, this[symbol.Symbol!]);
        return Schedule.Build(own, named, inLoop);
    }

    private string Unique(string wanted)
    {
        var name = wanted;
        for (var i = 2; Names.IsKeyword(name) || reserved.Contains(name) || names.ContainsValue(name); i++)
            name = wanted + i;
        return name;
    }
}
