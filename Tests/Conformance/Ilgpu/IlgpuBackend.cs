using System.Numerics;
using System.Reflection;
using ILGPU;
using ILGPU.Runtime;
using MinRnn.Kernels;

namespace MinRnn.Tests.Conformance.Ilgpu;

/// <summary>A layer's generated <c>Gpu</c> class on an accelerator, its arguments found by their names.</summary>
internal sealed class IlgpuBackend(Type layer, Accelerator accelerator) : IScanBackend
{
    public static LayerDescription Describe(Type layer) =>
        (LayerDescription)layer.GetProperty("Description", BindingFlags.Static | BindingFlags.NonPublic)!.GetValue(null)!;

    public ScanOutput Run(LayerDescription description, ScanInput input) => description.Kernels.Precision == Precision.Double
        ? new Call<double>(layer, accelerator, description, input).Run()
        : new Call<float>(layer, accelerator, description, input).Run();

    /// <summary>The output and final state after one <c>Step</c> for each time step.</summary>
    public (double[] Output, double[] State) Steps(LayerDescription description, ScanInput input) =>
        description.Kernels.Precision == Precision.Double
            ? new Call<double>(layer, accelerator, description, input).Steps()
            : new Call<float>(layer, accelerator, description, input).Steps();

    public static IDisposable Create(Type layer, Accelerator accelerator, bool reverse)
    {
        var type = layer.GetNestedType("Gpu")!;
        object[] arguments = type.GetConstructors().Single().GetParameters().Length == 2 ? [accelerator, reverse] : [accelerator];
        return (IDisposable)Activator.CreateInstance(type, arguments)!;
    }

    private sealed class Call<T>(Type layer, Accelerator accelerator, LayerDescription description, ScanInput input)
        where T : unmanaged, INumber<T>
    {
        private readonly ScanShape shape = description.Kernels.Shape;
        private readonly Dictionary<string, MemoryBuffer1D<T, Stride1D.Dense>> buffers = [];

        private int RowWidth => shape.States * shape.Channels;

        public ScanOutput Run()
        {
            long rows = input.Batch, steps = rows * input.Time, h = shape.Channels;
            Inputs();
            Fill("initialState", input.InitialState);
            Take("output", steps * h);
            Take("states", steps * RowWidth);
            Take("finalState", rows * RowWidth);
            Fill("outputGradient", input.OutputGradient);
            Fill("finalStateGradient", input.FinalStateGradient);
            Take("preactivationGradient", steps * shape.Projections * h);
            foreach (var weight in description.Weights)
                Take(weight.Name + "Gradient", h);
            Take("inputGradient", shape.HasInput ? steps * h : 0);
            Take("initialStateGradient", rows * RowWidth);
            using (var gpu = Create(layer, accelerator, input.Reverse))
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
            var (h, p) = (shape.Channels, shape.Projections);
            Inputs();
            var preactivations = Read("preactivations");
            var output = new double[rows * input.Time * h];
            Fill("state", input.InitialState ?? [.. Enumerable.Range(0, (int)(rows * RowWidth)).Select(i => shape.InitialStates[i / h % shape.States])]);
            Take("output", rows * h);
            using (var gpu = Create(layer, accelerator, input.Reverse))
            {
                for (var t = 0; t < input.Time; t++)
                {
                    double[] Slice(double[] values, int width) =>
                        [.. Enumerable.Range(0, (int)rows).SelectMany(row => values.AsSpan(((row * input.Time) + t) * width, width).ToArray())];
                    Fill("preactivations", Slice(preactivations, p * h));
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
            var (h, p) = (shape.Channels, shape.Projections);
            var bias = shape.HasBias ? input.Parameters.AsSpan(0, p * h).ToArray() : new double[p * h];
            Fill("preactivations", [.. input.Preactivations.Select((value, i) => double.CreateChecked(T.CreateChecked(value) + T.CreateChecked(bias[i % (p * h)])))]);
            Fill("input", input.Input);
            for (var i = 0; i < shape.Weights; i++)
                Fill(description.Weights[i].Name, input.Parameters.AsSpan((shape.ParameterRows - shape.Weights + i) * h, h).ToArray());
        }

        private double[] BiasGradient(double[] preactivationGradient)
        {
            var bias = new double[shape.HasBias ? shape.Projections * shape.Channels : 0];
            for (var i = 0; i < preactivationGradient.Length && bias.Length > 0; i++)
                bias[i % bias.Length] += preactivationGradient[i];
            return bias;
        }

        private void Invoke(object gpu, string method)
        {
            var target = gpu.GetType().GetMethod(method)!;
            target.Invoke(gpu, BindingFlags.DoNotWrapExceptions, null, [.. target.GetParameters().Select(Argument)], null);
        }

        private object Argument(ParameterInfo parameter) => parameter.Name switch
        {
            "stream" => accelerator.DefaultStream,
            "batch" => (long)input.Batch,
            "time" => (long)input.Time,
            // A weight whose name is a parameter's already is called by it and "Value".
            _ => View(buffers.ContainsKey(parameter.Name!) ? parameter.Name! : parameter.Name!.Replace("Value", "")),
        };

        private ArrayView<T> View(string name) => buffers.TryGetValue(name, out var buffer) ? buffer.View : default;

        private void Fill(string name, double[]? values)
        {
            if (buffers.Remove(name, out var old))
                old.Dispose();
            if (values is { Length: > 0 })
                buffers[name] = accelerator.Allocate1D(values.Select(T.CreateChecked).ToArray());
        }

        /// <summary>A buffer that kernels must write: it starts as garbage.</summary>
        private void Take(string name, long length) => Fill(name, [.. Enumerable.Repeat(12345.0, (int)length)]);

        private double[] Read(string name) => buffers.TryGetValue(name, out var buffer)
            ? [.. buffer.GetAsArray1D().Select(double.CreateChecked)]
            : [];

        private void Free()
        {
            foreach (var buffer in buffers.Values)
                buffer.Dispose();
        }
    }
}
