using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using ILGPU;
using ILGPU.Runtime;

namespace MinRnn.Ilgpu;

/// <summary>
/// The drivers' libraries. ILGPU imports <c>cuda</c> and <c>OpenCL</c>, which on Linux are found as <c>libcuda.so</c> and
/// <c>libOpenCL.so</c>: links for building, which many machines lack. What every driver brings has a version in its name.
/// </summary>
internal static class DriverLibraries
{
    private static readonly Assembly Ilgpu = typeof(Context).Assembly;

    /// <summary>
    /// An event that is asked last, when nothing else has found the library: unlike the one resolver that an assembly may have,
    /// it leaves room for others, among them the one that ILGPU itself sets on Windows' Linux.
    /// </summary>
    static DriverLibraries() => AssemblyLoadContext.GetLoadContext(Ilgpu)!.ResolvingUnmanagedDll += Resolve;

    /// <summary>Lets ILGPU find the libraries. It looks for each once a process: this has to come before.</summary>
    public static void MakeFindable()
    {
        // The static constructor has done it.
    }

    /// <summary>The library's file, as a driver installs it.</summary>
    public static string FileName(AcceleratorType kind) => (kind, OperatingSystem.IsWindows()) switch
    {
        (AcceleratorType.Cuda, true) => "nvcuda.dll",
        (AcceleratorType.Cuda, false) => "libcuda.so.1",
        (AcceleratorType.OpenCL, true) => "OpenCL.dll",
        (AcceleratorType.OpenCL, false) => "libOpenCL.so.1",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Only CUDA and OpenCL have drivers."),
    };

    /// <summary>Whether the library loads.</summary>
    public static bool IsPresent(AcceleratorType kind) => NativeLibrary.TryLoad(FileName(kind), out _);

    /// <summary>The library of an import of ILGPU, or 0 where it has none or is another one's.</summary>
    internal static nint Resolve(Assembly assembly, string import)
    {
        if (assembly != Ilgpu || !OperatingSystem.IsLinux())
            return 0;
        AcceleratorType? kind = import switch
        {
            "cuda" => AcceleratorType.Cuda,
            "OpenCL" => AcceleratorType.OpenCL,
            _ => null,
        };
        return kind is { } known && NativeLibrary.TryLoad(FileName(known), out var library) ? library : 0;
    }
}
