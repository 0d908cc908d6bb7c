using System.Reflection;
using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace MinRnn.Ilgpu.Devices;

/// <summary>A stream of an ILGPU accelerator.</summary>
/// <typeparam name="TReal">The precision of the arithmetic.</typeparam>
internal sealed class AcceleratorQueue<TReal>(AcceleratorStream stream) : ScanQueue<ArrayView<TReal>>, IDisposable
    where TReal : unmanaged
{
    private readonly Dictionary<WorkspaceUse, MemoryBuffer1D<TReal, Stride1D.Dense>> workspaces = [];

    public override DeviceTraits Traits { get; } = TraitsOf(stream.Accelerator);

    public override ArrayView<TReal> Workspace(WorkspaceUse use, long elements)
    {
        if (elements == 0)
            return default;
        var isNew = !workspaces.TryGetValue(use, out var buffer) || buffer.Length < elements;
        if (isNew)
        {
            if (workspaces.Remove(use))
            {
                stream.Synchronize();
                buffer!.Dispose();
            }

            workspaces[use] = buffer = stream.Accelerator.Allocate1D<TReal>(elements);
        }

        if (isNew || (use == WorkspaceUse.Chain && IsChainBroken))
        {
            buffer!.MemSetToZero(stream);
            if (use == WorkspaceUse.Chain)
                RestartChain();
        }

        return ((ArrayView<TReal>)buffer!.View).SubView(0, elements);
    }

    protected override ArrayView<TReal> Upload(WorkspaceUse use, ReadOnlySpan<long> numbers)
    {
        var memory = Workspace(use, (long)numbers.Length * (sizeof(long) / Unsafe.SizeOf<TReal>()));
        if (numbers.Length != 0)
            memory.Cast<long>().CopyFromCPU(stream, numbers);
        return memory;
    }

    public override long AddressOf(ArrayView<TReal> workspace) => workspace.LoadEffectiveAddressAsPtr().ToInt64();

    public override ArrayView<TReal> Part(ArrayView<TReal> workspace, long first, long elements) => workspace.SubView(first, elements);

    public override void Clear(ArrayView<TReal> workspace)
    {
        if (workspace.Length != 0)
            workspace.MemSetToZero(stream);
    }

    public void Dispose()
    {
        ForgetTables();
        foreach (var buffer in workspaces.Values)
            buffer.Dispose();
        workspaces.Clear();
    }

    protected override void Enqueue<TArguments>(MethodInfo kernel, long groups, int groupSize, ref TArguments arguments)
    {
        var launch = KernelCache.Of(stream.Accelerator).Get<Action<AcceleratorStream, KernelConfig, TArguments>>(stream.Accelerator, kernel);

        // OpenCL sets the arguments of a kernel one by one, and there is one for all streams: another thread must not launch with half of these.
        lock (launch)
            launch(stream, new KernelConfig(checked((int)groups), groupSize), arguments);
    }

    public static DeviceTraits TraitsOf(Accelerator accelerator) => new(
        accelerator.Name,
        accelerator.NumMultiprocessors,
        accelerator.NumMultiprocessors * accelerator.MaxNumThreadsPerMultiprocessor,
        accelerator.MaxNumThreadsPerGroup,
        HasChaining: accelerator is CudaAccelerator { Architecture.Major: >= 7 },
        StreamingThreads: IsGpu(accelerator) ? DeviceTraits.OfGpu : 16);

    private static bool IsGpu(Accelerator accelerator) => accelerator switch
    {
        CLAccelerator openCl => openCl.DeviceType.HasFlag(CLDeviceType.CL_DEVICE_TYPE_GPU),
        _ => accelerator.AcceleratorType == AcceleratorType.Cuda,
    };
}
