using MinRnn.Ilgpu.Cuda;
using MinRnn.Tests.PtxMachine;
using MinRnn.Tests.PtxMachine.Memory;

namespace MinRnn.Tests.Conformance.Cuda;

/// <summary>A driver whose device is the interpreter of PTX: what CUDA would run, runs, on the host's memory.</summary>
internal sealed unsafe class MachineDriver : ICudaDriver, IDisposable
{
    private readonly List<(PtxEntry Entry, string Text)> modules = [];

    public Machine Machine { get; } = new();

    public LaunchOptions Options { get; set; } = new();

    /// <summary>Changes a module's text before it is loaded.</summary>
    public Func<string, string> Edit { get; set; } = text => text;

    /// <summary>The kernels that ran, in order.</summary>
    public List<string> Launched { get; } = [];

    public CudaResult Init() => CudaResult.Success;

    public CudaResult DriverGetVersion(out int version) => Give(out version, 12080);

    public CudaResult DeviceGetCount(out int count) => Give(out count, 1);

    public CudaResult DeviceGet(out int device, int ordinal) => Give(out device, ordinal);

    public CudaResult DeviceGetName(out string name, int device) => Give(out name, "PTX interpreter");

    public CudaResult DeviceGetAttribute(out int value, CudaAttribute attribute, int device) => Give(out value, attribute switch
    {
        CudaAttribute.ComputeCapabilityMajor => 9,
        CudaAttribute.ComputeCapabilityMinor => 0,
        CudaAttribute.MultiprocessorCount => 132,
        CudaAttribute.MaxThreadsPerMultiprocessor => 2048,
        _ => 1024,
    });

    public CudaResult DevicePrimaryContextRetain(out nint context, int device) => Give(out context, 1);

    public CudaResult ContextPushCurrent(nint context) => CudaResult.Success;

    public CudaResult ContextPopCurrent(out nint context) => Give(out context, 1);

    public CudaResult ContextSynchronize() => CudaResult.Success;

    public CudaResult ModuleLoadData(out nint module, string ptx, out string log)
    {
        log = "";
        var text = Edit(ptx);
        modules.Add((PtxModule.Parse(text).Entries.Single(), text));
        return Give(out module, modules.Count);
    }

    public CudaResult ModuleGetFunction(out nint function, nint module, string name)
    {
        Assert.Equal(name, modules[(int)module - 1].Entry.Name);
        return Give(out function, module);
    }

    public CudaResult LaunchKernel(nint function, uint groups, uint groupSize, nint stream, void* parameter)
    {
        var entry = modules[(int)function - 1].Entry;
        var bytes = new Span<byte>(parameter, entry.Parameters.Single().Bytes).ToArray();
        Launched.Add(entry.Name);
        Machine.Launch(entry, (int)groups, new LaunchSize((int)groupSize, 1, 1), [bytes], Options);
        return CudaResult.Success;
    }

    /// <summary>Allocations that succeed before one finds no memory; negative for all.</summary>
    public int AllocationsLeft { get; set; } = -1;

    public CudaResult MemoryAllocate(out nint address, nuint bytes)
    {
        if (AllocationsLeft-- != 0)
            return Give(out address, Machine.Memory.Allocate((int)bytes, "workspace"));
        address = 0;
        return CudaResult.OutOfMemory;
    }

    public CudaResult MemoryFree(nint address)
    {
        Machine.Memory.Unregister(address);
        return CudaResult.Success;
    }

    public CudaResult MemorySetAsync(nint address, byte value, nuint bytes, nint stream)
    {
        new Span<byte>((void*)address, (int)bytes).Fill(value);
        return CudaResult.Success;
    }

    public CudaResult MemoryCopyToDeviceAsync(nint address, void* source, nuint bytes, nint stream)
    {
        new Span<byte>(source, (int)bytes).CopyTo(new Span<byte>((void*)address, (int)bytes));
        return CudaResult.Success;
    }

    public CudaResult StreamSynchronize(nint stream) => CudaResult.Success;

    public CudaResult StreamGetId(nint stream, out ulong id) => Give(out id, (ulong)stream);

    public CudaResult StreamIsCapturing(nint stream, out int status) => Give(out status, 0);

    public string NameOf(CudaResult result) => result.ToString();

    public string TextOf(CudaResult result) => result.ToString();

    public void Dispose() => Machine.Dispose();

    private static CudaResult Give<T>(out T place, T value)
    {
        place = value;
        return CudaResult.Success;
    }
}
