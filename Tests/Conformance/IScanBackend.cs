using System.Collections.Concurrent;
using MinRnn.Kernels;
using MinRnn.Tests.Common;
using Cell = MinRnn.Generator.Recurrence.Cell;
using Interpreter = MinRnn.Generator.Recurrence.Interpreter;

namespace MinRnn.Tests.Conformance;

/// <summary>One way to run a compiled layer.</summary>
internal interface IScanBackend
{
    ScanOutput Run(LayerDescription layer, ScanInput input);
}

/// <summary>The oracle: the cell's graph, interpreted channel by channel.</summary>
internal sealed class ReferenceBackend(Cell cell, Interpreter interpreter) : IScanBackend
{
    private static readonly ConcurrentDictionary<Type, ReferenceBackend> OfCells = new();

    private readonly ScanReference reference = new(cell, interpreter);

    /// <summary>The oracle of a compiled cell in double precision.</summary>
    public static ReferenceBackend Of(Type cell) => OfCells.GetOrAdd(cell, type => new ReferenceBackend(CellGraphs.Of(type), Interpreter.Double));

    public ScanOutput Run(LayerDescription layer, ScanInput input)
    {
        var shape = layer.Kernels.Shape;
        var (b, t, h, p, s) = (input.Batch, input.Time, shape.Channels, shape.Projections, shape.States);
        var (width, biases) = (shape.PreactivationWidth, shape.HasBias ? shape.PreactivationWidth : 0);
        var output = new ScanOutput(
            new double[b * t * h], new double[b * s * h], new double[b * t * width],
            new double[shape.ParameterSize], new double[shape.HasInput ? b * t * h : 0], new double[b * s * h]);
        for (var row = 0; row < b; row++)
        {
            for (var c = 0; c < h; c++)
            {
                int At(int step) => (row * t) + (input.Reverse ? t - 1 - step : step);
                var result = reference.Run(new ChannelInput(
                    [.. Steps(step => Enumerable.Range(0, p).Select(i =>
                        Preactivation(At(step), (i * h) + c)).ToArray())],
                    shape.HasInput ? [.. Steps(step => input.Input[(At(step) * h) + c])] : [],
                    [.. Enumerable.Range(0, shape.Weights).Select(r => input.Parameters[biases + (r * h) + c])],
                    [.. States(i => input.InitialState?[(((row * s) + i) * h) + c] ?? shape.InitialStates[i])],
                    [.. Steps(step => input.OutputGradient?[(At(step) * h) + c] ?? 0)],
                    [.. States(i => input.FinalStateGradient?[(((row * s) + i) * h) + c] ?? 0)],
                    [.. Steps(step => Enumerable.Range(p * h, shape.Shared).Select(i => Preactivation(At(step), i)).ToArray())]));
                for (var step = 0; step < t; step++)
                {
                    output.Output[(At(step) * h) + c] = result.Output[step];
                    if (shape.HasInput)
                        output.InputGradient[(At(step) * h) + c] = result.InputGradient[step];
                    for (var i = 0; i < p; i++)
                        Add(At(step), (i * h) + c, result.ProjectionGradients[step][i]);
                    for (var i = 0; i < shape.Shared; i++)
                        Add(At(step), (p * h) + i, result.SharedGradients[step][i]);
                }

                for (var i = 0; i < shape.Weights; i++)
                    output.ParameterGradient[biases + (i * h) + c] += result.WeightGradients[i];
                for (var i = 0; i < s; i++)
                {
                    output.FinalState[(((row * s) + i) * h) + c] = result.FinalStates[i];
                    output.InitialStateGradient[(((row * s) + i) * h) + c] = result.InitialStateGradients[i];
                }
            }
        }

        return output;

        double Preactivation(int row, int at) => input.Preactivations[(row * width) + at] + (biases > 0 ? input.Parameters[at] : 0);

        void Add(int row, int at, double gradient)
        {
            output.PreactivationGradient[(row * width) + at] += gradient;
            if (biases > 0)
                output.ParameterGradient[at] += gradient;
        }

        IEnumerable<T> Steps<T>(Func<int, T> value) => Enumerable.Range(0, t).Select(value);
        IEnumerable<double> States(Func<int, double> value) => Enumerable.Range(0, s).Select(value);
    }
}
