using MinRnn.Generator.Declarations;
using MinRnn.Generator.Planning;

namespace MinRnn.Generator.Emission.Ilgpu;

/// <summary>The nested class <c>Gpu</c>: what users call with views of their own.</summary>
internal static class GpuClass
{
    public static void Write(CodeWriter code, LayerPlan plan)
    {
        code.Line(
            """
            /// <summary>
            /// The recurrence on an ILGPU accelerator, without TorchSharp: on pre-activations whose bias is already added. Views are
            /// contiguous, in the accelerator's memory, and nothing waits: the work is enqueued on the caller's stream. An empty view
            /// stands for zeros, or for a result that is not wanted. Instances may be used from several threads.
            /// </summary>
            """);
        if (!plan.IsDouble)
        {
            code.Line(
                """
                /// <remarks>
                /// Elements are floats, or of the types ILGPU.Half and MinRnn.Ilgpu.BFloat16, with arithmetic in single precision. Accelerators
                /// of <see cref="global::MinRnn.Ilgpu.Accelerators"/> give the best kernels; at ILGPU's level <c>O2</c> kernels go wrong.
                """);
            if (!plan.Kernels.Affinity.Holds)
            {
                code.Line(
                    """
                    /// The step is not affine in its states: with elements of two bytes, backward reads rounded states, and near a kink it takes
                    /// the other side's derivative.
                    """);
            }

            code.Line("/// </remarks>");
        }

        using (code.Block($"public sealed class {GpuLayerEmitter.ClassName} : global::System.IDisposable"))
        {
            var isBidirectional = plan.Direction == Direction.Bidirectional;
            code.Line($"private readonly global::MinRnn.Ilgpu.AcceleratorScan<{KernelText.Scalar(plan)}> scan;");
            if (isBidirectional)
                code.Line("private readonly long direction;");
            code.Line();
            Constructor(code, plan, isBidirectional);
            code.Line();
            code.Line("/// <summary>Compiles the kernels of batches in this precision now, rather than at their first calls. Sequences and other elements have kernels of their own.</summary>");
            code.Line($"public void Warmup() => scan.Warmup<{KernelText.Scalar(plan)}>();");
            code.Line();
            if (plan.Cell.IsVector)
                KeptSets(code, plan);
            GpuMethods.Forward(code, plan);
            code.Line();
            GpuMethods.Backward(code, plan);
            if (plan.Direction == Direction.Forward)
            {
                code.Line();
                GpuMethods.Step(code, plan);
            }

            code.Line().Line("/// <summary>Releases the memory that kernels share. The work that was enqueued must have ended.</summary>");
            code.Line("public void Dispose() => scan.Dispose();");
        }
    }

    private static void KeptSets(CodeWriter code, LayerPlan plan) => code.Line(
        $"""
        /// <summary>Sets of states that forward keeps for backward, C: those before every {Literals.Int(plan.Kernels.CheckpointSteps)}th step of each row.</summary>
        /// <param name="batch">Rows of the batch, B.</param>
        /// <param name="time">Time steps, T.</param>
        public long KeptSets(long batch, long time) => scan.KeptSets(batch, time);

        /// <summary>The same of sequences.</summary>
        /// <param name="sequences">Where the sequences lie.</param>
        public long KeptSets(global::MinRnn.Kernels.ScanSequences sequences) => scan.KeptSets(sequences);

        """);

    private static void Constructor(CodeWriter code, LayerPlan plan, bool isBidirectional)
    {
        var kernels = $"new global::MinRnn.Generated.{GpuLayerEmitter.KernelClass(plan)}()";
        code.Line(
            """
            /// <summary>Makes the launcher of this layer's kernels, which are compiled at first use, once for an accelerator.</summary>
            /// <param name="accelerator">Any accelerator of ILGPU; it must outlive this.</param>
            """);
        if (!isBidirectional)
        {
            code.Line($"public Gpu(global::ILGPU.Runtime.Accelerator accelerator) => scan = new(accelerator, {kernels});");
            return;
        }

        code.Line("/// <param name=\"reverse\">Which of the layer's two directions this runs: false for the first, from the first step to the last.</param>");
        using (code.Block("public Gpu(global::ILGPU.Runtime.Accelerator accelerator, bool reverse)"))
        {
            code.Line(
                $"""
                scan = new(accelerator, {kernels});
                direction = reverse ? -1 : 1;
                """);
        }
    }
}
