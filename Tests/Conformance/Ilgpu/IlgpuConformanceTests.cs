using ILGPU;
using ILGPU.Runtime.CPU;
using MinRnn.Kernels;
using MinRnn.Tests.Conformance.Cpu;

namespace MinRnn.Tests.Conformance.Ilgpu;

/// <summary>The ILGPU kernels on the simulator against the CPU kernels. Shapes are tiny: the simulator is slow.</summary>
public class IlgpuConformanceTests(Simulator simulator) : IClassFixture<Simulator>
{
    private static readonly (int Batch, int Time)[] Shapes = [(0, 3), (2, 0), (1, 1), (2, 4), (3, 5), (2, 9)];

    public static TheoryData<Type> Layers =>
    [
        typeof(GpuMinGru), typeof(GpuMinLstm), typeof(GpuLogMinGru), typeof(GpuLogMinLstm), typeof(GpuOscillator), typeof(GpuAwkward),
        typeof(GpuReverse), typeof(GpuBidirectional), typeof(GpuDouble), typeof(GpuSignedMinGru), typeof(GpuSru), typeof(GpuQrnnFo),
        typeof(GpuHgrn), typeof(GpuRgLru), typeof(GpuIndRnn), typeof(GpuRotation), typeof(GpuAaren), typeof(GpuAarenSteps),
    ];

    public static TheoryData<Type> Forwards =>
    [
        typeof(GpuMinGru), typeof(GpuMinLstm), typeof(GpuLogMinGru), typeof(GpuLogMinLstm), typeof(GpuOscillator), typeof(GpuAwkward),
        typeof(GpuDouble), typeof(GpuAarenSteps), typeof(GpuRgLruSteps),
    ];

    [Theory]
    [MemberData(nameof(Layers))]
    public void AgreesWithCpu(Type layer)
    {
        foreach (var (batch, time) in Shapes)
        {
            Check(layer, batch, time, hasState: true, intoOutput: true, intoState: true);
            Check(layer, batch, time, hasState: false, intoOutput: true, intoState: false);
            Check(layer, batch, time, hasState: true, intoOutput: false, intoState: true);
            Check(layer, batch, time, hasState: false, intoOutput: false, intoState: false);
        }
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public void ExtremePreactivationsAreFinite(Type layer) => DeviceChecks.ExtremesAreFinite(layer, simulator.Accelerator, time: 9);

    [Theory]
    [MemberData(nameof(Layers))]
    public void NanStaysInItsRowAndChannel(Type layer)
    {
        var description = IlgpuBackend.Describe(layer);
        var shape = description.Kernels.Shape;
        var (h, p, time) = (shape.Channels, shape.Projections, 9);
        var channel = h / 2;
        foreach (var reverse in DeviceChecks.Directions(description))
        {
            var backend = new IlgpuBackend(layer, simulator.Accelerator);
            var input = ScanInput.Random(description, 2, time, seed: 6, reverse: reverse);
            var clean = backend.Run(description, input);
            input.Preactivations[((time + 4) * p * h) + (Math.Min(1, p - 1) * h) + channel] = double.NaN;
            var marked = backend.Run(description, input);
            foreach (var ((name, before), (_, after)) in clean.Tensors.Zip(marked.Tensors))
            {
                // Row 1 is the second half of whatever has rows; parameters have none.
                for (var i = 0; i < before.Length; i++)
                {
                    if (i % h != channel || (name != "parameter gradient" && i < before.Length / 2))
                        Assert.True(before[i].Equals(after[i]), $"{name}[{i}]: {before[i]} became {after[i]}.");
                }
            }

            double Output(int step) => marked.Output[((time + step) * h) + channel];
            for (var step = 0; step < time; step++)
                Assert.Equal(reverse ? step <= 4 : step >= 4, double.IsNaN(Output(step)));
        }
    }

    /// <summary>Gates that keep a state for thousands of steps: no step may be low.</summary>
    [Theory]
    [InlineData(typeof(GpuMinGru))]
    [InlineData(typeof(GpuLogMinGru))]
    [InlineData(typeof(GpuSignedMinGru))]
    public void SlowGatesStayAccurate(Type layer)
    {
        var description = IlgpuBackend.Describe(layer);
        var input = ScanInput.SlowGates(description, 4096, mean: -9);
        var (error, tensor) = new IlgpuBackend(layer, simulator.Accelerator).Run(description, input).ErrorAgainst(new CpuBackend().Run(description, input));
        Assert.True(error < 1e-5, $"{tensor} is off by {error:e2}.");
    }

    [Theory]
    [MemberData(nameof(Forwards))]
    public void StepsAreForward(Type layer) => DeviceChecks.StepsAreForward(layer, simulator.Accelerator, time: 5);

    [Fact]
    public void GroupsDoNotChangeTheBits()
    {
        var description = IlgpuBackend.Describe(typeof(GpuOscillator));
        var input = ScanInput.Random(description, 3, 9, seed: 8);
        var expected = new IlgpuBackend(typeof(GpuOscillator), simulator.Accelerator).Run(description, input);
        using var context = Context.Create(builder => builder.CPU(new CPUDevice(2, 1, 1)));
        using var narrow = context.CreateCPUAccelerator(0);
        Assert.NotEqual(simulator.Accelerator.MaxNumThreadsPerGroup, narrow.MaxNumThreadsPerGroup);
        var actual = new IlgpuBackend(typeof(GpuOscillator), narrow).Run(description, input);
        Assert.Equal(0, actual.ErrorAgainst(expected).Error);
    }

    private void Check(Type layer, int batch, int time, bool hasState, bool intoOutput, bool intoState)
    {
        var description = IlgpuBackend.Describe(layer);
        foreach (var reverse in DeviceChecks.Directions(description))
        {
            var input = ScanInput.Random(
                description, batch, time, seed: (10 * batch) + time, deviation: 2, reverse, hasState, intoOutput, intoState);
            var expected = new CpuBackend().Run(description, input);
            var actual = new IlgpuBackend(layer, simulator.Accelerator).Run(description, input);
            var (error, tensor) = actual.ErrorAgainst(expected);
            var bound = description.Kernels.Precision == Precision.Double ? 2e-15 : 2e-6;
            Assert.True(error < bound, $"B={batch} T={time} reverse={reverse} state={hasState}: {tensor} is off by {error:e2}.");
        }
    }
}
