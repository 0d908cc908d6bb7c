using System.Runtime.InteropServices;
using MinRnn.Kernels;

namespace MinRnn.Bench.Device;

/// <summary>What goes into a scan and its backward, exactly representable in a type of elements.</summary>
internal sealed class Tensors
{
    private readonly ScanShape shape;
    private readonly ElementType element;
    private readonly long batch, time;
    private readonly double[] preactivations, parameters, input, initial, outputGradient, finalGradient;

    public Tensors(ScanShape shape, ElementType element, long batch, long time)
    {
        (this.shape, this.element, this.batch, this.time) = (shape, element, batch, time);
        var random = new Random((int)((31 * time) + batch));
        double[] Normal(long count, double deviation) => Elements.Normal(random, count, deviation, element);
        preactivations = Normal(batch * time * shape.PreactivationWidth, 2);
        parameters = Normal(shape.ParameterSize, 0.5);
        input = Normal(shape.HasInput ? Steps : 0, 2);
        initial = Normal(States, 0.5);
        outputGradient = Normal(Steps, 1);
        finalGradient = Normal(States, 1);
    }

    private long Steps => batch * time * shape.Channels;

    private long States => batch * shape.States * shape.Channels;

    private (string Name, long Count)[] Results =>
    [
        ("output", Steps), ("final state", States), ("pre-activation gradient", batch * time * shape.PreactivationWidth),
        ("parameter gradient", shape.ParameterSize), ("input gradient", shape.HasInput ? Steps : 0), ("initial state gradient", States),
    ];

    /// <summary>The results of a layer's kernels for the CPU, of double precision.</summary>
    public unsafe double[][] Reference(ScanKernels kernels)
    {
        var blocks = new List<nint>();
        nint Take(long count)
        {
            // A buffer without elements has an address none the less: kernels may not read it.
            var block = (nint)NativeMemory.AlignedAlloc((nuint)long.Max(64, count * sizeof(double)), 64);
            blocks.Add(block);
            return block;
        }

        nint In(double[] values)
        {
            var address = Take(values.Length);
            values.CopyTo(new Span<double>((void*)address, values.Length));
            return address;
        }

        try
        {
            var results = Run(kernels, In, Take);
            return [.. results.Zip(Results, (address, result) => new Span<double>((void*)address, (int)result.Count).ToArray())];
        }
        finally
        {
            foreach (var block in blocks)
                NativeMemory.AlignedFree((void*)block);
        }
    }

    /// <summary>The bytes that kernels write on a device, over poison.</summary>
    public byte[][] On(BenchDevice device, ScanKernels kernels)
    {
        using var memory = new DeviceMemory(device);
        var size = Elements.Size(element);
        var results = Run(kernels, values => memory.Copy(Elements.Encode(values, element)), count => memory.Take(count * size));
        return [.. results.Zip(Results, (address, result) => memory.Read<byte>(address, result.Count * size))];
    }

    /// <summary>The largest error of any tensor over its largest value: max|x - ref| / max|ref|.</summary>
    public (double Error, string Tensor) ErrorOf(byte[][] actual, double[][] reference)
    {
        (double Error, string Tensor) worst = (0, "none");
        for (var k = 0; k < reference.Length; k++)
        {
            var values = Elements.Decode(actual[k], element);
            double scale = 1e-6, difference = 0;
            for (var i = 0; i < values.Length; i++)
            {
                scale = Math.Max(scale, Math.Abs(reference[k][i]));
                difference = Math.Max(difference, Math.Abs(values[i] - reference[k][i]));
            }

            // NaN passes through Math.Max.
            var error = double.IsNaN(difference) ? double.PositiveInfinity : difference / scale;
            if (error > worst.Error)
                worst = (error, Results[k].Name);
        }

        return worst;
    }

    private nint[] Run(ScanKernels kernels, Func<double[], nint> copy, Func<long, nint> take)
    {
        var (p, w, x, s) = (copy(preactivations), copy(parameters), copy(input), copy(initial));
        var results = Array.ConvertAll(Results, result => take(result.Count));
        var states = shape.KeepsStates ? take(shape.KeptSets(batch, time) * shape.States * shape.Channels) : 0;
        kernels.Forward(new ScanForward
        {
            Batch = batch,
            Time = time,
            Preactivations = p,
            Parameters = w,
            Input = x,
            InitialState = s,
            Output = results[0],
            States = states,
            FinalState = results[1],
        });
        kernels.Backward(new ScanBackward
        {
            Batch = batch,
            Time = time,
            Preactivations = p,
            Parameters = w,
            Input = x,
            InitialState = s,
            Output = results[0],
            States = states,
            OutputGradient = copy(outputGradient),
            FinalStateGradient = copy(finalGradient),
            PreactivationGradient = results[2],
            ParameterGradient = results[3],
            InputGradient = results[4],
            InitialStateGradient = results[5],
        });
        return results;
    }
}
