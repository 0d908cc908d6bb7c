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
    double[] FinalStateGradient);

/// <summary>What a scan of one channel gives.</summary>
internal sealed record ChannelResult(
    double[] Output,
    double[] FinalStates,
    double[][] ProjectionGradients,
    double[] InputGradient,
    double[] WeightGradients,
    double[] InitialStateGradients);

/// <summary>Runs a cell over time by its graph and its adjoint's graph, node by node: slow, and the oracle of every kernel.</summary>
internal sealed class ScanReference
{
    private readonly Cell cell;
    private readonly StepAdjoint adjoint;
    private readonly Func<Func<Symbol, double>, double[]> step;
    private readonly Func<Func<Symbol, double>, double[]> backward;

    public ScanReference(Cell cell, Interpreter interpreter)
    {
        this.cell = cell;
        adjoint = Adjoint.Differentiate(cell);
        step = interpreter.Prepare([.. cell.NextStates, cell.Result]);
        backward = interpreter.Prepare([.. adjoint.Parameters.Select(entry => entry.Gradient)]);
    }

    public ChannelResult Run(ChannelInput input)
    {
        var time = input.OutputGradient.Length;
        var states = new double[time + 1][];
        var output = new double[time];
        states[0] = input.InitialStates;
        for (var t = 0; t < time; t++)
        {
            var values = step(Symbols(input, t, states[t], null));
            states[t + 1] = [.. values.Take(cell.NextStates.Length)];
            output[t] = values[^1];
        }

        var carried = (double[])input.FinalStateGradient.Clone();
        var projections = new double[time][];
        var inputs = new double[time];
        var weights = new double[cell.Weights.Count()];
        for (var t = time - 1; t >= 0; t--)
        {
            if (cell.Output is null)
                carried[0] += input.OutputGradient[t];
            var values = backward(Symbols(input, t, states[t], carried));
            projections[t] = new double[cell.Projections.Count()];
            var before = new double[carried.Length];
            for (var i = 0; i < values.Length; i++)
            {
                var symbol = adjoint.Parameters[i].Parameter.Symbol;
                switch (symbol.Kind)
                {
                    case SymbolKind.State:
                        before[symbol.Index] = values[i];
                        break;
                    case SymbolKind.Projection:
                        projections[t][symbol.Index] = values[i];
                        break;
                    case SymbolKind.Weight:
                        weights[symbol.Index] += values[i];
                        break;
                    default:
                        inputs[t] = values[i];
                        break;
                }
            }

            carried = before;
        }

        return new ChannelResult(output, states[time], projections, inputs, weights, carried);
    }

    private static Func<Symbol, double> Symbols(ChannelInput input, int t, double[] states, double[]? stateGradients) => symbol => symbol.Kind switch
    {
        SymbolKind.State => states[symbol.Index],
        SymbolKind.Projection => input.Projections[t][symbol.Index],
        SymbolKind.Input => input.Input[t],
        SymbolKind.Weight => input.Weights[symbol.Index],
        SymbolKind.StateGradient => stateGradients![symbol.Index],
        _ => input.OutputGradient[t],
    };
}
