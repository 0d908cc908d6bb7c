using System.Reflection;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace MinRnn.Ilgpu;

/// <summary>The CUDA devices of a context.</summary>
internal static class CudaDevices
{
    /// <summary>Where a builder keeps its devices.</summary>
    internal static readonly PropertyInfo? Registry =
        typeof(Context.Builder).GetProperty("DeviceRegistry", BindingFlags.Instance | BindingFlags.NonPublic);

    /// <summary>Adds the devices, if there are any.</summary>
    /// <exception cref="NotSupportedException">ILGPU has changed; only on Windows' Linux, in a second context.</exception>
    public static void AddTo(Context.Builder builder)
    {
        if (!Environment.Is64BitProcess)
            return;
        try
        {
            builder.Cuda();
        }
        catch (InvalidOperationException)
        {
            // On Windows' Linux ILGPU sets its import resolver in each context, and .NET refuses the second.
            Register(builder);
        }
    }

    /// <summary>Does what <see cref="CudaContextExtensions.Cuda(Context.Builder)"/> does after it has set the resolver.</summary>
    internal static void Register(Context.Builder builder)
    {
        if (Registry?.GetValue(builder) is not DeviceRegistry registry)
        {
            throw new NotSupportedException(
                $"ILGPU {typeof(Context).Assembly.GetName().Version} has no Context.Builder.DeviceRegistry, without which only "
                + "the first context of a process gets CUDA devices here.");
        }

        foreach (var device in CudaDevice.GetDevices(found => found is { Architecture: not null, InstructionSet: not null }))
            registry.Register(device);
    }
}
