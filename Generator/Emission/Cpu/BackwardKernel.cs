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
        var schedule = plan.Kernels.Backward(hoist: true);
        var expressions = new ExpressionWriter(schedule.Names, new VectorDialect(plan.IsDouble));
        code.Line("[MethodImpl(MethodImplOptions.AggressiveOptimization)]");
        using (code.Block(
            $"""
            public static void Backward<TLanes>(in ScanBlock<{CpuKernelEmitter.Scalar(plan)}> block)
                where TLanes : struct, ILaneAccess<{CpuKernelEmitter.Scalar(plan)}>
            """))
        {
            if (ForwardKernel.ReadsParameters(plan, schedule))
                code.Line("ref var parameters = ref block.Parameters;");
            if (plan.BiasRows + plan.Weights > 0)
                code.Line("ref var parameterGradient = ref block.ParameterGradient;");
            code.Line(
                """
                ref var stateGradient = ref block.StateGradient;
                nint first = block.FirstChannel, end = block.EndChannel;
                var lanes = block.Lanes;
                """);
            if (ForwardKernel.Reads(schedule, SymbolKind.Projection))
                code.Line($"var preactivationsAhead = block.RowsAhead * {CpuKernelEmitter.Factor(plan.Projections)};");
            if (ForwardKernel.Reads(schedule, SymbolKind.Input))
                code.Line("var inputAhead = block.RowsAhead * Channels;");
            if (ForwardKernel.Reads(schedule, SymbolKind.State))
                code.Line($"var previousAhead = block.RowsAhead * {CpuKernelEmitter.Factor(plan.States)};");
            if (ReadsOutputGradient(plan, schedule))
                code.Line("var outputGradientRowAhead = block.RowsAhead * block.OutputGradientWidth;");
            HoistedRows.Write(code, plan, schedule, expressions);
            using (code.Block("for (var step = block.EndStep - 1; step >= block.FirstStep; step--)"))
            {
                Rows(code, plan, schedule);
                using (code.Block("for (var channel = first; channel < end; channel += Lanes.Count)"))
                    Body(code, plan, schedule, expressions);
            }
        }
    }

    private static void Rows(CodeWriter code, LayerPlan plan, Schedule schedule)
    {
        bool Reads(SymbolKind kind) => ForwardKernel.Reads(schedule, kind);
        var states = plan.Cell.KeepsStates ? "States" : "Output";
        code.Line("var row = block.Row(step);");
        if (Reads(SymbolKind.Projection))
            code.Line($"ref var preactivations = ref Buffers.Row(ref block.Preactivations, row, {CpuKernelEmitter.Width(plan.Projections)});");
        if (Reads(SymbolKind.Input))
            code.Line("ref var input = ref Buffers.Row(ref block.Input, row, Channels);");
        if (Reads(SymbolKind.State))
        {
            code.Line(
                $"""
                ref var previous = ref step == 0
                    ? ref block.InitialState
                    : ref Buffers.Row(ref block.{states}, block.Row(step - 1), {CpuKernelEmitter.Width(plan.States)});
                """);
        }

        if (ReadsOutputGradient(plan, schedule))
            code.Line("ref var outputGradientRow = ref Buffers.Row(ref block.OutputGradient, row, block.OutputGradientWidth);");
        if (plan.Projections > 0)
            code.Line($"ref var preactivationGradient = ref Buffers.Row(ref block.PreactivationGradient, row, {CpuKernelEmitter.Width(plan.Projections)});");
        if (plan.Cell.HasInput)
            code.Line("ref var inputGradient = ref Buffers.Row(ref block.InputGradient, row, Channels);");
    }

    private static bool ReadsOutputGradient(LayerPlan plan, Schedule schedule) =>
        ForwardKernel.Reads(schedule, SymbolKind.OutputGradient) || plan.Cell.Output is null;

    private static void Prefetches(CodeWriter code, LayerPlan plan, Schedule schedule)
    {
        if (ForwardKernel.Reads(schedule, SymbolKind.Projection))
            CpuKernelEmitter.Prefetch(code, "preactivations", plan.Projections);
        if (ForwardKernel.Reads(schedule, SymbolKind.Input))
            CpuKernelEmitter.Prefetch(code, "input", 1);
        if (ForwardKernel.Reads(schedule, SymbolKind.State))
            CpuKernelEmitter.Prefetch(code, "previous", plan.States);
        if (ReadsOutputGradient(plan, schedule))
            CpuKernelEmitter.Prefetch(code, "outputGradientRow", 1);
        code.Line();
    }

    private static void Body(CodeWriter code, LayerPlan plan, Schedule schedule, ExpressionWriter expressions)
    {
        Prefetches(code, plan, schedule);
        foreach (var load in schedule.Loads)
            code.Line($"var {schedule.Names[load]} = {CpuKernelEmitter.Load(plan, load.Symbol!, "previous")};");
        HoistedRows.Load(code, schedule);
        code.Line();
        CpuKernelEmitter.Values(code, schedule.Values, schedule.Names, expressions);
        code.Line();
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
                    code.Line($"TLanes.Write({gradient}, ref inputGradient, {at}, lanes);");
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
        var (sign, term) = value.Op == Operators.Negate && !expressions.IsNamed(value) ? ("-", value[0]) : ("+", value);
        var sum = $"{CpuKernelEmitter.LoadFrom("parameterGradient", row)} {sign} {expressions.Use(term, Operator.MultiplicativePrecedence)}";
        code.Line($"TLanes.Store({sum}, ref parameterGradient, {CpuKernelEmitter.At(row)}, lanes);");
    }
}
