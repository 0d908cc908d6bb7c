using MinRnn.Ilgpu.Scans;
using MinRnn.Kernels;
using MinRnn.Tests.Conformance.Ilgpu;
using MinRnn.Tests.PtxMachine;

namespace MinRnn.Tests.Conformance.Cuda;

/// <summary>Lengths, offsets and resets by every strategy, by way of the CUDA driver.</summary>
public class CudaSequenceTests
{
    [Theory]
    [MemberData(nameof(StrategyTests.Cases), false, MemberType = typeof(StrategyTests))]
    public void Agrees(Type layer, ScanStrategy strategy, ElementType element)
    {
        using var backend = new CudaBackend(element, strategy);
        foreach (var form in DeviceSequenceTests.Forms(layer, element))
            DeviceSequenceTests.Check(backend, layer, element, form);
    }

    /// <summary>Look-back over the tiles of many segments at once gives the same bits, whoever comes first.</summary>
    [Theory]
    [InlineData(BlockOrder.InOrder)]
    [InlineData(BlockOrder.Reversed)]
    [InlineData(BlockOrder.Shuffled)]
    public void ChainsGiveTheSameBitsUnderAnySchedule(BlockOrder order)
    {
        var description = IlgpuBackend.Describe(typeof(GpuMinGru));
        ChainSchedules.AssertSameBits(description, ScanInput.Random(description, DeviceSequenceTests.Long, seed: 1), order, seeds: 6);
    }
}
