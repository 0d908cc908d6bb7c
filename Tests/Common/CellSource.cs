using System.Globalization;
using System.Text;
using MinRnn.Generator.Recurrence;
using Cell = MinRnn.Generator.Recurrence.Cell;

namespace MinRnn.Tests.Common;

/// <summary>Writes a cell's graph as the C# that a user might have written for it.</summary>
internal static class CellSource
{
    public static string Write(Cell cell)
    {
        var text = new StringBuilder();
        text.Append("[MinRnn.RecurrentCell").Append(cell.IsVector ? $"(StateSize = {cell.StateSize})" : "").Append("]\npublic static partial class ").Append(cell.ShortName).Append("\n{\n");
        var states = cell.NextStates.Length;
        var type = states == 1 ? "float" : $"({string.Join(", ", Enumerable.Repeat("float", states))})";
        Method(text, $"public static {type} Step", cell.Parameters, cell.NextStates);
        if (cell.Output is not null)
            Method(text, "public static float Output", cell.Parameters, [OutputOf(cell)]);
        text.Append("}\n");
        return text.ToString();
    }

    /// <summary>The output as <c>Output</c> computes it: from the states after the step, which it gets as its state parameters.</summary>
    private static Expr OutputOf(Cell cell)
    {
        var graph = new GraphBuilder(simplify: false);
        var states = cell.States.ToList();
        return graph.Importer(node =>
        {
            var state = cell.NextStates.IndexOf(node);
            return state < 0 ? null : graph.Symbol(states[state].Symbol);
        })(cell.Output!);
    }

    private static void Method(StringBuilder text, string heading, IEnumerable<CellParameter> parameters, IReadOnlyList<Expr> results)
    {
        text.Append(heading).Append('(').Append(string.Join(", ", parameters.Select(Declare))).Append(")\n{\n");
        var names = new Dictionary<Expr, string>();
        foreach (var node in results.Reachable())
        {
            if (node.IsLeaf || node.Op == Operators.NormalCdf)
                continue;
            names[node] = $"v{names.Count}";
            text.Append("    var ").Append(names[node]).Append(" = ").Append(Write(node, names)).Append(";\n");
        }

        var values = string.Join(", ", results.Select(result => Use(result, names)));
        text.Append("    return ").Append(results.Count == 1 ? values : $"({values})").Append(";\n}\n");
    }

    private static string Declare(CellParameter parameter)
    {
        var isPerState = parameter.Symbol is { Kind: SymbolKind.Weight, IsIndexed: true };
        var options = parameter.Initial is double initial ? $"(Initial = {Number(initial)}{(isPerState ? ", PerState = true" : "")})" : "";
        return parameter.Symbol.Kind switch
        {
            SymbolKind.State => $"[MinRnn.State{options}] float {parameter.Name}",
            SymbolKind.Weight => $"[MinRnn.Weight{options}] float {parameter.Name}",
            SymbolKind.Input => $"[MinRnn.Input] float {parameter.Name}",
            SymbolKind.Shared => $"[MinRnn.Projection(Shared = true)] float {parameter.Name}",
            _ => $"float {parameter.Name}",
        };
    }

    private static string Write(Expr node, IReadOnlyDictionary<Expr, string> names)
    {
        // The normal distribution function has no name in the cell language but as part of Gelu.
        if (node.Op == Operators.Multiply && node[1].Op == Operators.NormalCdf && node[1][0] == node[0])
            return $"MinRnn.CellMath.Gelu({Use(node[0], names)})";
        var x = node.Operands.Select(operand => Use(operand, names)).ToList();
        return node.Op.Name switch
        {
            "add" => $"{x[0]} + {x[1]}",
            "sub" => $"{x[0]} - {x[1]}",
            "mul" => $"{x[0]} * {x[1]}",
            "div" => $"{x[0]} / {x[1]}",
            "neg" => $"-{x[0]}",
            "less" => $"{x[0]} < {x[1]}",
            "lessOrEqual" => $"{x[0]} <= {x[1]}",
            "select" => $"{x[0]} ? {x[1]} : {x[2]}",
            _ => $"MinRnn.CellMath.{node.Op.Spelling}({string.Join(", ", x)})",
        };
    }

    private static string Use(Expr node, IReadOnlyDictionary<Expr, string> names) =>
        node.IsConstant ? Number(node.Value) : node.IsSymbol ? node.Symbol!.Name : names[node];

    private static string Number(double value) => $"({value.ToString("R", CultureInfo.InvariantCulture)}f)";
}
