using System.Reflection;
using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.OpenCL;

namespace MinRnn.Ilgpu.Devices;

/// <summary>A stream of an ILGPU accelerator.</summary>
/// <typeparam name="TReal">The precision of the arithmetic.</typeparam>
internal sealed class AcceleratorQueue<TReal>(AcceleratorStream stream) : ScanQueue<ArrayView<TReal>>, IDisposable
    where TReal : unmanaged
{
    private readonly Dictionary<WorkspaceUse, MemoryBuffer1D<TReal, Stride1D.Dense>> workspaces = [];
    private bool isChainBroken;

    public override DeviceTraits Traits { get; } = TraitsOf(stream.Accelerator);

    public override void Launch<TArguments>(MethodInfo kernel, long groups, int groupSize, TArguments arguments)
    {
        if (groupSize > Traits.MaxGroupSize)
        {
            throw new NotSupportedException(
                $"{Traits.Name} runs groups of at most {Traits.MaxGroupSize} threads; this scan needs groups of {groupSize}.");
        }

        var accelerator = stream.Accelerator;
        try
        {
            KernelCache.Of(accelerator)
                .Get<Action<AcceleratorStream, KernelConfig, TArguments>>(accelerator, kernel)
                .Invoke(stream, new KernelConfig(checked((int)groups), groupSize), arguments);
        }
        catch
        {
            // Tickets of this launch may never be taken.
            isChainBroken = true;
            throw;
        }
    }

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

        if (isNew || (use == WorkspaceUse.Flags && isChainBroken))
        {
            buffer!.MemSetToZero(stream);
            if (use == WorkspaceUse.Flags)
            {
                Chain.Restart();
                isChainBroken = false;
            }
        }

        return ((ArrayView<TReal>)buffer!.View).SubView(0, elements);
    }

    public override long AddressOf(ArrayView<TReal> workspace) => workspace.LoadEffectiveAddressAsPtr().ToInt64();

    public override ArrayView<TReal> Part(ArrayView<TReal> workspace, long first, long elements) => workspace.SubView(first, elements);

    public void Dispose()
    {
        foreach (var buffer in workspaces.Values)
            buffer.Dispose();
        workspaces.Clear();
    }

    private static DeviceTraits TraitsOf(Accelerator accelerator) => new(
        accelerator.Name,
        accelerator.NumMultiprocessors,
        accelerator.NumMultiprocessors * accelerator.MaxNumThreadsPerMultiprocessor,
        accelerator.MaxNumThreadsPerGroup,
        HasChaining: accelerator.AcceleratorType == AcceleratorType.Cuda,
        StreamingThreads: IsGpu(accelerator) ? 256 : 16);

    private static bool IsGpu(Accelerator accelerator) => accelerator switch
    {
        CLAccelerator openCl => openCl.DeviceType.HasFlag(CLDeviceType.CL_DEVICE_TYPE_GPU),
        _ => accelerator.AcceleratorType == AcceleratorType.Cuda,
    };
}
