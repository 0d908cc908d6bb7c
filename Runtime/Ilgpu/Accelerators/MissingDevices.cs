using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace MinRnn.Ilgpu;

/// <summary>Why a context has no device of a kind, in sentences.</summary>
internal static class MissingDevices
{
    /// <summary>The explanation.</summary>
    public static string Explain(AcceleratorType kind)
    {
        // ILGPU may not have looked yet, and this makes it.
        DriverLibraries.MakeFindable();
        return kind switch
        {
            AcceleratorType.Cuda => Explain(
                "CUDA", kind, "the NVIDIA driver brings it", CudaAPI.CurrentAPI.IsSupported, "device that this ILGPU supports"),
            AcceleratorType.OpenCL => Explain(
                "OpenCL",
                kind,
                "a GPU's driver brings it, or for the processor PoCL",
                CLAPI.CurrentAPI.IsSupported,
                "device of OpenCL 2.0 or later" + (OpenClDevices.Obstacle is { } obstacle ? $" ({obstacle})" : "")),
            _ => $"The context has no {kind} device: Accelerators.CreateContext makes one that has.",
        };
    }

    private static string Explain(string name, AcceleratorType kind, string source, bool isInitialised, string device)
    {
        var library = DriverLibraries.FileName(kind);
        var reason = (DriverLibraries.IsPresent(kind), isInitialised) switch
        {
            (false, _) => $"{library} was not found; {source}",
            (true, false) => $"{library} was found, but offers no device; or ILGPU had looked before "
                + "Accelerators.CreateContext was called, under another name",
            (true, true) => $"{library} was found, but offers no {device}; or the context is not one of "
                + "Accelerators.CreateContext",
        };
        return $"No {name} device: {reason}.";
    }
}
