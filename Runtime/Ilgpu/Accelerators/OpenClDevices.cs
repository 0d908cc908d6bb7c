using System.Collections.Immutable;
using System.Reflection;
using ILGPU;
using ILGPU.Backends;
using ILGPU.Backends.OpenCL;
using ILGPU.IR;
using ILGPU.IR.Transformations;
using ILGPU.Runtime;
using ILGPU.Runtime.OpenCL;

namespace MinRnn.Ilgpu;

/// <summary>
/// Lets ILGPU use OpenCL devices without a generic address space, which is optional since OpenCL 3.0. ILGPU refuses them, for its
/// pointers are generic where it does not infer their address space, and at its default level it infers none of a kernel's
/// parameters. Here it does. A kernel with a pointer that stays generic does not compile on such a device.
/// </summary>
internal static class OpenClDevices
{
    private static readonly PropertyInfo? Generic =
        Find<bool>(typeof(CLCapabilityContext), nameof(CLCapabilityContext.GenericAddressSpace));

    private static readonly PropertyInfo? Passes = Find<ImmutableArray<Transformer>>(typeof(Backend), "KernelTransformers");

    /// <summary>Why devices without a generic address space cannot be used, or null where they can.</summary>
    public static string? Obstacle { get; } = (Generic, Passes) switch
    {
        (null, _) => Lacks("CLCapabilityContext.GenericAddressSpace"),
        (_, null) => Lacks("Backend.KernelTransformers"),
        _ => null,
    };

    /// <summary>Whether ILGPU can be used on a device, after it has been made usable where that is possible.</summary>
    public static bool IsUsable(CLDevice device)
    {
        if (device.CLStdVersion < CLBackend.MinimumVersion)
            return false;
        if (!device.Capabilities.GenericAddressSpace && Obstacle is null)
            Generic!.SetValue(device.Capabilities, true);
        return device.Capabilities.GenericAddressSpace;
    }

    /// <summary>
    /// Adds the inference of address spaces to an OpenCL accelerator's passes, once. ILGPU's own way there is the level O2, which
    /// also sinks a load to its use, past stores and barriers that overwrite what it was to read.
    /// </summary>
    public static void Prepare(Accelerator accelerator)
    {
        if (accelerator is not CLAccelerator { Backend: var backend } || Obstacle is not null)
            return;

        // The last group is the device's: those before it put ILGPU's intrinsic functions in place.
        var passes = (ImmutableArray<Transformer>)Passes!.GetValue(backend)!;
        var own = passes[^1];
        if (own.Transformations.Any(pass => pass is InferKernelAddressSpaces))
            return;
        var builder = Transformer.CreateBuilder(own.Configuration);
        foreach (var pass in own.Transformations)
        {
            // Parameters change their types, which has to be known before structures with them are taken apart.
            if (pass is LowerStructures)
                builder.Add(new InferKernelAddressSpaces(MemoryAddressSpace.Global));
            builder.Add(pass is InferAddressSpaces ? new InferLocalAddressSpaces() : pass);
        }

        Passes.SetValue(backend, passes.SetItem(passes.Length - 1, builder.ToTransformer()));
    }

    private static string Lacks(string property) =>
        $"ILGPU {typeof(Context).Assembly.GetName().Version} has no {property} to set, "
        + "so that devices without a generic address space are left out";

    /// <summary>A property that can be set at least by its own assembly.</summary>
    private static PropertyInfo? Find<T>(Type type, string name)
    {
        const BindingFlags any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        var property = type.GetProperty(name, any);
        return property?.SetMethod is not null && property.PropertyType == typeof(T) ? property : null;
    }
}
