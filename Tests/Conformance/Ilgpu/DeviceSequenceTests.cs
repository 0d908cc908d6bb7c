using ILGPU.Runtime;
using MinRnn.Ilgpu.Scans;
using MinRnn.Kernels;
using MinRnn.Tests.Conformance.Cpu;

namespace MinRnn.Tests.Conformance.Ilgpu;

/// <summary>Lengths, offsets and resets by every strategy, against the CPU's kernels on each sequence alone. Padding is NaN throughout.</summary>
public class DeviceSequenceTests(OpenClDevice device, StrategyTests.Warps simulator) : IClassFixture<OpenClDevice>, IClassFixture<StrategyTests.Warps>
{
    private static readonly SequenceForm[] Short = [.. SequenceForm.All.Where(form => form.Rows < 300)];

    /// <summary>Long enough for several tiles, and for a look-back over them.</summary>
    internal static readonly SequenceForm Long = SequenceForm.All.Single(form => form.Name == "long and short");

    /// <summary>The simulator's barriers are slow: two pieces of one sequence, and one that is empty.</summary>
    private static readonly SequenceForm Tiny = new("tiny", 2, 4) { Lengths = [3, 0], Resets = [false, false, true, false, true, false, false, false] };

    [Theory]
    [MemberData(nameof(StrategyTests.Cases), false, MemberType = typeof(StrategyTests))]
    public void SimulatorAgrees(Type layer, ScanStrategy strategy, ElementType element) =>
        Check(new IlgpuBackend(layer, simulator.Accelerator, strategy, element), layer, element, Tiny);

    [OpenClTheory]
    [MemberData(nameof(StrategyTests.Cases), true, MemberType = typeof(StrategyTests))]
    public void OpenClAgrees(Type layer, ScanStrategy strategy, ElementType element)
    {
        foreach (var form in Forms(layer, element))
            Check(new IlgpuBackend(layer, device.Accelerator!, strategy, element), layer, element, form);
    }

    /// <summary>Over many steps of a cell with kinks, some state rounded to two bytes stands on the other side of one.</summary>
    internal static IEnumerable<SequenceForm> Forms(Type layer, ElementType element) =>
        element is ElementType.Half or ElementType.BFloat16 && (layer == typeof(GpuAwkward) || layer == typeof(GpuIndRnn)) ? Short : Short.Append(Long);

    internal static void Check(IScanBackend backend, Type layer, ElementType element, SequenceForm form)
    {
        var description = IlgpuBackend.Describe(layer);
        var shape = description.Kernels.Shape;
        foreach (var reverse in description.Direction switch { Direction.Forward => [false], Direction.Reverse => [true], _ => new[] { false, true } })
        {
            foreach (var isFull in new[] { true, false })
            {
                var input = Elements.Round(
                    ScanInput.Random(description, form, seed: form.Rows, deviation: 2, reverse, hasState: isFull, intoOutput: isFull), element);

                // The launcher takes pre-activations with the bias added, and the sum would be rounded again.
                if (backend is IlgpuBackend && element is ElementType.Half or ElementType.BFloat16 && shape.HasBias)
                    Array.Clear(input.Parameters, 0, shape.PreactivationWidth);
                var expected = new AloneBackend(new CpuBackend()).Run(description, input);
                var (error, tensor) = backend.Run(description, input).ErrorAgainst(expected);
                Assert.True(error < Elements.Bound(element), $"{form}, reverse={reverse} state={isFull}: {tensor} is off by {error:e2}.");
            }
        }
    }
}
