using MinRnn.Generator.Planning;

namespace MinRnn.Generator.Emission.Ilgpu;

/// <summary>
/// Emits the ILGPU kernels of a layer, or of a model's recurrence, and for a layer the class <c>Gpu</c> that launches them. One
/// source serves CUDA, OpenCL and the simulator.
/// </summary>
internal static class GpuLayerEmitter
{
    /// <summary>The nested class; a layer of this very name goes without it.</summary>
    public const string ClassName = "Gpu";

    public static string Emit(LayerPlan plan, bool isLayer)
    {
        var code = new CodeWriter();
        FileHeader.Write(code, plan);
        TypeShell.Write(code, plan.Type, () =>
        {
            code.Line(
                $$"""
                /// <summary>The kernels for devices with memory of their own.</summary>
                internal static global::MinRnn.Kernels.DeviceKernels DeviceKernels { get; } = new global::MinRnn.Generated.{{KernelClass(plan)}}();
                """);
            if (isLayer && plan.Type.PlainName != ClassName)
                GpuClass.Write(code.Line(), plan);
        });
        code.Line();
        using (code.Block("namespace MinRnn.Generated"))
        {
            code.Line(
                """
                using System.Runtime.CompilerServices;
                using ILGPU;
                using MinRnn.Ilgpu.Kernels;
                using MinRnn.Ilgpu.Scans;
                using MinRnn.Kernels;
                using static MinRnn.Ilgpu.GpuMath;

                """);
            GpuKernels.Write(code, plan);
        }

        return code.ToString();
    }

    public static string KernelClass(LayerPlan plan) => plan.Type.PlainName + "GpuKernels";
}
