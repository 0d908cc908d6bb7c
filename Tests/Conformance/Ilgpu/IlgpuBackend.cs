using System.Reflection;
using ILGPU;
using ILGPU.Runtime;
using MinRnn.Ilgpu;
using MinRnn.Ilgpu.Scans;
using MinRnn.Kernels;

namespace MinRnn.Tests.Conformance.Ilgpu;

/// <summary>A layer's generated <c>Gpu</c> class on an accelerator, its arguments found by their names.</summary>
/// <param name="layer">The layer.</param>
/// <param name="accelerator">The accelerator.</param>
/// <param name="strategy">The strategy to take; null for the one that the launcher chooses.</param>
/// <param name="type">The type of the elements in memory; null for the precision of the arithmetic.</param>
/// <param name="offset">Elements by which every view is off the start of its buffer.</param>
internal sealed class IlgpuBackend(
    Type layer, Accelerator accelerator, ScanStrategy? strategy = null, ElementType? type = null, int offset = 0) : IScanBackend
{
    public static LayerDescription Describe(Type layer) =>
        (LayerDescription)layer.GetProperty("Description", BindingFlags.Static | BindingFlags.NonPublic)!.GetValue(null)!;

    public ScanOutput Run(LayerDescription description, ScanInput input) => Start(description, input).Run();

    /// <summary>The output and final state after one <c>Step</c> for each time step.</summary>
    public (double[] Output, double[] State) Steps(LayerDescription description, ScanInput input) => Start(description, input).Steps();

    private ICall Start(LayerDescription description, ScanInput input)
    {
        return (type ?? description.Kernels.Element) switch
        {
            ElementType.Double => Of(value => value, (double value) => value),
            ElementType.Single => Of(value => (float)value, (float value) => value),
            ElementType.Half => Of(value => (ILGPU.Half)(float)value, (ILGPU.Half value) => (float)value),
            _ => Of(value => (BFloat16)(float)value, (BFloat16 value) => value.ToSingle()),
        };

        ICall Of<T>(Func<double, T> to, Func<T, double> from)
            where T : unmanaged => new Call<T>(layer, accelerator, description, input, strategy, offset, to, from);
    }

    public static IDisposable Create(Type layer, Accelerator accelerator, bool reverse)
    {
        var type = layer.GetNestedType("Gpu")!;
        object[] arguments = type.GetConstructors().Single().GetParameters().Length == 2 ? [accelerator, reverse] : [accelerator];
        return (IDisposable)Activator.CreateInstance(type, arguments)!;
    }

    private interface ICall
    {
        ScanOutput Run();

        (double[] Output, double[] State) Steps();
    }

    private sealed class Call<T>(
        Type layer, Accelerator accelerator, LayerDescription description, ScanInput input, ScanStrategy? strategy, int offset,
        Func<double, T> to, Func<T, double> from) : ICall
        where T : unmanaged
    {
        private readonly ScanShape shape = description.Kernels.Shape;
        private readonly Dictionary<string, MemoryBuffer1D<T, Stride1D.Dense>> buffers = [];

        private int RowWidth => shape.States * shape.Channels;

        public ScanOutput Run()
        {
            long rows = input.Batch, steps = input.Rows, h = shape.Channels;
            Inputs();
            Fill("initialState", input.InitialState);
            Take("output", steps * h);
            Take("states", shape.KeptSets(rows, input.Time, input.Form?.Build()) * RowWidth);
            Take("finalState", rows * RowWidth);
            Fill("outputGradient", input.OutputGradient);
            Fill("finalStateGradient", input.FinalStateGradient);
            Take("preactivationGradient", steps * shape.PreactivationWidth);
            foreach (var weight in description.Weights)
                Take(weight.Name + "Gradient", RowsOf(weight) * h);
            Take("inputGradient", shape.HasInput ? steps * h : 0);
            Take("initialStateGradient", rows * RowWidth);
            using (var gpu = Open())
            {
                Invoke(gpu, "Forward");
                Invoke(gpu, "Backward");
                accelerator.Synchronize();
            }

            var preactivationGradient = Read("preactivationGradient");
            var result = new ScanOutput(
                Read("output"), Read("finalState"), preactivationGradient,
                [.. BiasGradient(preactivationGradient), .. description.Weights.SelectMany(weight => Read(weight.Name + "Gradient"))],
                Read("inputGradient"), Read("initialStateGradient"));
            Free();
            return result;
        }

        public (double[] Output, double[] State) Steps()
        {
            long rows = input.Batch;
            var h = shape.Channels;
            Inputs();
            var preactivations = Read("preactivations");
            var output = new double[rows * input.Time * h];
            Fill("state", input.InitialState ?? [.. Enumerable.Range(0, (int)(rows * RowWidth)).Select(i => shape.InitialStates[i / h % shape.States])]);
            Take("output", rows * h);
            using (var gpu = Open())
            {
                for (var t = 0; t < input.Time; t++)
                {
                    double[] Slice(double[] values, int width) =>
                        [.. Enumerable.Range(0, (int)rows).SelectMany(row => values.AsSpan(((row * input.Time) + t) * width, width).ToArray())];
                    Fill("preactivations", Slice(preactivations, shape.PreactivationWidth));
                    if (shape.HasInput)
                        Fill("input", Slice(input.Input, h));
                    Invoke(gpu, "Step");
                    accelerator.Synchronize();
                    var step = Read("output");
                    for (var row = 0; row < rows; row++)
                        step.AsSpan(row * h, h).CopyTo(output.AsSpan(((row * input.Time) + t) * h));
                }
            }

            var state = Read("state");
            Free();
            return (output, state);
        }

        private void Inputs()
        {
            var width = shape.PreactivationWidth;
            var bias = shape.HasBias ? input.Parameters.AsSpan(0, width).ToArray() : new double[width];
            Fill("preactivations", [.. input.Preactivations.Select((value, i) => from(to(value)) + bias[i % width])]);
            Fill("input", input.Input);
            var at = shape.ParameterSize - (shape.Weights * shape.Channels);
            foreach (var weight in description.Weights)
            {
                var elements = RowsOf(weight) * shape.Channels;
                Fill(weight.Name, input.Parameters.AsSpan(at, elements).ToArray());
                at += elements;
            }
        }

        private int RowsOf(WeightDescription weight) => weight.IsPerState ? shape.StateSize : 1;

        private double[] BiasGradient(double[] preactivationGradient)
        {
            var bias = new double[shape.HasBias ? shape.PreactivationWidth : 0];
            for (var i = 0; i < preactivationGradient.Length && bias.Length > 0; i++)
                bias[i % bias.Length] += preactivationGradient[i];
            return bias;
        }

        private IDisposable Open()
        {
            var gpu = Create(layer, accelerator, input.Reverse);
            var scan = gpu.GetType().GetField("scan", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(gpu)!;
            scan.GetType().GetProperty("Strategy")!.SetValue(scan, strategy);
            return gpu;
        }

        private void Invoke(object gpu, string method)
        {
            var target = gpu.GetType().GetMethods().Single(candidate =>
                candidate.Name == method && candidate.IsGenericMethod == (typeof(T) != typeof(float) && typeof(T) != typeof(double))
                && candidate.GetParameters().Any(parameter => parameter.Name == "sequences") == input.Form is not null);
            if (target.IsGenericMethod)
                target = target.MakeGenericMethod(typeof(T));
            target.Invoke(gpu, BindingFlags.DoNotWrapExceptions, null, [.. target.GetParameters().Select(Argument)], null);
        }

        private object Argument(ParameterInfo parameter) => parameter.Name switch
        {
            "stream" => accelerator.DefaultStream,
            "sequences" => input.Form!.Build(),
            "batch" => (long)input.Batch,
            "time" => (long)input.Time,
            // A weight whose name is a parameter's already is called by it and "Value".
            _ => View(buffers.ContainsKey(parameter.Name!) ? parameter.Name! : parameter.Name!.Replace("Value", "")),
        };

        private ArrayView<T> View(string name) =>
            buffers.TryGetValue(name, out var buffer) ? ((ArrayView<T>)buffer.View).SubView(offset, buffer.Length - offset) : default;

        private void Fill(string name, double[]? values)
        {
            if (buffers.Remove(name, out var old))
                old.Dispose();
            if (values is { Length: > 0 })
                buffers[name] = accelerator.Allocate1D(Enumerable.Repeat(0.0, offset).Concat(values).Select(to).ToArray());
        }

        /// <summary>A buffer that kernels must write: it starts as garbage.</summary>
        private void Take(string name, long length) => Fill(name, [.. Enumerable.Repeat(12345.0, (int)length)]);

        private double[] Read(string name) => buffers.TryGetValue(name, out var buffer)
            ? [.. buffer.GetAsArray1D().Skip(offset).Select(from)]
            : [];

        private void Free()
        {
            foreach (var buffer in buffers.Values)
                buffer.Dispose();
        }
    }
}
