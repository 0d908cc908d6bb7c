using MinRnn.Ilgpu.Scans;
using MinRnn.Kernels;
using MinRnn.Tests.PtxMachine;

namespace MinRnn.Tests.Conformance.Cuda;

/// <summary>Look-back at its worst: groups in any order, fewer resident than there are, some starved, memory as weak as CUDA's.</summary>
internal static class ChainSchedules
{
    /// <summary>
    /// Runs a chained scan again and again on one workspace, by another schedule each time. Groups that start late find that others have
    /// taken all tiles.
    /// </summary>
    public static void AssertSameBits(LayerDescription description, ScanInput input, BlockOrder order, int seeds)
    {
        using var quiet = new CudaBackend(ElementType.Single, ScanStrategy.Chained);
        var expected = quiet.Run(description, input);
        using var backend = new CudaBackend(ElementType.Single, ScanStrategy.Chained);
        for (var seed = 0; seed < seeds; seed++)
        {
            backend.Driver.Options = new LaunchOptions
            {
                Seed = seed,
                Adversarial = true,
                WeakMemory = true,
                BlockOrder = order,
                MaxResidentBlocks = 1 + (seed % 4),
                MaxSlice = 16 << (seed % 5),
            };
            Assert.Equal(0, backend.Run(description, input).ErrorAgainst(expected).Error);
        }
    }
}
