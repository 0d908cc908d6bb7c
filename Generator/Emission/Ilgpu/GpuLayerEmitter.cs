using MinRnn.Generator.Planning;

namespace MinRnn.Generator.Emission.Ilgpu;

/// <summary>
/// Emits a layer's ILGPU kernels and the class <c>Gpu</c> that launches them. One source serves CUDA, OpenCL and the simulator.
/// </summary>
internal static class GpuLayerEmitter
{
    /// <summary>The nested class; a layer of this very name goes without it.</summary>
    public const string ClassName = "Gpu";

    public static string Emit(LayerPlan plan)
    {
        var code = new CodeWriter();
        FileHeader.Write(code, plan);
        TypeShell.Write(code, plan.Type, () => GpuClass.Write(code, plan));
        code.Line();
        using (code.Block("namespace MinRnn.Generated"))
        {
            code.Line(
                """
                using System.Runtime.CompilerServices;
                using ILGPU;
                using static MinRnn.Ilgpu.GpuMath;

                """);
            Formula.Write(code, plan.Cell);
            using (code.Block($"file static class {KernelClass(plan)}"))
            {
                var (forward, backward) = (StepFunction.Forward(plan), StepFunction.Backward(plan));
                code.Line($"private const int Channels = {Literals.Int(plan.HiddenSize)};").Line();
                GpuForwardKernel.Write(code, plan, forward);
                code.Line();
                GpuBackwardKernel.Write(code, plan, backward);
                code.Line();
                forward.Write(code, plan);
                code.Line();
                backward.Write(code, plan);
            }
        }

        return code.ToString();
    }

    public static string KernelClass(LayerPlan plan) => plan.Type.PlainName + "GpuKernels";
}
