using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Declarations;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Ilgpu;

/// <summary>The nested class <c>Gpu</c>: what users call with views of their own.</summary>
internal static class GpuClass
{
    public static void Write(CodeWriter code, LayerPlan plan)
    {
        var isBidirectional = plan.Direction == Direction.Bidirectional;
        code.Line(
            """
            /// <summary>
            /// The recurrence on an ILGPU accelerator, without TorchSharp: on pre-activations whose bias is already added. Views are
            /// contiguous, in the accelerator's memory, and nothing waits: the work is enqueued on the caller's stream. An empty view
            /// stands for zeros, or for a result that is not wanted. Instances may be used from several threads.
            /// </summary>
            """);
        using (code.Block($"public sealed class {GpuLayerEmitter.ClassName} : global::System.IDisposable"))
        {
            code.Line("private readonly global::MinRnn.Ilgpu.ScanLauncher launcher;");
            if (isBidirectional)
                code.Line("private readonly long direction;");
            code.Line();
            Constructor(code, plan);
            code.Line();
            Launchers(code, plan);
            code.Line();
            GpuMethods.Forward(code, plan);
            code.Line();
            GpuMethods.Backward(code, plan);
            if (plan.Direction == Direction.Forward)
            {
                code.Line();
                GpuMethods.Step(code, plan);
            }

            code.Line().Line("/// <summary>Releases the small buffers that kernels share. The work that was enqueued must have ended.</summary>");
            code.Line("public void Dispose() => launcher.Dispose();");
        }
    }

    public static string View(LayerPlan plan) => $"global::ILGPU.ArrayView<{KernelText.Scalar(plan)}>";

    private static void Constructor(CodeWriter code, LayerPlan plan)
    {
        code.Line(
            """
            /// <summary>Makes the launcher of this layer's kernels, which are compiled at first use, once for an accelerator.</summary>
            /// <param name="accelerator">Any accelerator of ILGPU; it must outlive this.</param>
            """);
        if (plan.Direction != Direction.Bidirectional)
        {
            code.Line($"public Gpu(global::ILGPU.Runtime.Accelerator accelerator) => launcher = new(accelerator, {Literals.Int(plan.HiddenSize)});");
            return;
        }

        code.Line("/// <param name=\"reverse\">Which of the layer's two directions this runs: false for the first, from the first step to the last.</param>");
        using (code.Block("public Gpu(global::ILGPU.Runtime.Accelerator accelerator, bool reverse)"))
        {
            code.Line(
                $"""
                launcher = new(accelerator, {Literals.Int(plan.HiddenSize)});
                direction = reverse ? -1 : 1;
                """);
        }
    }

    private static void Launchers(CodeWriter code, LayerPlan plan)
    {
        var kernels = "global::MinRnn.Generated." + GpuLayerEmitter.KernelClass(plan);
        foreach (var (name, parameters) in new[] { ("Forward", GpuForwardKernel.Parameters(plan, new KernelNames())), ("Backward", GpuBackwardKernel.Parameters(plan, new KernelNames())) })
        {
            code.Line($"private delegate void {name}Launcher(\n    {string.Join(",\n    ", Launch(parameters))});").Line();
        }

        code.Line(
            $$"""
            /// <summary>Compiles every kernel now, rather than at its first call.</summary>
            public void Warmup()
            {
                LoadForward();
                LoadBackward();
                launcher.Warmup<{{KernelText.Scalar(plan)}}>();
            }

            private ForwardLauncher LoadForward() => launcher.Load<ForwardLauncher>({{kernels}}.Forward);

            private BackwardLauncher LoadBackward() => launcher.Load<BackwardLauncher>({{kernels}}.Backward);
            """);
    }

    private static IEnumerable<string> Launch(IEnumerable<string> parameters) => new[]
    {
        "global::ILGPU.Runtime.AcceleratorStream stream", "global::ILGPU.KernelConfig threads",
    }.Concat(parameters.Select(parameter => parameter.StartsWith("ArrayView", System.StringComparison.Ordinal) ? "global::ILGPU." + parameter : parameter));
}
