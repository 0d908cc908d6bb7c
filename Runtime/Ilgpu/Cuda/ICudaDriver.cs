namespace MinRnn.Ilgpu.Cuda;

/// <summary>What is needed of the CUDA driver, under its own names: every call returns a result that the caller checks.</summary>
internal unsafe interface ICudaDriver
{
    CudaResult Init();

    /// <summary>The CUDA version that the driver supports, 12040 for 12.4. May be called before <see cref="Init"/>.</summary>
    CudaResult DriverGetVersion(out int version);

    CudaResult DeviceGetCount(out int count);

    CudaResult DeviceGet(out int device, int ordinal);

    CudaResult DeviceGetName(out string name, int device);

    CudaResult DeviceGetAttribute(out int value, CudaAttribute attribute, int device);

    CudaResult DevicePrimaryContextRetain(out nint context, int device);

    CudaResult ContextPushCurrent(nint context);

    CudaResult ContextPopCurrent(out nint context);

    /// <summary>Waits for all work of the current context.</summary>
    CudaResult ContextSynchronize();

    /// <summary>Compiles PTX for the device of the current context.</summary>
    /// <param name="module">The loaded module.</param>
    /// <param name="ptx">The text.</param>
    /// <param name="log">What the driver's compiler had to say, or empty.</param>
    CudaResult ModuleLoadData(out nint module, string ptx, out string log);

    CudaResult ModuleGetFunction(out nint function, nint module, string name);

    /// <summary>Enqueues a kernel of one parameter on a grid of one dimension.</summary>
    CudaResult LaunchKernel(nint function, uint groups, uint groupSize, nint stream, void* parameter);

    CudaResult MemoryAllocate(out nint address, nuint bytes);

    /// <summary>Frees memory, after all work that uses it.</summary>
    CudaResult MemoryFree(nint address);

    CudaResult MemorySetAsync(nint address, byte value, nuint bytes, nint stream);

    /// <summary>Enqueues a copy from the host's pageable memory, which is read before the call returns.</summary>
    CudaResult MemoryCopyToDeviceAsync(nint address, void* source, nuint bytes, nint stream);

    CudaResult StreamSynchronize(nint stream);

    /// <summary>A number that no other stream of the process has or will have: handles are used again.</summary>
    CudaResult StreamGetId(nint stream, out ulong id);

    /// <summary>Whether what is enqueued on a stream is recorded, for a graph that runs later.</summary>
    CudaResult StreamIsCapturing(nint stream, out int status);

    /// <summary>The driver's name of a result, such as <c>CUDA_ERROR_OUT_OF_MEMORY</c>.</summary>
    string NameOf(CudaResult result);

    /// <summary>The driver's words for a result.</summary>
    string TextOf(CudaResult result);
}

/// <summary>Results of the driver that something depends on; there are more.</summary>
internal enum CudaResult
{
    Success = 0,
    OutOfMemory = 2,
    NoDevice = 100,
    IllegalAddress = 700,
    LaunchTimeout = 702,
    HardwareStackError = 714,
    LaunchFailed = 719,
    StreamCaptureImplicit = 906,
}

/// <summary>Attributes of a device.</summary>
internal enum CudaAttribute
{
    MaxThreadsPerBlock = 1,
    MultiprocessorCount = 16,
    MaxThreadsPerMultiprocessor = 39,
    ComputeCapabilityMajor = 75,
    ComputeCapabilityMinor = 76,
}
