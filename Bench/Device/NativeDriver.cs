using System.Runtime.InteropServices;
using MinRnn.Ilgpu.Cuda;

namespace MinRnn.Bench.Device;

/// <summary>The driver's copies, which the kernels themselves have no use for.</summary>
internal static unsafe class NativeDriver
{
    private static readonly nint Library = Load();

    private static readonly delegate* unmanaged<nint, void*, nuint, CudaResult> HostToDevice =
        (delegate* unmanaged<nint, void*, nuint, CudaResult>)NativeLibrary.GetExport(Library, "cuMemcpyHtoD_v2");

    private static readonly delegate* unmanaged<void*, nint, nuint, CudaResult> DeviceToHost =
        (delegate* unmanaged<void*, nint, nuint, CudaResult>)NativeLibrary.GetExport(Library, "cuMemcpyDtoH_v2");

    private static readonly delegate* unmanaged<nint, nint, nuint, nint, CudaResult> DeviceToDevice =
        (delegate* unmanaged<nint, nint, nuint, nint, CudaResult>)NativeLibrary.GetExport(Library, "cuMemcpyDtoDAsync_v2");

    /// <summary>Copies host memory to the device and waits.</summary>
    public static CudaResult Write<T>(nint address, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        fixed (T* source = values)
            return HostToDevice(address, source, (nuint)values.Length * (nuint)sizeof(T));
    }

    /// <summary>Copies device memory to the host, after all work on it.</summary>
    public static CudaResult Read<T>(Span<T> values, nint address)
        where T : unmanaged
    {
        fixed (T* target = values)
            return DeviceToHost(target, address, (nuint)values.Length * (nuint)sizeof(T));
    }

    /// <summary>Enqueues a copy within the device on the default stream.</summary>
    public static CudaResult Copy(nint target, nint source, long bytes) => DeviceToDevice(target, source, (nuint)bytes, 0);

    private static nint Load()
    {
        foreach (var name in CudaDriver.LibraryNames)
        {
            if (NativeLibrary.TryLoad(name, out var library))
                return library;
        }

        throw new NotSupportedException("There is no CUDA driver on this machine.");
    }
}
