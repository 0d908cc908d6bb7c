using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace MinRnn.Tests.Conformance.Ilgpu;

/// <summary>ILGPU's CPU simulator, shared by the tests of a class.</summary>
public sealed class Simulator : IDisposable
{
    private readonly Context context = Context.Create(builder => builder.CPU());

    public Simulator() => Accelerator = context.CreateCPUAccelerator(0);

    public Accelerator Accelerator { get; }

    public void Dispose()
    {
        Accelerator.Dispose();
        context.Dispose();
    }
}
