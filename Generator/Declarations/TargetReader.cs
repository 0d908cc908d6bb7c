using Microsoft.CodeAnalysis;

namespace MinRnn.Generator.Declarations;

/// <summary>Finds out what the compilation can use.</summary>
internal static class TargetReader
{
    public static TargetSpec Read(Compilation compilation)
    {
        bool Has(string type) => compilation.GetTypeByMetadataName(type) is not null;
        return new TargetSpec(
            HasCore: Has("MinRnn.Kernels.CpuScanKernels`2"),
            HasTorch: Has("MinRnn.Torch.TorchLibrary"),
            HasIlgpu: Has("MinRnn.Ilgpu.AcceleratorScan`1"),
            HasLanguage: TypeReader.HasLanguage(compilation));
    }
}
