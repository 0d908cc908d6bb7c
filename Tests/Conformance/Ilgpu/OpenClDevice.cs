using ILGPU;
using ILGPU.Runtime;
using MinRnn.Ilgpu;

namespace MinRnn.Tests.Conformance.Ilgpu;

/// <summary>The preferred OpenCL device, shared by the tests of a class; PoCL is one without a GPU.</summary>
public sealed class OpenClDevice : IDisposable
{
    private static readonly Lazy<string?> Reason = new(Look);
    private readonly Context context = Accelerators.CreateContext();

    public OpenClDevice()
    {
        if (Missing is null)
            Accelerator = context.CreateAccelerator(AcceleratorType.OpenCL);
    }

    /// <summary>Why there is no device, or null where there is one.</summary>
    public static string? Missing => Reason.Value;

    /// <summary>Null where there is no device, and tests marked with <see cref="OpenClFactAttribute"/> are skipped.</summary>
    public Accelerator? Accelerator { get; }

    public void Dispose()
    {
        Accelerator?.Dispose();
        context.Dispose();
    }

    private static string? Look()
    {
        using var context = Accelerators.CreateContext();
        try
        {
            context.CreateAccelerator(AcceleratorType.OpenCL).Dispose();
            return null;
        }
        catch (NotSupportedException exception)
        {
            return exception.Message;
        }
    }
}

/// <summary>A test that is skipped, and says why, where there is no OpenCL device.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OpenClFactAttribute : FactAttribute
{
    public OpenClFactAttribute() => Skip = OpenClDevice.Missing;
}

/// <inheritdoc cref="OpenClFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OpenClTheoryAttribute : TheoryAttribute
{
    public OpenClTheoryAttribute() => Skip = OpenClDevice.Missing;
}
