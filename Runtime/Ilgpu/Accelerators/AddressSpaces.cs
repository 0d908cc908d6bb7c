using System.Collections.Immutable;
using System.Reflection;
using ILGPU.Backends;
using ILGPU.IR;
using ILGPU.IR.Transformations;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace MinRnn.Ilgpu;

/// <summary>
/// Lets ILGPU infer that what a kernel's parameters point to lies in global memory: accesses become global ones, which are faster
/// than generic ones, and are all that some OpenCL devices know.
/// </summary>
/// <remarks>
/// ILGPU's own way there is the level O2, which also sinks a load to its use, past stores and barriers that overwrite what it
/// was to read.
/// </remarks>
internal static class AddressSpaces
{
    public const string Passes = "Backend.KernelTransformers";

    private static readonly PropertyInfo? Transformers =
        Find<ImmutableArray<Transformer>>(typeof(Backend), Passes.Substring(Passes.IndexOf('.', StringComparison.Ordinal) + 1));

    /// <summary>Whether this version of ILGPU lets its passes be set.</summary>
    public static bool CanBeInferred => Transformers is not null;

    /// <summary>Adds the inference to the passes of an accelerator that has address spaces.</summary>
    public static void Infer(Accelerator accelerator)
    {
        if (accelerator is CLAccelerator { Backend: var openCl })
            Infer(openCl);
        else if (accelerator is CudaAccelerator { Backend: var cuda })
            Infer(cuda);
    }

    /// <summary>Adds the inference to a backend's passes, once.</summary>
    public static void Infer(Backend backend)
    {
        if (Transformers is null)
            return;

        // The last group is the device's: those before it put ILGPU's intrinsic functions in place.
        var passes = (ImmutableArray<Transformer>)Transformers.GetValue(backend)!;
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

        Transformers.SetValue(backend, passes.SetItem(passes.Length - 1, builder.ToTransformer()));
    }

    /// <summary>A property that can be set at least by its own assembly.</summary>
    public static PropertyInfo? Find<T>(Type type, string name)
    {
        const BindingFlags any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        var property = type.GetProperty(name, any);
        return property?.SetMethod is not null && property.PropertyType == typeof(T) ? property : null;
    }
}
