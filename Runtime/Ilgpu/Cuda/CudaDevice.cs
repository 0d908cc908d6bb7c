using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using MinRnn.Ilgpu.Devices;

namespace MinRnn.Ilgpu.Cuda;

/// <summary>A device in its primary context, the one that CUDA's runtime and so torch use, with the kernels loaded into it.</summary>
internal sealed class CudaDevice
{
    private static readonly Lock Opening = new();
    private static readonly Dictionary<int, CudaDevice> Opened = [];
    private static ICudaDriver? _driver;

    private readonly ConcurrentDictionary<(MethodInfo Kernel, int GroupSize), CudaFunction> functions = new();
    private readonly Lock loading = new();
    private readonly PtxCache cache;
    private readonly nint context;

    /// <summary>Opens a device.</summary>
    /// <param name="driver">The driver.</param>
    /// <param name="ordinal">Which device, from 0 on.</param>
    /// <param name="cache">Where compiled kernels are kept.</param>
    /// <exception cref="NotSupportedException">There is no such device, or the driver or the device is too old.</exception>
    public CudaDevice(ICudaDriver driver, int ordinal, PtxCache cache)
    {
        (Driver, this.cache) = (driver, cache);
        Name = $"CUDA device {ordinal}";
        RequireDriver(driver);
        Check(driver.DeviceGetCount(out var count), "cuDeviceGetCount");
        if (count == 0)
            throw NoDevice();
        if (ordinal < 0 || ordinal >= count)
            throw new NotSupportedException($"There is no CUDA device {ordinal}: the driver has {count}, counted from 0.");

        Check(driver.DeviceGet(out var device, ordinal), "cuDeviceGet");
        Check(driver.DeviceGetName(out var name, device), "cuDeviceGetName");
        Name = $"{name} (CUDA device {ordinal})";
        var (major, minor) = (Attribute(CudaAttribute.ComputeCapabilityMajor), Attribute(CudaAttribute.ComputeCapabilityMinor));
        if (major < PtxCompiler.Major)
        {
            throw new NotSupportedException(
                $"{Name} has compute capability {major}.{minor}; the kernels need {PtxCompiler.Major}.{PtxCompiler.Minor} or later.");
        }

        var processors = Attribute(CudaAttribute.MultiprocessorCount);
        Traits = new DeviceTraits(
            Name,
            processors,
            processors * Attribute(CudaAttribute.MaxThreadsPerMultiprocessor),
            Attribute(CudaAttribute.MaxThreadsPerBlock),
            HasChaining: true);

        // Held until the process ends, as every user of CUDA's runtime does.
        Check(driver.DevicePrimaryContextRetain(out context, device), "cuDevicePrimaryCtxRetain");

        int Attribute(CudaAttribute attribute)
        {
            Check(driver.DeviceGetAttribute(out var value, attribute, device), "cuDeviceGetAttribute");
            return value;
        }
    }

    public ICudaDriver Driver { get; }

    /// <summary>The name, for messages.</summary>
    public string Name { get; }

    public DeviceTraits Traits { get; }

    /// <summary>A device of this machine, opened at the first call.</summary>
    /// <exception cref="NotSupportedException">There is no driver or no such device, or one of them is too old.</exception>
    public static CudaDevice Open(int ordinal)
    {
        lock (Opening)
        {
            if (!Opened.TryGetValue(ordinal, out var device))
            {
                _driver ??= CudaDriver.Load(CudaDriver.LibraryNames);
                Opened.Add(ordinal, device = new CudaDevice(_driver, ordinal, PtxCache.OfUser));
            }

            return device;
        }
    }

    /// <summary>Makes the device's context the calling thread's, until the result is disposed of.</summary>
    public ContextScope Enter()
    {
        Check(Driver.ContextPushCurrent(context), "cuCtxPushCurrent");
        return new ContextScope(Driver);
    }

    /// <summary>A kernel, compiled and loaded at the first call. The device must be entered.</summary>
    public CudaFunction Function(MethodInfo kernel, int groupSize)
    {
        if (functions.TryGetValue((kernel, groupSize), out var function))
            return function;
        lock (loading)
        {
            if (!functions.TryGetValue((kernel, groupSize), out function))
                functions[(kernel, groupSize)] = function = Load(kernel, groupSize);
            return function;
        }
    }

    /// <summary>Throws where a call of the driver failed.</summary>
    /// <exception cref="CudaException">The call failed.</exception>
    public void Check(CudaResult result, string call)
    {
        if (result != CudaResult.Success)
            throw Failure(result, call);
    }

    /// <summary>The exception of a call that failed.</summary>
    /// <param name="result">What it returned.</param>
    /// <param name="call">Its name.</param>
    /// <param name="subject">What it worked on, beside the device.</param>
    /// <param name="detail">More lines.</param>
    public CudaException Failure(CudaResult result, string call, string? subject = null, string detail = "") =>
        new(Driver, result, call, subject is null ? Name : $"{subject} on {Name}", detail);

    private static void RequireDriver(ICudaDriver driver)
    {
        if (driver.DriverGetVersion(out var version) != CudaResult.Success || version < PtxCompiler.DriverVersion)
        {
            throw new NotSupportedException(
                $"The CUDA driver is too old: it supports CUDA {Version(version)}, and the kernels need CUDA {Version(PtxCompiler.DriverVersion)}, " +
                "which NVIDIA's drivers have from version 525 on.");
        }

        var result = driver.Init();
        if (result == CudaResult.NoDevice)
            throw NoDevice();
        if (result != CudaResult.Success)
            throw new NotSupportedException($"The CUDA driver does not start: {driver.NameOf(result)}, {driver.TextOf(result)}.");

        static string Version(int number) => string.Create(CultureInfo.InvariantCulture, $"{number / 1000}.{number % 1000 / 10}");
    }

    private static NotSupportedException NoDevice() =>
        new("There is no CUDA device: the driver is installed and finds none. CUDA_VISIBLE_DEVICES may hide devices.");

    private CudaFunction Load(MethodInfo kernel, int groupSize)
    {
        var name = PtxCompiler.NameOf(kernel);
        var ptx = PtxKernel.Parse(cache.Get(kernel, groupSize));
        var result = Driver.ModuleLoadData(out var module, ptx.Text, out var log);
        if (result != CudaResult.Success)
            throw Failure(result, "cuModuleLoadDataEx", name, log);
        result = Driver.ModuleGetFunction(out var handle, module, ptx.Entry);
        return result == CudaResult.Success
            ? new CudaFunction(name, handle, ptx.ParameterBytes)
            : throw Failure(result, "cuModuleGetFunction", name);
    }

    /// <summary>Gives the calling thread the context back that it had.</summary>
    public readonly ref struct ContextScope(ICudaDriver driver)
    {
        // What is wrong with the context, the next call tells: an exception from here would hide the one under way.
        public void Dispose() => driver.ContextPopCurrent(out _);
    }
}

/// <summary>A kernel that a device has loaded.</summary>
/// <param name="Name">Its name, for messages.</param>
/// <param name="Handle">The driver's handle.</param>
/// <param name="ParameterBytes">Bytes of its only parameter.</param>
internal sealed record CudaFunction(string Name, nint Handle, int ParameterBytes);
