using MinRnn.Generator.Differentiation;
using MinRnn.Generator.Recurrence;
using Cell = MinRnn.Generator.Recurrence.Cell;

namespace MinRnn.Tests.Common;

/// <summary>What a scan of one channel of one row takes: the values of every step, and the gradients that come from outside.</summary>
internal sealed record ChannelInput(
    double[][] Projections,
    double[] Input,
    double[] Weights,
    double[] InitialStates,
    double[] OutputGradient,
    double[] FinalStateGradient,
    double[][]? Shared = null);

/// <summary>What a scan of one channel gives.</summary>
internal sealed record ChannelResult(
    double[] Output,
    double[] FinalStates,
    double[][] ProjectionGradients,
    double[] InputGradient,
    double[] WeightGradients,
    double[] InitialStateGradients,
    double[][] SharedGradients);

/// <summary>Runs a cell over time by its graph and its adjoint's graph, node by node: slow, and the oracle of every kernel.</summary>
internal sealed class ScanReference
{
    private readonly Cell cell;
    private readonly StepAdjoint adjoint;
    private readonly Func<Func<Symbol, double>, double[]> step;
    private readonly Func<Func<Symbol, double>, double[]> backward;

    /// <summary>Where each weight begins: they take as many places as they have elements.</summary>
    private readonly int[] firstWeights;

    public ScanReference(Cell cell, Interpreter interpreter)
    {
        this.cell = cell;
        adjoint = Adjoint.Differentiate(cell);
        step = interpreter.Prepare([.. cell.NextStates, cell.Result]);
        backward = interpreter.Prepare([.. adjoint.Parameters.Select(entry => entry.Gradient)]);
        List<int> sizes = [.. cell.Weights.Select(weight => weight.Symbol.IsIndexed ? Elements : 1)];
        firstWeights = [.. sizes.Select((_, weight) => sizes.Take(weight).Sum())];
    }

    public ChannelResult Run(ChannelInput input)
    {
        var time = input.OutputGradient.Length;
        var states = new double[time + 1][];
        var output = new double[time];
        states[0] = input.InitialStates;
        for (var t = 0; t < time; t++)
        {
            states[t + 1] = new double[input.InitialStates.Length];
            for (var element = 0; element < Elements; element++)
            {
                var values = step(Symbols(input, t, element, states[t], null));
                for (var state = 0; state < cell.NextStates.Length; state++)
                    states[t + 1][(state * Elements) + element] = values[state];
                output[t] += values[^1];
            }
        }

        var carried = (double[])input.FinalStateGradient.Clone();
        var result = new ChannelResult(
            output, states[time], Rows(cell.Projections.Count()), new double[time], new double[input.Weights.Length], carried,
            Rows(cell.Shared.Count() * Elements));
        for (var t = time - 1; t >= 0; t--)
        {
            for (var element = 0; element < Elements && cell.Output is null; element++)
                carried[element] += input.OutputGradient[t];
            var before = new double[carried.Length];
            for (var element = 0; element < Elements; element++)
            {
                var values = backward(Symbols(input, t, element, states[t], carried));
                for (var i = 0; i < values.Length; i++)
                {
                    var symbol = adjoint.Parameters[i].Parameter.Symbol;
                    switch (symbol.Kind)
                    {
                        case SymbolKind.State:
                            before[(symbol.Index * Elements) + element] = values[i];
                            break;
                        case SymbolKind.Projection:
                            result.ProjectionGradients[t][symbol.Index] += values[i];
                            break;
                        case SymbolKind.Shared:
                            result.SharedGradients[t][(symbol.Index * Elements) + element] = values[i];
                            break;
                        case SymbolKind.Weight:
                            result.WeightGradients[WeightAt(symbol, element)] += values[i];
                            break;
                        default:
                            result.InputGradient[t] += values[i];
                            break;
                    }
                }
            }

            carried = before;
        }

        return result with { InitialStateGradients = carried };

        double[][] Rows(int width) => [.. Enumerable.Range(0, time).Select(_ => new double[width])];
    }

    /// <summary>Elements of each state.</summary>
    private int Elements => Math.Max(cell.StateSize, 1);

    private int WeightAt(Symbol symbol, int element) => firstWeights[symbol.Index] + (symbol.IsIndexed ? element : 0);

    private Func<Symbol, double> Symbols(ChannelInput input, int t, int element, double[] states, double[]? stateGradients) => symbol => symbol.Kind switch
    {
        SymbolKind.State => states[(symbol.Index * Elements) + element],
        SymbolKind.Projection => input.Projections[t][symbol.Index],
        SymbolKind.Shared => input.Shared![t][(symbol.Index * Elements) + element],
        SymbolKind.Input => input.Input[t],
        SymbolKind.Weight => input.Weights[WeightAt(symbol, element)],
        SymbolKind.StateGradient => stateGradients![(symbol.Index * Elements) + element],
        _ => input.OutputGradient[t],
    };
}
