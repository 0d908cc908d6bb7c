using System.Linq;

namespace MinRnn.Generator.Recurrence;

/// <summary>What a layer adds to its cell: parts of the step like any other, so that they are differentiated and fused with it.</summary>
/// <param name="Skip">Whether the output has <c>skip·x</c> added, x the layer's own input channel and skip a weight.</param>
/// <param name="Gate">Whether the output, the skip included, is multiplied by <c>silu(outputGate)</c>, a projection.</param>
/// <param name="ForgetBias">Where the bias of the projection <c>forget</c> starts; null for where the cell says.</param>
internal sealed record CellOptions(bool Skip = false, bool Gate = false, double? ForgetBias = null)
{
    public const string SkipWeight = "skip", GateProjection = "outputGate", ForgetProjection = "forget";

    /// <summary>The input that <see cref="Skip"/> adds to a cell without one.</summary>
    public const string SkipInput = "skipInput";

    /// <summary>Of the names that this adds, one that the cell has already; null if there is none.</summary>
    public string? CollisionWith(Cell cell) => new[] { Skip ? SkipWeight : null, Skip && !cell.HasInput ? SkipInput : null, Gate ? GateProjection : null }
        .FirstOrDefault(name => cell.Parameters.Any(parameter => parameter.Name == name));

    public Cell Apply(Cell cell)
    {
        if (ForgetBias is { } bias)
            cell = cell with { Parameters = [.. cell.Parameters.Select(parameter => IsForget(parameter) ? parameter with { Initial = bias, InitializeWith = null } : parameter)] };
        return Skip || Gate ? WithOutput(cell) : cell;
    }

    public static bool IsForget(CellParameter parameter) => parameter is { Name: ForgetProjection, Symbol.Kind: SymbolKind.Projection };

    private Cell WithOutput(Cell cell)
    {
        var graph = new GraphBuilder(simplify: false);
        var import = graph.Importer(_ => null);
        var parameters = cell.Parameters;
        var output = import(cell.Result);
        if (Skip)
        {
            var weight = Add(SymbolKind.Weight, SkipWeight, initial: 1);
            var input = cell.HasInput ? cell.Parameters.First(parameter => parameter.Symbol.Kind == SymbolKind.Input).Symbol : Add(SymbolKind.Input, SkipInput);
            var skipped = graph.Multiply(graph.Symbol(weight), graph.Symbol(input));

            // The output of vector states is a sum over their elements, and each has its share.
            output = graph.Add(output, cell.IsVector ? graph.Divide(skipped, graph.Constant(cell.StateSize)) : skipped);
        }

        if (Gate)
        {
            var gate = graph.Symbol(Add(SymbolKind.Projection, GateProjection));
            output = graph.Multiply(output, graph.Multiply(gate, graph.Sigmoid(gate)));
        }

        return cell with { Parameters = parameters, NextStates = [.. cell.NextStates.Select(import)], Output = output };

        Symbol Add(SymbolKind kind, string name, double? initial = null)
        {
            var symbol = new Symbol(kind, parameters.Count(parameter => parameter.Symbol.Kind == kind), name);
            parameters = parameters.Add(new CellParameter(symbol, initial));
            return symbol;
        }
    }
}
