using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using ILGPU.Runtime;

namespace MinRnn.Ilgpu.Devices;

/// <summary>The kernels compiled for an accelerator, each compiled once. It lives as long as the accelerator is referenced.</summary>
internal sealed class KernelCache
{
    private static readonly ConditionalWeakTable<Accelerator, KernelCache> Caches = [];

    /// <summary>One compilation at a time: those of one context share its intermediate code.</summary>
    private static readonly Lock Compilation = new();

    private readonly ConcurrentDictionary<MethodInfo, Delegate> launchers = new();

    public static KernelCache Of(Accelerator accelerator) => Caches.GetValue(accelerator, Create);

    /// <summary>The launcher of a kernel: a delegate of the stream, the grid, and the kernel's own parameters.</summary>
    public TLauncher Get<TLauncher>(Accelerator accelerator, MethodInfo kernel)
        where TLauncher : Delegate
    {
        if (launchers.TryGetValue(kernel, out var known))
            return (TLauncher)known;

        // What fails is tried again at the next request: memory may have been short.
        lock (Compilation)
            return (TLauncher)launchers.GetOrAdd(kernel, method => accelerator.LoadKernel(method).CreateLauncherDelegate<TLauncher>());
    }

    private static KernelCache Create(Accelerator accelerator)
    {
        AddressSpaces.Infer(accelerator);
        return new KernelCache();
    }
}
