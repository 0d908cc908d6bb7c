using System.Runtime.InteropServices;
using MinRnn.Ilgpu.Cuda;

namespace MinRnn.Bench.Device;

/// <summary>The copies of the driver's own library. A device that is opened means that the library is there.</summary>
internal sealed unsafe class NativeCopies : IDeviceCopies
{
    private readonly delegate* unmanaged<nint, void*, nuint, CudaResult> toDevice;
    private readonly delegate* unmanaged<void*, nint, nuint, CudaResult> toHost;
    private readonly delegate* unmanaged<nint, nint, nuint, nint, CudaResult> withinDevice;

    public NativeCopies()
    {
        nint library = 0;
        foreach (var name in CudaDriver.LibraryNames)
        {
            if (NativeLibrary.TryLoad(name, out library))
                break;
        }

        toDevice = (delegate* unmanaged<nint, void*, nuint, CudaResult>)NativeLibrary.GetExport(library, "cuMemcpyHtoD_v2");
        toHost = (delegate* unmanaged<void*, nint, nuint, CudaResult>)NativeLibrary.GetExport(library, "cuMemcpyDtoH_v2");
        withinDevice = (delegate* unmanaged<nint, nint, nuint, nint, CudaResult>)NativeLibrary.GetExport(library, "cuMemcpyDtoDAsync_v2");
    }

    public CudaResult ToDevice(nint target, void* source, nuint bytes) => toDevice(target, source, bytes);

    public CudaResult ToHost(void* target, nint source, nuint bytes) => toHost(target, source, bytes);

    public CudaResult WithinDevice(nint target, nint source, nuint bytes) => withinDevice(target, source, bytes, 0);
}
