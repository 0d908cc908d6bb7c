using System.Linq;
using MinRnn.Generator.Planning;

namespace MinRnn.Generator.Emission.Cpu.VectorStates;

/// <summary>The members of the structure of kernels of a cell with vector states.</summary>
internal static class VectorStateKernels
{
    public static void Write(CodeWriter code, LayerPlan plan)
    {
        var ofChannel = plan.Cell.Parameters.Where(parameter => !parameter.Symbol.IsIndexed)
            .ToDictionary(parameter => parameter.Symbol, parameter => parameter.Name + "Gradient");
        var elements = new ElementPlan(plan.Kernels, ofChannel.Values);
        code.Line($"private const int StateSize = {Literals.Int(plan.StateSize)};").Line();
        if (plan.Shared > 0)
            code.Line($"private const int PreactivationWidth = {(plan.Projections == 0 ? "" : CpuKernelEmitter.Factor(plan.Projections).Trim('(', ')') + " + ")}{Literals.Int(plan.Shared)};").Line();
        code.Line($"public static ScanShape Shape => {CpuKernelEmitter.Shape(plan)};");
        code.Line();
        code.Line($"public static int PreparedRows => {Literals.Int(elements.PreparedRows)};");
        code.Line();
        Preparation(code, plan, elements);
        code.Line();
        VectorStateForward.Write(code, plan, new ElementText(plan, elements, elements.Forward, isBackward: false));
        code.Line();
        VectorStateRecomputation.Write(code, plan, new ElementText(plan, elements, elements.Recomputation, isBackward: false));
        code.Line();
        new VectorStateBackward(plan, new ElementText(plan, elements, elements.Backward, isBackward: true), ofChannel).Write(code);
    }

    private static void Preparation(CodeWriter code, LayerPlan plan, ElementPlan elements)
    {
        var schedule = new ElementSchedule(elements.Preparation, elements.Preparation);
        var text = new ElementText(plan, elements, schedule, isBackward: false);
        using (ElementText.Kernel(code, plan, "Prepare"))
        {
            if (elements.PreparedRows == 0)
                return;
            code.Line("ref var parameters = ref block.Parameters;").Line("ref var prepared = ref block.Prepared;");
            ElementText.Range(code);
            using (ElementText.Channels(code))
            using (ElementText.Elements(code))
            {
                foreach (var load in elements.Preparation.Loads)
                    code.Line($"var {elements.Preparation.Names[load]} = {text.Load(load.Symbol!)};");
                text.Expressions.Values(code, elements.Preparation.Values);
                foreach (var (target, value) in elements.Preparation.Results)
                    code.Line($"TLanes.Store({text.Expressions.Use(value)}, ref prepared, {ElementText.At(elements.RowOf(target), target.IsIndexed)}, lanes);");
            }
        }
    }
}
