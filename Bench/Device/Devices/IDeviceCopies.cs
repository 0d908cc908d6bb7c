using MinRnn.Ilgpu.Cuda;

namespace MinRnn.Bench.Device;

/// <summary>The driver's copies, which the kernels themselves have no use for.</summary>
internal unsafe interface IDeviceCopies
{
    /// <summary>Copies host memory to the device and waits.</summary>
    CudaResult ToDevice(nint target, void* source, nuint bytes);

    /// <summary>Copies device memory to the host, after all work on it.</summary>
    CudaResult ToHost(void* target, nint source, nuint bytes);

    /// <summary>Enqueues a copy within the device on the default stream.</summary>
    CudaResult WithinDevice(nint target, nint source, nuint bytes);
}

/// <summary>A device, and the copies to and from its memory.</summary>
/// <param name="Cuda">The device.</param>
/// <param name="Copies">The copies.</param>
internal sealed record BenchDevice(CudaDevice Cuda, IDeviceCopies Copies)
{
    public string Name => Cuda.Name;

    /// <summary>A device of this machine.</summary>
    /// <exception cref="NotSupportedException">There is no driver or no such device, or one of them is too old.</exception>
    public static BenchDevice Open(int ordinal) => new(CudaDevice.Open(ordinal), new NativeCopies());

    public void Check(CudaResult result, string call) => Cuda.Check(result, call);

    public void Wait() => Check(Cuda.Driver.ContextSynchronize(), "cuCtxSynchronize");
}
