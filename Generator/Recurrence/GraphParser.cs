using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;

namespace MinRnn.Generator.Recurrence;

/// <summary>Reads what <see cref="GraphPrinter"/> prints. Text that is not such a print is a <see cref="FormatException"/>.</summary>
internal sealed class GraphParser
{
    private readonly GraphBuilder graph = new(simplify: false);
    private readonly Dictionary<string, Expr> values = new(StringComparer.Ordinal);
    private readonly List<CellParameter> parameters = [];
    private readonly List<Expr> nextStates = [];
    private string name = "";
    private bool unbounded;
    private int stateSize;
    private Expr? output;

    private GraphParser()
    {
    }

    public static Cell Parse(string text)
    {
        var parser = new GraphParser();
        foreach (var line in text.Split('\n'))
        {
            if (line.Length > 0)
                parser.Line(line);
        }

        var cell = new Cell(parser.name, [.. parser.parameters], [.. parser.nextStates], parser.output, parser.unbounded, parser.stateSize);
        Verifier.Check(cell);
        return cell;
    }

    private void Line(string line)
    {
        var words = line.Split(' ');
        switch (words[0])
        {
            case "cell" when words.Length >= 2:
                name = words[1];
                unbounded = words.Skip(2).Contains("unbounded");
                stateSize = words.Length > 3 && words[words.Length - 2] == "size" ? Count(words[words.Length - 1]) : 0;
                break;
            case "state":
                Parameter(SymbolKind.State, words);
                break;
            case "projection":
                Parameter(SymbolKind.Projection, words);
                break;
            case "input":
                Parameter(SymbolKind.Input, words);
                break;
            case "weight":
                Parameter(SymbolKind.Weight, words);
                break;
            case "shared":
                Parameter(SymbolKind.Shared, words);
                break;
            case "let" when words.Length >= 4 && words[1].Length > 0 && words[2] == "=":
                var value = Expression(line);
                if (words[1][0] != '%')
                    value.Hint ??= words[1].Split('.')[0];
                Define(words[1], value);
                break;
            case "next":
                nextStates.Add(Expression(line));
                break;
            case "output":
                output = Expression(line);
                break;
            default:
                throw new FormatException($"A line of a cell's graph is not understood: '{line}'.");
        }
    }

    private void Parameter(SymbolKind kind, string[] words)
    {
        if (words.Length < 2 || words[1].Length == 0)
            throw new FormatException("A parameter of a cell's graph has no name.");
        double? initial = null;
        string? method = null;
        var rank = 0;
        var isIndexed = kind == SymbolKind.Shared || (kind == SymbolKind.State && stateSize > 0);
        for (var i = 2; i + 1 < words.Length; i += 2)
        {
            if (words[i] == "initial")
                initial = Number(words[i + 1]);
            else if (words[i] == "method")
                method = words[i + 1];
            else if (words[i] == "rank")
                rank = Count(words[i + 1]);
            else if (words[i] == "per" && words[i + 1] == "state")
                isIndexed = true;
            else
                throw new FormatException($"A cell's parameter has no option '{words[i]}'.");
        }

        var symbol = new Symbol(kind, parameters.Count(parameter => parameter.Symbol.Kind == kind), words[1], isIndexed);
        parameters.Add(new CellParameter(symbol, initial, method, rank));
        Define(symbol.Name, graph.Symbol(symbol));
    }

    private void Define(string word, Expr value)
    {
        if (values.ContainsKey(word))
            throw new FormatException($"A cell's graph defines '{word}' twice.");
        values.Add(word, value);
    }

    private Expr Expression(string line)
    {
        var position = line.IndexOf('=') + 2;
        var value = Expression(line, ref position);
        if (position != line.Length)
            throw new FormatException($"A line of a cell's graph goes on after its end: '{line}'.");
        return value;
    }

    private Expr Expression(string text, ref int position)
    {
        var start = position;
        while (position < text.Length && ",() ".IndexOf(text[position]) < 0)
            position++;
        var word = text.Substring(start, position - start);
        if (position == text.Length || text[position] != '(')
            return values.TryGetValue(word, out var value) ? value : graph.Constant(Number(word));

        var op = Operators.Find(word) ?? throw new FormatException($"A cell's graph uses an unknown operator '{word}'.");
        var operands = new List<Expr>();
        do
        {
            position += operands.Count == 0 ? 1 : 2;
            operands.Add(Expression(text, ref position));
        }
        while (position < text.Length && text[position] == ',');
        if (position == text.Length || text[position] != ')' || operands.Count != op.Arity)
            throw new FormatException($"'{word}' takes {op.Arity} operands: '{text}'.");
        position++;
        return graph.Apply(op, [.. operands]);
    }

    private static int Count(string word) => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
        ? count
        : throw new FormatException($"'{word}' is not a number of a cell's graph.");

    private static double Number(string word) =>
        double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? value
            : word switch
            {
                // .NET Framework prints infinities in words and reads no others.
                "∞" or "Infinity" or "+Infinity" => double.PositiveInfinity,
                "-∞" or "-Infinity" => double.NegativeInfinity,
                "NaN" or "+NaN" => double.NaN,
                _ => throw new FormatException($"'{word}' is neither a value of the cell's graph nor a number."),
            };
}
