using System.Reflection;
using System.Runtime.CompilerServices;
using MinRnn.Ilgpu.Devices;

namespace MinRnn.Ilgpu.Cuda;

/// <summary>A CUDA stream, usually one of torch's.</summary>
/// <typeparam name="TReal">The precision of the arithmetic.</typeparam>
internal sealed class CudaQueue<TReal> : ScanQueue<RawView>
    where TReal : unmanaged
{
    /// <summary>More streams than torch ever has on a device; beyond them, streams come and go.</summary>
    private const int MostQueues = 512;

    // By device, then by the stream's number: a device gone takes its table along, and no device waits for another.
    private static readonly ConditionalWeakTable<CudaDevice, Dictionary<ulong, CudaQueue<TReal>>> Tables = [];

    private readonly Dictionary<WorkspaceUse, RawView> workspaces = [];
    private readonly CudaDevice device;
    private readonly nint stream;

    private CudaQueue(CudaDevice device, nint stream) => (this.device, this.stream) = (device, stream);

    public override DeviceTraits Traits => device.Traits;

    /// <summary>The queue of a stream: one a process, for its launches share a workspace.</summary>
    /// <param name="device">The device.</param>
    /// <param name="stream">The stream's handle, 0 for the default stream.</param>
    /// <exception cref="NotSupportedException">The stream records a graph.</exception>
    public static CudaQueue<TReal> Of(CudaDevice device, nint stream)
    {
        ulong id;
        using (device.Enter())
        {
            // A handle may be that of an earlier stream, whose launches may still be under way; a stream's number is its own.
            var result = device.Driver.StreamGetId(stream, out id);
            if (result != CudaResult.Success)
                throw device.Failure(result, "cuStreamGetId", $"stream 0x{stream:x}");
            result = device.Driver.StreamIsCapturing(stream, out var status);
            if (result == CudaResult.StreamCaptureImplicit || (result == CudaResult.Success && status != 0))
            {
                throw new NotSupportedException(
                    $"A CUDA graph is recorded on {device.Name}, and a scan cannot be part of one: its launches count on from each other, which a replay does not.");
            }

            if (result != CudaResult.Success)
                throw device.Failure(result, "cuStreamIsCapturing", $"stream 0x{stream:x}");
        }

        var queues = Tables.GetOrCreateValue(device);
        lock (queues)
        {
            if (queues.TryGetValue(id, out var queue))
                return queue;
            if (queues.Count >= MostQueues)
            {
                var old = queues.Values.ToArray();
                queues.Clear();
                foreach (var other in old)
                    other.Free();
            }

            return queues[id] = new CudaQueue<TReal>(device, stream);
        }
    }

    public override RawView Workspace(WorkspaceUse use, long elements)
    {
        if (elements == 0)
            return default;
        if (!workspaces.TryGetValue(use, out var memory) || memory.Length < elements || (use == WorkspaceUse.Chain && IsChainBroken))
            memory = Renew(use, elements);
        return memory with { Length = elements };
    }

    protected override unsafe RawView Upload(WorkspaceUse use, ReadOnlySpan<long> numbers)
    {
        var memory = Workspace(use, (long)numbers.Length * (sizeof(long) / Unsafe.SizeOf<TReal>()));
        if (numbers.Length == 0)
            return memory;
        using var context = device.Enter();
        fixed (long* source = numbers)
        {
            var result = device.Driver.MemoryCopyToDeviceAsync((nint)memory.Address, source, Bytes(memory), stream);
            device.Check(result, "cuMemcpyHtoDAsync");
        }

        return memory;
    }

    public override long AddressOf(RawView workspace) => workspace.Address;

    public override RawView Part(RawView workspace, long first, long elements) =>
        new(workspace.Address + (first * Unsafe.SizeOf<TReal>()), elements);

    public override void Clear(RawView workspace) => Clear((nint)workspace.Address, (long)Bytes(workspace));

    /// <summary>Enqueues zeros.</summary>
    public void Clear(nint address, long bytes)
    {
        if (bytes == 0)
            return;
        using var context = device.Enter();
        device.Check(device.Driver.MemorySetAsync(address, 0, (nuint)bytes, stream), "cuMemsetD8Async");
    }

    protected override unsafe void Enqueue<TArguments>(MethodInfo kernel, long groups, int groupSize, ref TArguments arguments)
    {
        using var context = device.Enter();
        var function = device.Function(kernel, groupSize);

        // The kernel's parameter has ILGPU's views, which are an address and a length.
        if (RuntimeHelpers.IsReferenceOrContainsReferences<TArguments>() || Unsafe.SizeOf<TArguments>() != function.ParameterBytes)
        {
            throw new InvalidOperationException(
                $"{function.Name} takes a parameter of {function.ParameterBytes} bytes, and {typeof(TArguments)} has {Unsafe.SizeOf<TArguments>()}.");
        }

        fixed (void* parameter = &Unsafe.As<TArguments, byte>(ref arguments))
        {
            var result = device.Driver.LaunchKernel(function.Handle, (uint)groups, (uint)groupSize, stream, parameter);
            if (result != CudaResult.Success)
                throw device.Failure(result, "cuLaunchKernel", $"{function.Name}, {groups} groups of {groupSize} threads,");
        }
    }

    // The memory of one use, zeros, and at least this large.
    private RawView Renew(WorkspaceUse use, long elements)
    {
        using var context = device.Enter();
        if (!workspaces.TryGetValue(use, out var memory) || memory.Length < elements)
        {
            if (workspaces.Remove(use))
            {
                device.Check(device.Driver.StreamSynchronize(stream), "cuStreamSynchronize");
                device.Check(device.Driver.MemoryFree((nint)memory.Address), "cuMemFree");
            }

            memory = Allocate(use, elements);
        }

        device.Check(device.Driver.MemorySetAsync((nint)memory.Address, 0, Bytes(memory), stream), "cuMemsetD8Async");
        workspaces[use] = memory;
        if (use == WorkspaceUse.Chain)
            RestartChain();

        return memory;
    }

    private RawView Allocate(WorkspaceUse use, long elements)
    {
        var bytes = checked((nuint)elements * (nuint)Unsafe.SizeOf<TReal>());
        var result = device.Driver.MemoryAllocate(out var address, bytes);
        return result == CudaResult.Success
            ? new RawView(address, elements)
            : throw device.Failure(result, "cuMemAlloc", $"{bytes} bytes of workspace ({use})");
    }

    private void Free()
    {
        lock (Gate)
        {
            // The stream itself may be gone, so that only the whole device can be waited for.
            using var context = device.Enter();
            device.Check(device.Driver.ContextSynchronize(), "cuCtxSynchronize");
            foreach (var memory in workspaces.Values)
                device.Check(device.Driver.MemoryFree((nint)memory.Address), "cuMemFree");
            workspaces.Clear();
            ForgetTables();
        }
    }

    private static nuint Bytes(RawView memory) => (nuint)memory.Length * (nuint)Unsafe.SizeOf<TReal>();
}
