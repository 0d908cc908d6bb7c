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

    private readonly ConcurrentDictionary<MethodInfo, Lazy<Delegate>> launchers = new();

    public static KernelCache Of(Accelerator accelerator) => Caches.GetValue(accelerator, Create);

    /// <summary>The launcher of a kernel: a delegate of the stream, the grid, and the kernel's own parameters.</summary>
    public TLauncher Get<TLauncher>(Accelerator accelerator, MethodInfo kernel)
        where TLauncher : Delegate =>
        (TLauncher)launchers.GetOrAdd(
            kernel,
            method => new Lazy<Delegate>(() => Compile<TLauncher>(accelerator, method))).Value;

    private static KernelCache Create(Accelerator accelerator)
    {
        AddressSpaces.Infer(accelerator);
        return new KernelCache();
    }

    private static TLauncher Compile<TLauncher>(Accelerator accelerator, MethodInfo kernel)
        where TLauncher : Delegate
    {
        lock (Compilation)
            return accelerator.LoadKernel(kernel).CreateLauncherDelegate<TLauncher>();
    }
}
