using ILGPU;
using ILGPU.Runtime;
using MinRnn.Ilgpu.Kernels;
using MinRnn.Ilgpu.Scans;
using MinRnn.Kernels;
using MinRnn.Tests.Common;
using MinRnn.Tests.Conformance.Cpu;
using MinRnn.Tests.Conformance.Cuda;
using MinRnn.Tests.PtxMachine;
using Interpreter = MinRnn.Generator.Recurrence.Interpreter;

namespace MinRnn.Tests.Conformance.Ilgpu;

/// <summary>
/// Layers with vector states by every way to kernels for devices, against their graphs in double precision, or on sequences against
/// the CPU's kernels on each alone.
/// </summary>
public class VectorStateTests(OpenClDevice device, Simulator narrow, StrategyTests.Warps wide)
    : IClassFixture<OpenClDevice>, IClassFixture<Simulator>, IClassFixture<StrategyTests.Warps>
{
    // Of several spans between kept states, the last of them not whole.
    private static readonly (int Batch, int Time)[] Shapes = [(0, 3), (2, 0), (1, 1), (2, 9), (2, 37)];

    private static readonly Type[] Layers =
    [
        typeof(GpuS4D), typeof(GpuSelectiveSsm), typeof(GpuWideSelectiveSsm), typeof(GpuVectorPair), typeof(GpuVectorDouble), typeof(GpuVectorBank),
        typeof(GpuVectorEnergy), typeof(GpuVectorDelay), typeof(GpuVectorFour),
    ];

    public static TheoryData<Type> All => [.. Layers];

    /// <summary>Layers, each with the ways that its scans may take.</summary>
    public static TheoryData<Type, ScanStrategy> Ways
    {
        get
        {
            var cases = new TheoryData<Type, ScanStrategy>();
            foreach (var layer in Layers)
            {
                foreach (var strategy in StrategiesOf(layer))
                    cases.Add(layer, strategy);
            }

            return cases;
        }
    }

    public static TheoryData<Type, ScanStrategy, ElementType> Elements
    {
        get
        {
            var cases = new TheoryData<Type, ScanStrategy, ElementType>();
            foreach (var layer in Layers)
            {
                foreach (var element in IlgpuBackend.Describe(layer).Kernels.Precision == Precision.Double
                    ? [ElementType.Double]
                    : new[] { ElementType.Single, ElementType.Half, ElementType.BFloat16 })
                {
                    foreach (var strategy in StrategiesOf(layer))
                        cases.Add(layer, strategy, element);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void SimulatorAgrees(Type layer, ScanStrategy strategy)
    {
        foreach (var (batch, time) in Shapes)
            Check(new IlgpuBackend(layer, wide.Accelerator, strategy), layer, null, batch, time);
        if (strategy == ScanStrategy.Streaming)
            Check(new IlgpuBackend(layer, narrow.Accelerator), layer, null, 2, 9);
    }

    [OpenClTheory]
    [MemberData(nameof(Ways))]
    public void OpenClAgrees(Type layer, ScanStrategy strategy)
    {
        // Several spans. From some hundred steps on S4D is off by what its rotation adds up, as the graph in single precision is.
        foreach (var (batch, time) in Shapes.Append((1, 70)))
            Check(new IlgpuBackend(layer, device.Accelerator!, strategy), layer, null, batch, time);
    }

    [Theory]
    [MemberData(nameof(Elements))]
    public void CudaAgrees(Type layer, ScanStrategy strategy, ElementType element)
    {
        using var backend = new CudaBackend(element, strategy);
        foreach (var (batch, time) in Shapes)
            Check(backend, layer, element, batch, time);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void SimulatorAgreesOnSequences(Type layer, ScanStrategy strategy)
    {
        var accelerator = strategy == ScanStrategy.Streaming ? narrow.Accelerator : wide.Accelerator;
        foreach (var form in SequenceForm.All.Where(form => form.Rows <= 20))
            CheckSequences(new IlgpuBackend(layer, accelerator, strategy), layer, null, form);
    }

    [OpenClTheory]
    [MemberData(nameof(Ways))]
    public void OpenClAgreesOnSequences(Type layer, ScanStrategy strategy)
    {
        foreach (var form in SequenceForm.All)
            CheckSequences(new IlgpuBackend(layer, device.Accelerator!, strategy), layer, null, form);
    }

    [Theory]
    [MemberData(nameof(Elements))]
    public void CudaAgreesOnSequences(Type layer, ScanStrategy strategy, ElementType element)
    {
        using var backend = new CudaBackend(element, strategy);
        foreach (var form in SequenceForm.All.Where(form => form.Rows <= 64 || (layer == typeof(GpuSelectiveSsm) && element == ElementType.Single)))
            CheckSequences(backend, layer, element, form);
    }

    /// <summary>What channels share is summed in one order, whichever group comes first, launch after launch on one workspace.</summary>
    [Theory]
    [InlineData(typeof(GpuWideSelectiveSsm), BlockOrder.Reversed)]
    [InlineData(typeof(GpuWideSelectiveSsm), BlockOrder.Shuffled)]
    [InlineData(typeof(GpuVectorBank), BlockOrder.Shuffled)]
    public void GroupsInAnyOrderGiveTheSameBits(Type layer, BlockOrder order)
    {
        var description = IlgpuBackend.Describe(layer);
        var input = ScanInput.Random(description, 2, 37, seed: 3, reverse: description.Direction == Direction.Reverse);
        using var quiet = new CudaBackend(ElementType.Single, ScanStrategy.Streaming);
        var expected = quiet.Run(description, input);
        using var backend = new CudaBackend(ElementType.Single, ScanStrategy.Streaming);
        for (var seed = 0; seed < 3; seed++)
        {
            backend.Driver.Options = new LaunchOptions { Seed = seed, Adversarial = true, WeakMemory = true, BlockOrder = order, MaxResidentBlocks = 1 + seed };
            Assert.Equal(0, backend.Run(description, input).ErrorAgainst(expected).Error);
        }
    }

    /// <summary>A caller who wants some gradients alone gets the same of them.</summary>
    [Fact]
    public void GradientsThatAreNotWantedAreLeftOut()
    {
        const int H = 5, T = 11;
        var accelerator = narrow.Accelerator;
        using var gpu = new GpuSelectiveSsm.Gpu(accelerator);
        using var preactivations = Ramp(T * (H + 32));
        using var logA = Ramp(16 * H);
        using var skip = Ramp(H);
        using var input = Ramp(T * H);
        using var output = Ramp(T * H);
        using var states = Ramp((int)gpu.KeptSets(1, T) * 16 * H);
        using var all = Ramp(T * (H + 32));
        using var first = Ramp(16 * H);
        using var second = Ramp(16 * H);
        var stream = accelerator.DefaultStream;
        gpu.Warmup();
        gpu.Forward(stream, preactivations.View, logA.View, skip.View, input.View, default, output.View, states.View, default, 1, T);
        gpu.Backward(
            stream, preactivations.View, logA.View, skip.View, input.View, default, output.View, states.View, input.View, default,
            all.View, first.View, default, default, default, 1, T);
        gpu.Backward(
            stream, preactivations.View, logA.View, skip.View, input.View, default, output.View, states.View, input.View, default,
            default, second.View, default, default, default, 1, T);
        accelerator.Synchronize();
        Assert.Equal(first.GetAsArray1D(), second.GetAsArray1D());
        Assert.Equal("states", Assert.Throws<ArgumentException>(() => gpu.Forward(
            stream, preactivations.View, logA.View, skip.View, input.View, default, output.View, output.View, default, 1, T)).ParamName);

        MemoryBuffer1D<float, Stride1D.Dense> Ramp(int count) => accelerator.Allocate1D(Enumerable.Range(0, count).Select(i => (i % 7 * 0.25f) - 0.5f).ToArray());
    }

    /// <summary>Pre-activations of thousands are as finite as on the CPU, and as large.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public void ExtremePreactivationsAreFinite(Type layer) => DeviceChecks.ExtremesAreFinite(layer, narrow.Accelerator, time: 19, (description, input, actual) =>
    {
        var (error, tensor) = actual.ErrorAgainst(new CpuBackend().Run(description, input));
        Assert.True(error < Conformance.Elements.Bound(description.Kernels.Element), $"{tensor} is off by {error:e2}.");
    });

    /// <summary>NaN in one channel's pre-activation is in that channel's outputs from there on, and in no other.</summary>
    [Theory]
    [InlineData(typeof(GpuSelectiveSsm))]
    [InlineData(typeof(GpuWideSelectiveSsm))]
    [InlineData(typeof(GpuVectorPair))]
    [InlineData(typeof(GpuVectorBank))]
    public void NanStaysInItsRowAndChannel(Type layer)
    {
        const int Time = 19, Step = 11;
        var description = IlgpuBackend.Describe(layer);
        var shape = description.Kernels.Shape;
        var (h, channel) = (shape.Channels, shape.Channels / 2);
        foreach (var reverse in DeviceChecks.Directions(description))
        {
            var backend = new IlgpuBackend(layer, narrow.Accelerator);
            var input = ScanInput.Random(description, 2, Time, seed: 6, reverse: reverse);
            var clean = backend.Run(description, input);
            input.Preactivations[((Time + Step) * shape.PreactivationWidth) + channel] = double.NaN;
            var marked = backend.Run(description, input);
            for (var i = 0; i < clean.Output.Length; i++)
            {
                var (row, step) = (i / h / Time, i / h % Time);
                if (row == 1 && i % h == channel && (reverse ? step <= Step : step >= Step))
                    Assert.True(double.IsNaN(marked.Output[i]), $"output[{i}] is {marked.Output[i]}.");
                else
                    Assert.Equal(clean.Output[i], marked.Output[i]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void StepsAreForward(Type layer)
    {
        if (IlgpuBackend.Describe(layer).Direction == Direction.Forward)
            DeviceChecks.StepsAreForward(layer, narrow.Accelerator, time: 19);
    }

    private static IEnumerable<ScanStrategy> StrategiesOf(Type layer) => IlgpuBackend.Describe(layer).Device switch
    {
        LayerKernels<double> kernels => Split(kernels.TableOf<double, BatchRows>().TimeParallel),
        LayerKernels<float> kernels => Split(kernels.TableOf<float, BatchRows>().TimeParallel),
        _ => throw new InvalidOperationException($"{layer} has no kernels for devices."),
    };

    private static IEnumerable<ScanStrategy> Split(object? kernels) =>
        kernels is null ? [ScanStrategy.Streaming] : [ScanStrategy.Streaming, ScanStrategy.ThreePhase];

    private static void Check(IScanBackend backend, Type layer, ElementType? element, int batch, int time)
    {
        var description = IlgpuBackend.Describe(layer);
        var type = element ?? description.Kernels.Element;
        var cell = layer.GetCustomAttributes(typeof(RecurrentLayerAttribute), false).Cast<RecurrentLayerAttribute>().Single().Cell;
        var oracle = ReferenceBackend.Of(cell);
        foreach (var reverse in DeviceChecks.Directions(description))
        {
            // Without gradients on the way, those that pass through many steps are below what two bytes hold.
            foreach (var hasAll in time < 20 ? new[] { true, false } : [true])
            {
                var input = Conformance.Elements.Round(
                    ScanInput.Random(description, batch, time, seed: (10 * batch) + time, deviation: 1, reverse, hasState: hasAll, intoOutput: hasAll), type);
                var (error, tensor) = backend.Run(description, input).ErrorAgainst(oracle.Run(description, input));
                Assert.True(error < Conformance.Elements.Bound(type), $"B={batch} T={time} reverse={reverse} all={hasAll}: {tensor} is off by {error:e2}.");
            }
        }
    }

    private static void CheckSequences(IScanBackend backend, Type layer, ElementType? element, SequenceForm form)
    {
        var description = IlgpuBackend.Describe(layer);
        var type = element ?? description.Kernels.Element;
        foreach (var reverse in DeviceChecks.Directions(description))
        {
            foreach (var hasAll in new[] { true, false })
            {
                var input = Conformance.Elements.Round(
                    ScanInput.Random(description, form, seed: form.Rows, deviation: 1, reverse, hasState: hasAll, intoOutput: hasAll), type);
                var (error, tensor) = backend.Run(description, input).ErrorAgainst(new AloneBackend(new CpuBackend()).Run(description, input));
                Assert.True(error < Conformance.Elements.Bound(type), $"{form}, reverse={reverse} all={hasAll}: {tensor} is off by {error:e2}.");
            }
        }
    }
}
