using System.Runtime.InteropServices;
using MinRnn.Ilgpu.Cuda;

namespace MinRnn.Tests.Conformance.Cuda;

/// <summary>A driver that runs nothing and remembers what it is told. Its device's memory is the host's.</summary>
internal sealed unsafe class FakeDriver : ICudaDriver
{
    private readonly Lock gate = new();
    private readonly Dictionary<nint, nuint> allocations = [];
    private nint nextHandle = 0x1000;

    [ThreadStatic]
    private static Stack<nint>? contexts;

    public int Version { get; set; } = 12000;

    public int Devices { get; set; } = 1;

    public (int Major, int Minor) Capability { get; set; } = (9, 0);

    /// <summary>The results of calls by their names, where they are not a success.</summary>
    public Dictionary<string, CudaResult> Results { get; } = [];

    /// <summary>What the driver's compiler says.</summary>
    public string Log { get; set; } = "";

    /// <summary>The numbers of streams by their handles.</summary>
    public Dictionary<nint, ulong> StreamIds { get; } = [];

    /// <summary>The streams whose work is recorded.</summary>
    public HashSet<nint> CapturingStreams { get; } = [];

    public List<string> Modules { get; } = [];

    public List<Launch> Launches { get; } = [];

    /// <summary>Every call that memory or a stream is concerned in, in order.</summary>
    public List<string> Calls { get; } = [];

    public nuint AllocatedBytes => allocations.Values.Aggregate((nuint)0, (sum, bytes) => sum + bytes);

    /// <summary>The calling thread's contexts, the current one on top.</summary>
    public static Stack<nint> Contexts => contexts ??= new Stack<nint>();

    public static nint Context => 0x77;

    public CudaResult Init() => Result(nameof(Init));

    public CudaResult DriverGetVersion(out int version)
    {
        version = Version;
        return Result(nameof(DriverGetVersion));
    }

    public CudaResult DeviceGetCount(out int count)
    {
        count = Devices;
        return Result(nameof(DeviceGetCount));
    }

    public CudaResult DeviceGet(out int device, int ordinal)
    {
        device = 100 + ordinal;
        return Result(nameof(DeviceGet));
    }

    public CudaResult DeviceGetName(out string name, int device)
    {
        name = "Fake GPU";
        return Result(nameof(DeviceGetName));
    }

    public CudaResult DeviceGetAttribute(out int value, CudaAttribute attribute, int device)
    {
        value = attribute switch
        {
            CudaAttribute.ComputeCapabilityMajor => Capability.Major,
            CudaAttribute.ComputeCapabilityMinor => Capability.Minor,
            CudaAttribute.MultiprocessorCount => 132,
            CudaAttribute.MaxThreadsPerMultiprocessor => 2048,
            _ => 1024,
        };
        return Result(nameof(DeviceGetAttribute));
    }

    public CudaResult DevicePrimaryContextRetain(out nint context, int device)
    {
        context = Context;
        return Result(nameof(DevicePrimaryContextRetain));
    }

    public CudaResult ContextPushCurrent(nint context)
    {
        if (Result(nameof(ContextPushCurrent)) is var result && result == CudaResult.Success)
            Contexts.Push(context);
        return result;
    }

    public CudaResult ContextPopCurrent(out nint context)
    {
        context = Contexts.Pop();
        return CudaResult.Success;
    }

    public CudaResult ContextSynchronize() => Result(nameof(ContextSynchronize), "synchronize");

    public CudaResult ModuleLoadData(out nint module, string ptx, out string log)
    {
        RequireContext();
        lock (gate)
        {
            Modules.Add(ptx);
            (module, log) = (Modules.Count, Log);
        }

        return Result(nameof(ModuleLoadData));
    }

    public CudaResult ModuleGetFunction(out nint function, nint module, string name)
    {
        RequireContext();
        function = module;
        Assert.Contains($".entry {name}(", Modules[(int)module - 1], StringComparison.Ordinal);
        return Result(nameof(ModuleGetFunction));
    }

    public CudaResult LaunchKernel(nint function, uint groups, uint groupSize, nint stream, void* parameter)
    {
        RequireContext();
        if (Result(nameof(LaunchKernel)) is var result && result != CudaResult.Success)
            return result;
        lock (gate)
        {
            var kernel = PtxKernel.Parse(Modules[(int)function - 1]);
            Launches.Add(new Launch(kernel.Entry, groups, groupSize, stream, new Span<byte>(parameter, kernel.ParameterBytes).ToArray()));
            Calls.Add($"launch {kernel.Entry}");
        }

        return CudaResult.Success;
    }

    public CudaResult MemoryAllocate(out nint address, nuint bytes)
    {
        RequireContext();
        address = 0;
        if (Result(nameof(MemoryAllocate), $"allocate {bytes}") is var result && result != CudaResult.Success)
            return result;
        lock (gate)
        {
            // Addresses that nothing lies at: nothing is read or written.
            address = nextHandle << 20;
            nextHandle++;
            allocations.Add(address, bytes);
        }

        return CudaResult.Success;
    }

    public CudaResult MemoryFree(nint address)
    {
        RequireContext();
        lock (gate)
            Assert.True(allocations.Remove(address), "Freed twice, or never allocated.");
        return Result(nameof(MemoryFree), "free");
    }

    public CudaResult MemorySetAsync(nint address, byte value, nuint bytes, nint stream)
    {
        RequireContext();
        return Result(nameof(MemorySetAsync), $"set {bytes}");
    }

    public CudaResult MemoryCopyToDeviceAsync(nint address, void* source, nuint bytes, nint stream)
    {
        RequireContext();
        return Result(nameof(MemoryCopyToDeviceAsync), $"copy {bytes}");
    }

    public CudaResult StreamSynchronize(nint stream)
    {
        RequireContext();
        return Result(nameof(StreamSynchronize), $"wait {stream}");
    }

    public CudaResult StreamGetId(nint stream, out ulong id)
    {
        RequireContext();
        id = StreamIds.GetValueOrDefault(stream, (ulong)stream);
        return Result(nameof(StreamGetId));
    }

    public CudaResult StreamIsCapturing(nint stream, out int status)
    {
        RequireContext();
        status = CapturingStreams.Contains(stream) ? 1 : 0;
        return Result(nameof(StreamIsCapturing));
    }

    public string NameOf(CudaResult result) => $"CUDA_ERROR_{(int)result}";

    public string TextOf(CudaResult result) => $"words for {(int)result}";

    private CudaResult Result(string call, string? record = null)
    {
        lock (gate)
        {
            if (record is not null)
                Calls.Add(record);
            return Results.GetValueOrDefault(call);
        }
    }

    private static void RequireContext() => Assert.Equal(Context, Contexts.Peek());

    /// <summary>One launch and the bytes of its parameter.</summary>
    public sealed record Launch(string Entry, uint Groups, uint GroupSize, nint Stream, byte[] Parameter)
    {
        public T As<T>()
            where T : unmanaged => MemoryMarshal.Read<T>(Parameter);
    }
}
