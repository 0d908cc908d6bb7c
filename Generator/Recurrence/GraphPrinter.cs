using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Security.Cryptography;
using System.Text;

namespace MinRnn.Generator.Recurrence;

/// <summary>Prints a cell as text that <see cref="GraphParser"/> reads back: a line for each parameter, value and result.</summary>
internal static class GraphPrinter
{
    /// <summary>The version of the format. A reader refuses any other.</summary>
    public const int Version = 1;

    public static string Print(Cell cell)
    {
        var text = new StringBuilder();
        text.Append("cell ").Append(cell.Name).Append(cell.AllowUnboundedScan ? " unbounded" : "")
            .Append(cell.IsVector ? " size " + cell.StateSize.ToString(CultureInfo.InvariantCulture) : "").Append('\n');
        foreach (var parameter in cell.Parameters)
            text.Append(Print(parameter)).Append('\n');
        PrintResults(text, cell);
        return text.ToString();
    }

    /// <summary>Prints the next states and the output. A next state that another result reads is a shared value as well.</summary>
    /// <param name="text">Where to.</param>
    /// <param name="cell">The cell.</param>
    /// <param name="number">How constants are printed; null for as they are.</param>
    public static void PrintResults(StringBuilder text, Cell cell, Func<double, string>? number = null)
    {
        var results = new List<(string Name, Expr Value)>();
        var names = new Dictionary<Expr, string>();
        foreach (var (state, next) in cell.States.Zip(cell.NextStates, (state, next) => (state.Name, next)))
        {
            results.Add(("next " + state, next));
            if (!names.ContainsKey(next))
                names.Add(next, Cell.NextName(state));
        }

        if (cell.Output is not null)
            results.Add(("output", cell.Output));
        Print(text, results, cell.Parameters.Select(parameter => parameter.Name), names, number);
    }

    /// <summary>
    /// A hash of what a cell computes from its parameters: the same whatever locals are called, and wherever weights start.
    /// </summary>
    public static string Fingerprint(Cell cell)
    {
        var text = new StringBuilder();
        foreach (var parameter in cell.Parameters)
        {
            var starts = parameter.Symbol.Kind == SymbolKind.State ? parameter : parameter with { Initial = null, InitializeWith = null };
            text.Append(Print(starts)).Append('\n');
        }

        var names = new Dictionary<Expr, string>();
        foreach (var node in cell.Roots.Reachable().Where(node => !node.IsLeaf))
        {
            text.Append(Inline(node, names)).Append('\n');
            names[node] = "%" + Numbers.Print(names.Count);
        }

        foreach (var root in cell.Roots)
            text.Append(Inline(root, names)).Append('\n');
        using var hash = SHA256.Create();
        return string.Concat(hash.ComputeHash(Encoding.UTF8.GetBytes(text.ToString())).Take(8).Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));
    }

    /// <summary>Prints named results over shared values, each of which is a line of its own.</summary>
    /// <param name="text">Where to.</param>
    /// <param name="results">The results.</param>
    /// <param name="taken">Names that values must not have.</param>
    /// <param name="named">Results that are shared values where others read them, with their names; null for none.</param>
    /// <param name="number">How constants are printed; null for as they are.</param>
    public static void Print(
        StringBuilder text, IReadOnlyList<(string Name, Expr Value)> results, IEnumerable<string> taken,
        IReadOnlyDictionary<Expr, string>? named = null, Func<double, string>? number = null)
    {
        var nodes = results.Select(result => result.Value).Reachable();
        var uses = new Dictionary<Expr, int>();
        foreach (var operand in nodes.SelectMany(node => node.Operands))
            uses[operand] = uses.TryGetValue(operand, out var count) ? count + 1 : 1;

        var names = new Dictionary<Expr, string>();
        var used = new HashSet<string>(taken, StringComparer.Ordinal);
        var unnamed = 0;

        // No local has the name of a number; where a parameter has, the number has a sign.
        foreach (var constant in nodes.Where(node => node.IsConstant && (double.IsPositiveInfinity(node.Value) || double.IsNaN(node.Value))))
        {
            if (!used.Add(Numbers.Print(constant.Value)))
                names[constant] = "+" + Numbers.Print(constant.Value);
        }

        foreach (var node in nodes)
        {
            string? own = null;
            var least = named?.TryGetValue(node, out own) == true ? 1 : 2;
            var shared = uses.TryGetValue(node, out var count) && count >= least;
            if (node.IsLeaf || !(shared || node.Hint is not null))
                continue;
            var name = (node.Hint ?? own) is { } hint ? Unique(hint, used) : "%" + ++unnamed;
            text.Append("let ").Append(name).Append(" = ").Append(Inline(node, names, number)).Append('\n');
            names[node] = name;
        }

        foreach (var (name, value) in results)
            text.Append(name).Append(" = ").Append(Inline(value, names, number)).Append('\n');
    }

    /// <summary>A node as one nested expression.</summary>
    public static string Inline(Expr node, IReadOnlyDictionary<Expr, string>? names = null, Func<double, string>? number = null)
    {
        if (names is not null && names.TryGetValue(node, out var name))
            return name;
        if (node.IsConstant)
            return (number ?? Numbers.Print)(node.Value);
        if (node.IsSymbol)
            return node.Symbol!.Name;
        return $"{node.Op.Name}({string.Join(", ", node.Operands.Select(operand => Inline(operand, names, number)))})";
    }

    /// <summary>A node for people: the user's own names for what is inside, and no more of it than reads in one line.</summary>
    public static string Brief(Expr node)
    {
        return (node.Hint is null ? "" : node.Hint + " = ") + Define(node, 4);

        static string Define(Expr node, int depth) => node.IsLeaf ? Inline(node, number: Numbers.Brief)
            : depth == 0 ? "..."
            : $"{node.Op.Name}({string.Join(", ", node.Operands.Select(operand => operand.Hint ?? Define(operand, depth - 1)))})";
    }

    private static string Print(CellParameter parameter)
    {
        var text = $"{parameter.Symbol.Kind.ToString().ToLowerInvariant()} {parameter.Name}";
        if (parameter.Initial is double initial)
            text += " initial " + Numbers.Print(initial);
        if (parameter.InitializeWith is string method)
            text += " method " + method;
        if (parameter.Symbol is { Kind: SymbolKind.Weight, IsIndexed: true })
            text += " per state";
        if (parameter.Rank > 0)
            text += " rank " + parameter.Rank.ToString(CultureInfo.InvariantCulture);
        return text;
    }

    private static string Unique(string hint, HashSet<string> used)
    {
        var name = hint;
        for (var i = 2; !used.Add(name); i++)
            name = hint + "." + i;
        return name;
    }
}
