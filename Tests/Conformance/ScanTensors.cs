using MinRnn.Kernels;
using MinRnn.Tests.Conformance.Cpu;

namespace MinRnn.Tests.Conformance;

/// <summary>The tensors that go into one scan and its backward, in double, whatever the kernels compute in.</summary>
internal sealed record ScanInput(
    int Batch,
    int Time,
    bool Reverse,
    double[] Preactivations,
    double[] Parameters,
    double[] Input,
    double[]? InitialState,
    double[]? OutputGradient,
    double[]? FinalStateGradient)
{
    /// <summary>Where sequences lie, if not in the rows of the batch; <see cref="Batch"/> is then their number.</summary>
    public SequenceForm? Form { get; init; }

    /// <summary>Rows of the tensors over time.</summary>
    public int Rows => Form?.Rows ?? (Batch * Time);

    /// <summary>One row whose first pre-activation, the gate of most cells, lies far from 0: the state is kept for thousands of steps.</summary>
    public static ScanInput SlowGates(LayerDescription layer, int time, double mean)
    {
        var (channels, width) = (layer.Kernels.Shape.Channels, layer.Kernels.Shape.PreactivationWidth);
        var random = Random(layer, batch: 1, time, seed: 3, deviation: 0.3);
        return random with
        {
            Preactivations = [.. random.Preactivations.Select((value, i) => i % width < channels ? (double)(float)(value + mean) : value)],
            Parameters = new double[random.Parameters.Length],
        };
    }

    /// <summary>Random tensors for sequences of a form, garbage in what is not to be read.</summary>
    public static ScanInput Random(
        LayerDescription layer, SequenceForm form, int seed, double deviation = 1, bool reverse = false, bool hasState = true, bool intoOutput = true, bool intoState = true)
    {
        var rows = Random(layer, 1, form.Rows, seed, deviation, reverse, hasState, intoOutput, intoState);
        var states = Random(layer, form.Count, 1, seed + 1, deviation, reverse, hasState, intoOutput, intoState);
        var input = rows with
        {
            Batch = form.Count,
            Time = form.Time,
            InitialState = states.InitialState,
            FinalStateGradient = states.FinalStateGradient,
            Form = form,
        };
        for (var row = 0; row < form.Batch && form.Lengths is not null; row++)
        {
            for (var padding = (row * form.Time) + (int)form.Lengths[row]; padding < (row + 1) * form.Time; padding++)
            {
                foreach (var tensor in new[] { input.Preactivations, input.Input, input.OutputGradient ?? [] })
                    tensor.AsSpan(padding * tensor.Length / form.Rows, tensor.Length / form.Rows).Fill(double.NaN);
            }
        }

        return input;
    }

    /// <summary>
    /// Random tensors of a deviation, exactly representable in float: weights as the layer starts them where it says how, and states
    /// that some steps lead to, for not any numbers are weights and states of any cell.
    /// </summary>
    public static ScanInput Random(
        LayerDescription layer, int batch, int time, int seed, double deviation = 1, bool reverse = false, bool hasState = true, bool intoOutput = true, bool intoState = true)
    {
        var shape = layer.Kernels.Shape;
        var random = new Random(seed);
        double[] Normal(long count, double scale) => [.. Enumerable.Range(0, (int)count).Select(_ => (double)(float)(scale * Gaussian(random)))];
        var (b, t, h) = ((long)batch, (long)time, shape.Channels);
        var input = new ScanInput(
            batch,
            time,
            reverse,
            Normal(b * t * shape.PreactivationWidth, deviation),
            Normal(shape.ParameterSize, 0.5),
            Normal(shape.HasInput ? b * t * h : 0, deviation),
            null,
            intoOutput ? Normal(b * t * h, 1) : null,
            intoState ? Normal(b * shape.States * h, 1) : null);
        var at = shape.ParameterSize - (shape.Weights * h);
        foreach (var weight in layer.Weights)
        {
            for (var state = 0; state < (weight.IsPerState ? shape.StateSize : 1); state++, at += h)
            {
                for (var c = 0; c < h && weight.Initialize is not null; c++)
                    input.Parameters[at + c] = weight.Initialize(c, state, h, random);
            }
        }

        return hasState ? input with { InitialState = StateAfter(layer, input, seed) } : input;
    }

    private static double[] StateAfter(LayerDescription layer, ScanInput like, int seed)
    {
        const int Steps = 3;
        var before = Random(layer, like.Batch, Steps, seed + 1, hasState: false) with { Parameters = like.Parameters };
        return [.. new CpuBackend().Run(layer, before).FinalState.Select(value => (double)(float)value)];
    }

    private static double Gaussian(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}

/// <summary>What comes out.</summary>
internal sealed record ScanOutput(
    double[] Output,
    double[] FinalState,
    double[] PreactivationGradient,
    double[] ParameterGradient,
    double[] InputGradient,
    double[] InitialStateGradient)
{
    public IEnumerable<(string Name, double[] Values)> Tensors =>
    [
        ("output", Output), ("final state", FinalState), ("pre-activation gradient", PreactivationGradient),
        ("parameter gradient", ParameterGradient), ("input gradient", InputGradient), ("initial state gradient", InitialStateGradient),
    ];

    /// <summary>The largest error of any tensor over its largest value: max|x - ref| / max|ref|.</summary>
    public (double Error, string Tensor) ErrorAgainst(ScanOutput reference) => Tensors
        .Zip(reference.Tensors, (actual, expected) =>
        {
            Assert.Equal(expected.Values.Length, actual.Values.Length);
            var scale = expected.Values.Select(Math.Abs).DefaultIfEmpty(0).Max();
            var error = actual.Values.Zip(expected.Values, (x, y) => x.Equals(y) ? 0 : Math.Abs(x - y)).DefaultIfEmpty(0).Max();
            return (double.IsNaN(error) ? double.PositiveInfinity : error == 0 ? 0 : error / Math.Max(scale, 1e-6), actual.Name);
        })
        .MaxBy(entry => entry.Item1);
}
