using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using MinRnn.Ilgpu.Scans;
using MinRnn.Kernels;
using MinRnn.Tests.Conformance.Cells;
using MinRnn.Tests.Conformance.Cpu;

namespace MinRnn.Tests.Conformance.Ilgpu;

/// <summary>Every cell by every strategy for every type of elements, against its formula in double precision on the same rounded inputs.</summary>
public class StrategyTests(OpenClDevice device, StrategyTests.Warps simulator) : IClassFixture<OpenClDevice>, IClassFixture<StrategyTests.Warps>
{
    private static readonly Type[] Layers =
    [
        typeof(GpuMinGru), typeof(GpuMinLstm), typeof(GpuLogMinGru), typeof(GpuLogMinLstm), typeof(GpuOscillator), typeof(GpuAwkward),
        typeof(GpuReverse), typeof(GpuBidirectional), typeof(GpuDouble), typeof(GpuWide), typeof(GpuWideOscillator),
        typeof(GpuSignedMinGru), typeof(GpuSru), typeof(GpuQrnnFo), typeof(GpuHgrn), typeof(GpuRgLru), typeof(GpuIndRnn), typeof(GpuRotation), typeof(GpuAaren),
        typeof(GpuTriangular),
    ];

    /// <summary>Layers, strategies and types of elements.</summary>
    public static TheoryData<Type, ScanStrategy, ElementType> Cases(bool isOpenCl)
    {
        var cases = new TheoryData<Type, ScanStrategy, ElementType>();
        foreach (var layer in Layers)
        {
            ElementType[] elements = IlgpuBackend.Describe(layer).Kernels.Precision == Precision.Double
                ? [ElementType.Double]
                : [ElementType.Single, ElementType.Half, ElementType.BFloat16];
            foreach (var element in elements)
            {
                foreach (var strategy in Enum.GetValues<ScanStrategy>())
                {
                    // OpenCL on processors has neither half precision nor the atomics that chaining needs.
                    // Compiling takes seconds there: two layers stand for the two-byte elements.
                    var isShort = element is ElementType.Half or ElementType.BFloat16;
                    if (!isOpenCl || (element != ElementType.Half && strategy != ScanStrategy.Chained && (!isShort || layer == typeof(GpuWide) || layer == typeof(GpuOscillator))))
                        cases.Add(layer, strategy, element);
                }
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases), false)]
    public void SimulatorAgrees(Type layer, ScanStrategy strategy, ElementType element)
    {
        Check(simulator.Accelerator, layer, strategy, element, batch: 2, time: 7, hasState: true, intoOutput: true);
        Check(simulator.Accelerator, layer, strategy, element, batch: 1, time: 1, hasState: false, intoOutput: false);
    }

    [OpenClTheory]
    [MemberData(nameof(Cases), true)]
    public void OpenClAgrees(Type layer, ScanStrategy strategy, ElementType element)
    {
        foreach (var (batch, time) in new[] { (2, 0), (1, 1), (3, 64), (2, 65), (1, 300) })
        {
            Check(device.Accelerator!, layer, strategy, element, batch, time, hasState: true, intoOutput: true);
            Check(device.Accelerator!, layer, strategy, element, batch, time, hasState: false, intoOutput: false);
        }
    }

    /// <summary>Where views do not begin at a quad, each element is an access of its own.</summary>
    [OpenClTheory]
    [InlineData(ElementType.Single)]
    [InlineData(ElementType.BFloat16)]
    public void MisalignedViewsAgree(ElementType element)
    {
        var description = IlgpuBackend.Describe(typeof(GpuWide));
        var input = ScanInput.Random(description, 2, 9, seed: 4);
        var aligned = new IlgpuBackend(typeof(GpuWide), device.Accelerator!, ScanStrategy.Wide, element).Run(description, input);
        var misaligned = new IlgpuBackend(typeof(GpuWide), device.Accelerator!, ScanStrategy.Wide, element, offset: 1).Run(description, input);
        Assert.Equal(0, misaligned.ErrorAgainst(aligned).Error);
    }

    private static void Check(
        Accelerator accelerator, Type layer, ScanStrategy strategy, ElementType element, int batch, int time, bool hasState, bool intoOutput)
    {
        var description = IlgpuBackend.Describe(layer);
        foreach (var reverse in description.Direction switch { Direction.Forward => [false], Direction.Reverse => [true], _ => new[] { false, true } })
        {
            var input = Elements.Round(
                ScanInput.Random(description, batch, time, seed: (10 * batch) + time, deviation: 2, reverse, hasState, intoOutput),
                element);

            // The launcher takes pre-activations with the bias added: the rounded sum would be another input.
            var biases = element is ElementType.Half or ElementType.BFloat16 && description.Kernels.Shape.HasBias
                ? description.Kernels.Shape.PreactivationWidth
                : 0;
            Array.Clear(input.Parameters, 0, biases);
            var expected = EagerBackend.OracleOf(layer).Run(description, input);
            var (error, tensor) = new IlgpuBackend(layer, accelerator, strategy, element).Run(description, input).ErrorAgainst(expected);
            Assert.True(error < Elements.Bound(element), $"B={batch} T={time} reverse={reverse} state={hasState}: {tensor} is off by {error:e2}.");
        }
    }

    /// <summary>The simulator with groups of eight warps of 32, which tiles need.</summary>
    public sealed class Warps : IDisposable
    {
        private readonly Context context = Context.Create(builder => builder.CPU(new CPUDevice(32, 8, 1)));

        public Warps() => Accelerator = context.CreateCPUAccelerator(0);

        public Accelerator Accelerator { get; }

        public void Dispose()
        {
            Accelerator.Dispose();
            context.Dispose();
        }
    }
}
