using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Cpu;

/// <summary>
/// The backward kernel: walk the steps last first, recompute what a step computed from its pre-activations and previous
/// states, write the gradients of its inputs and carry those of its states.
/// </summary>
internal static class BackwardKernel
{
    public static void Write(CodeWriter code, LayerPlan plan)
    {
        var hoisting = new Hoisting();
        var schedule = plan.Kernels.Backward(hoisting);
        var expressions = new ExpressionWriter(schedule.Names, new VectorDialect(plan.IsDouble));
        var readsOutputGradient = plan.Cell.Output is null || schedule.Loads.Any(load => load.Symbol!.Kind == SymbolKind.OutputGradient);
        var rows = new InputRows(plan, schedule, readsOutputGradient, readsPrevious: true);
        using (CpuKernelEmitter.Kernel(code, plan, "Backward"))
        {
            if (rows.ReadsParameters)
                code.Line("ref var parameters = ref block.Parameters;");
            if (plan.BiasRows + plan.Weights > 0)
                code.Line("ref var parameterGradient = ref block.ParameterGradient;");
            code.Line("ref var stateGradient = ref block.StateGradient;");
            CpuKernelEmitter.Range(code);
            rows.WriteDistances(code);
            HoistedRows.Write(code, plan, hoisting);
            using (code.Block("for (var step = block.EndStep - 1; step >= block.FirstStep; step--)"))
            {
                rows.WriteReferences(code);
                if (plan.Projections > 0)
                    code.Line($"ref var preactivationGradient = ref Buffers.Row(ref block.PreactivationGradient, row, {CpuKernelEmitter.Width(plan.Projections)});");
                if (plan.Cell.HasInput)
                    code.Line("ref var inputGradients = ref Buffers.Row(ref block.InputGradient, row, Channels);");
                using (CpuKernelEmitter.Channels(code))
                {
                    rows.WriteLoads(code);
                    expressions.Values(code, schedule.Values);
                    code.Line();
                    Results(code, plan, schedule, expressions);
                }
            }
        }
    }

    private static void Results(CodeWriter code, LayerPlan plan, Schedule schedule, ExpressionWriter expressions)
    {
        foreach (var (target, value) in schedule.Results)
        {
            var gradient = expressions.Use(value);
            var at = CpuKernelEmitter.At(target.Index);
            switch (target.Kind)
            {
                case SymbolKind.Projection:
                    code.Line($"TLanes.Write({gradient}, ref preactivationGradient, {at}, lanes);");
                    break;
                case SymbolKind.Input:
                    code.Line($"TLanes.Write({gradient}, ref inputGradients, {at}, lanes);");
                    break;
                case SymbolKind.State:
                    code.Line($"TLanes.Store({gradient}, ref stateGradient, {at}, lanes);");
                    break;
            }

            if (target.Kind == SymbolKind.Projection && plan.Bias)
                Accumulate(code, value, expressions, target.Index);
            if (target.Kind == SymbolKind.Weight)
                Accumulate(code, value, expressions, plan.BiasRows + target.Index);
        }
    }

    private static void Accumulate(CodeWriter code, Expr value, ExpressionWriter expressions, int row)
    {
        if (value.Is(0))
            return;
        var sum = CpuKernelEmitter.Plus(CpuKernelEmitter.LoadFrom("parameterGradient", row), value, expressions);
        code.Line($"TLanes.Store({sum}, ref parameterGradient, {CpuKernelEmitter.At(row)}, lanes);");
    }
}
