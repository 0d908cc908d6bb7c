using ILGPU;
using MinRnn.Ilgpu;
using MinRnn.Ilgpu.Kernels;
using MinRnn.Ilgpu.Scans;
using MinRnn.Kernels;
using Half = ILGPU.Half;

namespace MinRnn.Bench.Device;

/// <summary>Every kernel that a layer may launch.</summary>
internal static class KernelList
{
    /// <summary>The kernels of a layer for one type of elements.</summary>
    public static IEnumerable<KernelEntry> Of(LayerKernels<float> layer, ElementType element) => element switch
    {
        ElementType.Half => Of<Half>(layer),
        ElementType.BFloat16 => Of<BFloat16>(layer),
        _ => Of<float>(layer),
    };

    private static IEnumerable<KernelEntry> Of<T>(LayerKernels<float> layer)
        where T : unmanaged => KernelEntry.Of(layer.TableOf<T, BatchRows>()).Concat(KernelEntry.Of(layer.SumsOf<T>()));
}
