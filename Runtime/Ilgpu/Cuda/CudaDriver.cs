using System.Runtime.InteropServices;
using System.Text;

namespace MinRnn.Ilgpu.Cuda;

/// <summary>The driver's own library, which comes with the driver and not with CUDA's toolkit.</summary>
internal sealed unsafe class CudaDriver : ICudaDriver
{
    private const int LogBytes = 16 << 10;
    private const int NameBytes = 256;

    // CUjit_option.
    private const int InfoLogBuffer = 3, InfoLogBytes = 4, ErrorLogBuffer = 5, ErrorLogBytes = 6;

    // A function that an old driver lacks is null: callers check the driver's version first.
    private readonly delegate* unmanaged<uint, CudaResult> init;
    private readonly delegate* unmanaged<int*, CudaResult> driverGetVersion;
    private readonly delegate* unmanaged<int*, CudaResult> deviceGetCount;
    private readonly delegate* unmanaged<int*, int, CudaResult> deviceGet;
    private readonly delegate* unmanaged<byte*, int, int, CudaResult> deviceGetName;
    private readonly delegate* unmanaged<int*, CudaAttribute, int, CudaResult> deviceGetAttribute;
    private readonly delegate* unmanaged<nint*, int, CudaResult> devicePrimaryContextRetain;
    private readonly delegate* unmanaged<nint, CudaResult> contextPushCurrent;
    private readonly delegate* unmanaged<nint*, CudaResult> contextPopCurrent;
    private readonly delegate* unmanaged<CudaResult> contextSynchronize;
    private readonly delegate* unmanaged<nint*, byte*, uint, int*, void**, CudaResult> moduleLoadDataEx;
    private readonly delegate* unmanaged<nint*, nint, byte*, CudaResult> moduleGetFunction;
    private readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, CudaResult> launchKernel;
    private readonly delegate* unmanaged<nint*, nuint, CudaResult> memoryAllocate;
    private readonly delegate* unmanaged<nint, CudaResult> memoryFree;
    private readonly delegate* unmanaged<nint, byte, nuint, nint, CudaResult> memorySetAsync;
    private readonly delegate* unmanaged<nint, void*, nuint, nint, CudaResult> memoryCopyToDeviceAsync;
    private readonly delegate* unmanaged<nint, CudaResult> streamSynchronize;
    private readonly delegate* unmanaged<nint, ulong*, CudaResult> streamGetId;
    private readonly delegate* unmanaged<nint, int*, CudaResult> streamIsCapturing;
    private readonly delegate* unmanaged<CudaResult, byte**, CudaResult> getErrorName;
    private readonly delegate* unmanaged<CudaResult, byte**, CudaResult> getErrorString;

    private CudaDriver(nint library)
    {
        // Where a function has a second version, the first is of CUDA before 4.
        init = (delegate* unmanaged<uint, CudaResult>)Find("cuInit");
        driverGetVersion = (delegate* unmanaged<int*, CudaResult>)Find("cuDriverGetVersion");
        deviceGetCount = (delegate* unmanaged<int*, CudaResult>)Find("cuDeviceGetCount");
        deviceGet = (delegate* unmanaged<int*, int, CudaResult>)Find("cuDeviceGet");
        deviceGetName = (delegate* unmanaged<byte*, int, int, CudaResult>)Find("cuDeviceGetName");
        deviceGetAttribute = (delegate* unmanaged<int*, CudaAttribute, int, CudaResult>)Find("cuDeviceGetAttribute");
        devicePrimaryContextRetain = (delegate* unmanaged<nint*, int, CudaResult>)Find("cuDevicePrimaryCtxRetain");
        contextPushCurrent = (delegate* unmanaged<nint, CudaResult>)Find("cuCtxPushCurrent_v2");
        contextPopCurrent = (delegate* unmanaged<nint*, CudaResult>)Find("cuCtxPopCurrent_v2");
        contextSynchronize = (delegate* unmanaged<CudaResult>)Find("cuCtxSynchronize");
        moduleLoadDataEx = (delegate* unmanaged<nint*, byte*, uint, int*, void**, CudaResult>)Find("cuModuleLoadDataEx");
        moduleGetFunction = (delegate* unmanaged<nint*, nint, byte*, CudaResult>)Find("cuModuleGetFunction");
        launchKernel =
            (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, CudaResult>)Find("cuLaunchKernel");
        memoryAllocate = (delegate* unmanaged<nint*, nuint, CudaResult>)Find("cuMemAlloc_v2");
        memoryFree = (delegate* unmanaged<nint, CudaResult>)Find("cuMemFree_v2");
        memorySetAsync = (delegate* unmanaged<nint, byte, nuint, nint, CudaResult>)Find("cuMemsetD8Async");
        memoryCopyToDeviceAsync = (delegate* unmanaged<nint, void*, nuint, nint, CudaResult>)Find("cuMemcpyHtoDAsync_v2");
        streamSynchronize = (delegate* unmanaged<nint, CudaResult>)Find("cuStreamSynchronize");
        streamGetId = (delegate* unmanaged<nint, ulong*, CudaResult>)Find("cuStreamGetId");
        streamIsCapturing = (delegate* unmanaged<nint, int*, CudaResult>)Find("cuStreamIsCapturing");
        getErrorName = (delegate* unmanaged<CudaResult, byte**, CudaResult>)Find("cuGetErrorName");
        getErrorString = (delegate* unmanaged<CudaResult, byte**, CudaResult>)Find("cuGetErrorString");

        nint Find(string name) => NativeLibrary.TryGetExport(library, name, out var address) ? address : 0;
    }

    /// <summary>The names of the library, by platform: the first that loads is taken.</summary>
    public static IReadOnlyList<string> LibraryNames { get; } = OperatingSystem.IsWindows() ? ["nvcuda.dll"] : ["libcuda.so.1", "libcuda.so"];

    /// <summary>Loads the driver's library.</summary>
    /// <param name="names">Names to try, in order.</param>
    /// <exception cref="NotSupportedException">There is none.</exception>
    public static CudaDriver Load(IReadOnlyList<string> names)
    {
        foreach (var name in names)
        {
            if (NativeLibrary.TryLoad(name, out var library))
                return new CudaDriver(library);
        }

        throw new NotSupportedException(
            $"There is no CUDA driver on this machine: {string.Join(" or ", names)} is not found. Install NVIDIA's driver, version 525 or later.");
    }

    public CudaResult Init() => init(0);

    public CudaResult DriverGetVersion(out int version)
    {
        fixed (int* to = &version)
            return driverGetVersion(to);
    }

    public CudaResult DeviceGetCount(out int count)
    {
        fixed (int* to = &count)
            return deviceGetCount(to);
    }

    public CudaResult DeviceGet(out int device, int ordinal)
    {
        fixed (int* to = &device)
            return deviceGet(to, ordinal);
    }

    public CudaResult DeviceGetName(out string name, int device)
    {
        var buffer = stackalloc byte[NameBytes];
        buffer[0] = 0;
        var result = deviceGetName(buffer, NameBytes, device);
        name = Marshal.PtrToStringUTF8((nint)buffer) ?? "";
        return result;
    }

    public CudaResult DeviceGetAttribute(out int value, CudaAttribute attribute, int device)
    {
        fixed (int* to = &value)
            return deviceGetAttribute(to, attribute, device);
    }

    public CudaResult DevicePrimaryContextRetain(out nint context, int device)
    {
        fixed (nint* to = &context)
            return devicePrimaryContextRetain(to, device);
    }

    public CudaResult ContextPushCurrent(nint context) => contextPushCurrent(context);

    public CudaResult ContextPopCurrent(out nint context)
    {
        fixed (nint* to = &context)
            return contextPopCurrent(to);
    }

    public CudaResult ContextSynchronize() => contextSynchronize();

    public CudaResult ModuleLoadData(out nint module, string ptx, out string log)
    {
        byte[] text = [.. Encoding.ASCII.GetBytes(ptx), 0];
        byte[] info = new byte[LogBytes], error = new byte[LogBytes];
        fixed (nint* to = &module)
        fixed (byte* source = text, infoLog = info, errorLog = error)
        {
            // A size is passed as the pointer's bits.
            var options = stackalloc int[] { InfoLogBuffer, InfoLogBytes, ErrorLogBuffer, ErrorLogBytes };
            var values = stackalloc void*[] { infoLog, (void*)LogBytes, errorLog, (void*)LogBytes };
            var result = moduleLoadDataEx(to, source, 4, options, values);
            log = $"{Text(error)}\n{Text(info)}".Trim();
            return result;
        }

        static string Text(ReadOnlySpan<byte> buffer)
        {
            var end = buffer.IndexOf((byte)0);
            return Encoding.UTF8.GetString(end < 0 ? buffer : buffer[..end]);
        }
    }

    public CudaResult ModuleGetFunction(out nint function, nint module, string name)
    {
        byte[] text = [.. Encoding.UTF8.GetBytes(name), 0];
        fixed (nint* to = &function)
        fixed (byte* symbol = text)
            return moduleGetFunction(to, module, symbol);
    }

    public CudaResult LaunchKernel(nint function, uint groups, uint groupSize, nint stream, void* parameter)
    {
        var parameters = stackalloc void*[] { parameter };
        return launchKernel(function, groups, 1, 1, groupSize, 1, 1, 0, stream, parameters, null);
    }

    public CudaResult MemoryAllocate(out nint address, nuint bytes)
    {
        fixed (nint* to = &address)
            return memoryAllocate(to, bytes);
    }

    public CudaResult MemoryFree(nint address) => memoryFree(address);

    public CudaResult MemorySetAsync(nint address, byte value, nuint bytes, nint stream) => memorySetAsync(address, value, bytes, stream);

    public CudaResult MemoryCopyToDeviceAsync(nint address, void* source, nuint bytes, nint stream) =>
        memoryCopyToDeviceAsync(address, source, bytes, stream);

    public CudaResult StreamSynchronize(nint stream) => streamSynchronize(stream);

    public CudaResult StreamGetId(nint stream, out ulong id)
    {
        fixed (ulong* to = &id)
            return streamGetId(stream, to);
    }

    public CudaResult StreamIsCapturing(nint stream, out int status)
    {
        fixed (int* to = &status)
            return streamIsCapturing(stream, to);
    }

    public string NameOf(CudaResult result) => TextOf(getErrorName, result) ?? $"CUDA error {(int)result}";

    public string TextOf(CudaResult result) => TextOf(getErrorString, result) ?? "no description";

    private static string? TextOf(delegate* unmanaged<CudaResult, byte**, CudaResult> function, CudaResult result)
    {
        byte* text = null;
        return function(result, &text) == CudaResult.Success ? Marshal.PtrToStringUTF8((nint)text) : null;
    }
}
