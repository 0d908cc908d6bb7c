using System.Runtime.InteropServices;
using MinRnn.Kernels;

namespace MinRnn.Tests.Conformance.Cpu;

/// <summary>The compiled CPU kernels. Guard bytes around every buffer catch a write outside.</summary>
/// <param name="chunkSteps">Steps of the chunks that time is cut into, for layers that allow it; 0 to let the shape decide.</param>
internal sealed class CpuBackend(long chunkSteps = 0) : IScanBackend
{
    public static bool IsTimeParallel(LayerDescription layer) =>
        layer.Kernels.GetType().GetGenericTypeDefinition() is var type
        && (type == typeof(TimeParallelScanKernels<,>) || type == typeof(TimeParallelVectorStateScanKernels<,>));

    public ScanOutput Run(LayerDescription layer, ScanInput input)
    {
        var kernels = chunkSteps > 0 && IsTimeParallel(layer)
            ? (ScanKernels)Activator.CreateInstance(layer.Kernels.GetType(), chunkSteps)!
            : layer.Kernels;
        return layer.Kernels.Precision == Precision.Double
            ? Run(kernels, input, value => value, (double value) => value)
            : Run(kernels, input, value => (float)value, (float value) => value);
    }

    /// <param name="kernels">The kernels.</param>
    /// <param name="input">What they run on.</param>
    /// <param name="narrow">A number as an element.</param>
    /// <param name="widen">An element as a number.</param>
    /// <param name="register">Told of each buffer's address and bytes.</param>
    public static ScanOutput Run<T>(
        ScanKernels kernels, ScanInput input, Func<double, T> narrow, Func<T, double> widen, Action<nint, long>? register = null)
        where T : unmanaged
    {
        var shape = kernels.Shape;
        long b = input.Batch, rows = input.Rows, h = shape.Channels, w = shape.PreactivationWidth, s = shape.States;
        using var memory = new Arena<T>(register);
        nint In(double[]? values) => values is null ? 0 : memory.Copy([.. values.Select(narrow)]);
        var (preactivations, parameters, x) = (In(input.Preactivations), In(input.Parameters), In(input.Input));
        var initial = In(input.InitialState);
        var (output, final) = (memory.Take(rows * h), memory.Take(b * s * h));
        var sequences = input.Form?.Build();
        var states = shape.KeepsStates ? memory.Take(shape.KeptSets(b, input.Time, sequences) * s * h) : 0;
        kernels.Forward(new ScanForward
        {
            Sequences = sequences,
            Batch = b,
            Time = input.Time,
            Reverse = input.Reverse,
            Preactivations = preactivations,
            Parameters = parameters,
            Input = x,
            InitialState = initial,
            Output = output,
            States = states,
            FinalState = final,
        });
        var (dp, dw, dx, ds) = (memory.Take(rows * w), memory.Take(shape.ParameterSize), memory.Take(shape.HasInput ? rows * h : 0), memory.Take(b * s * h));
        kernels.Backward(new ScanBackward
        {
            Sequences = sequences,
            Batch = b,
            Time = input.Time,
            Reverse = input.Reverse,
            Preactivations = preactivations,
            Parameters = parameters,
            Input = x,
            InitialState = initial,
            Output = output,
            States = states,
            OutputGradient = In(input.OutputGradient),
            FinalStateGradient = In(input.FinalStateGradient),
            PreactivationGradient = dp,
            ParameterGradient = dw,
            InputGradient = dx,
            InitialStateGradient = ds,
        });
        memory.CheckGuards();
        double[] Out(nint address, long count) => [.. memory.Read(address, count).Select(widen)];
        return new ScanOutput(
            Out(output, rows * h), Out(final, b * s * h), Out(dp, rows * w),
            Out(dw, shape.ParameterSize), Out(dx, shape.HasInput ? rows * h : 0), Out(ds, b * s * h));
    }

    /// <summary>Buffers at 64-byte addresses, between guards; what kernels must write starts as garbage.</summary>
    private sealed unsafe class Arena<T>(Action<nint, long>? register) : IDisposable
        where T : unmanaged
    {
        private const int Guard = 64;
        private const byte Mark = 0xA5;
        private readonly List<(nint Start, nint Length)> blocks = [];

        public nint Take(long count)
        {
            var length = (nint)count * sizeof(T);
            var start = (nint)NativeMemory.AlignedAlloc((nuint)(length + (2 * Guard)), 64);
            new Span<byte>((void*)start, checked((int)(length + (2 * Guard)))).Fill(Mark);
            blocks.Add((start, length));
            if (length > 0)
                register?.Invoke(start + Guard, length);
            return start + Guard;
        }

        public nint Copy(T[] values)
        {
            var address = Take(values.Length);
            values.CopyTo(new Span<T>((void*)address, values.Length));
            return address;
        }

        public T[] Read(nint address, long count) => new Span<T>((void*)address, (int)count).ToArray();

        public void CheckGuards()
        {
            foreach (var (start, length) in blocks)
            {
                Assert.True(new Span<byte>((void*)start, Guard).IndexOfAnyExcept(Mark) < 0, "A kernel wrote before a buffer.");
                Assert.True(new Span<byte>((void*)(start + Guard + length), Guard).IndexOfAnyExcept(Mark) < 0, "A kernel wrote past a buffer.");
            }
        }

        public void Dispose()
        {
            foreach (var (start, _) in blocks)
                NativeMemory.AlignedFree((void*)start);
        }
    }
}
