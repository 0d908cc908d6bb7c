using System.Linq;
using MinRnn.Generator.Emission.Cpu;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Planning.VectorStates;

namespace MinRnn.Generator.Emission.Ilgpu.VectorStates;

/// <summary>The members of the class of kernels of a layer with vector states.</summary>
internal static class VectorKernels
{
    public static void Write(CodeWriter code, LayerPlan plan, ElementSlices slices)
    {
        var elements = plan.Elements;
        var preparation = ElementFunctions.Preparation(elements);
        var (forward, again, backward) = (ElementFunctions.Forward(elements), ElementFunctions.Recomputation(elements), ElementFunctions.Backward(elements, plan.Cell.Output is null));
        var split = VectorTimeSplit.Of(plan, slices);
        Constants(code, plan, slices);
        split?.WriteConstants(code.Line());
        GpuKernels.Table(code.Line(), plan, "null", $"{split?.Table() ?? "null"},\n    Slices: {Literals.Int(slices.Count)});");
        VectorForward.Write(code.Line(), plan, slices, forward, preparation, split is not null);
        new VectorBackward(plan, slices, again, backward, preparation, split is not null).Write(code.Line());
        split?.WriteKernels(code.Line(), again, preparation);
        if (preparation.Results.Count > 0)
            preparation.Write(code.Line(), plan);
        foreach (var function in new[] { forward, again, backward }.SelectMany(functions => functions.All).Concat(split?.Functions ?? []))
            function.Write(code.Line(), plan);
        split?.WriteStructures(code.Line());
    }

    private static void Constants(CodeWriter code, LayerPlan plan, ElementSlices slices)
    {
        code.Line($"private const int StateSize = {Literals.Int(plan.StateSize)};").Line();
        code.Line("/// <summary>Threads of a channel.</summary>").Line($"private const int Slices = {Literals.Int(slices.Count)};").Line();
        if (slices.Count > 1)
            code.Line("/// <summary>Elements of each.</summary>").Line($"private const int Elements = {Literals.Int(slices.Elements)};").Line();
        code.Line("/// <summary>Steps from one kept set of states to the next.</summary>").Line($"private const int CheckpointSteps = {Literals.Int(plan.Kernels.CheckpointSteps)};");
        if (plan.Shared == 0)
            return;
        var channels = plan.Projections == 0 ? "" : CpuKernelEmitter.Factor(plan.Projections) + " + ";
        code.Line().Line("/// <summary>Pre-activations of a step that all channels share.</summary>").Line($"private const int Shared = {Literals.Int(plan.Shared)};");
        code.Line().Line($"private const int PreactivationWidth = {channels}Shared;");
    }
}
