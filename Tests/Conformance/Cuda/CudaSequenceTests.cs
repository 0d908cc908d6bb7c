using MinRnn.Ilgpu.Scans;
using MinRnn.Kernels;
using MinRnn.Tests.Conformance.Ilgpu;

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
}
