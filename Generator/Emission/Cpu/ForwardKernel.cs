using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Cpu;

/// <summary>The forward kernel: load the step's inputs, compute the next states, write the output.</summary>
internal static class ForwardKernel
{
    public static void Write(CodeWriter code, LayerPlan plan)
    {
        var schedule = plan.Kernels.Forward(hoist: true);
        var expressions = new ExpressionWriter(schedule.Names, new VectorDialect(plan.IsDouble));
        var cell = plan.Cell;
        code.Line("[MethodImpl(MethodImplOptions.AggressiveOptimization)]");
        using (code.Block(
            $"""
            public static void Forward<TLanes>(in ScanBlock<{CpuKernelEmitter.Scalar(plan)}> block)
                where TLanes : struct, ILaneAccess<{CpuKernelEmitter.Scalar(plan)}>
            """))
        {
            if (ReadsParameters(plan, schedule))
                code.Line("ref var parameters = ref block.Parameters;");
            code.Line(
                """
                ref var state = ref block.State;
                nint first = block.FirstChannel, end = block.EndChannel;
                var lanes = block.Lanes;
                """);
            if (Reads(schedule, SymbolKind.Projection))
                code.Line($"var preactivationsAhead = block.RowsAhead * {CpuKernelEmitter.Factor(plan.Projections)};");
            if (Reads(schedule, SymbolKind.Input))
                code.Line("var inputAhead = block.RowsAhead * Channels;");
            if (cell.KeepsStates)
                code.Line("var savesStates = block.SavesStates;");
            HoistedRows.Write(code, plan, schedule, expressions);
            using (code.Block("for (var step = block.FirstStep; step < block.EndStep; step++)"))
            {
                code.Line("var row = block.Row(step);");
                if (Reads(schedule, SymbolKind.Projection))
                    code.Line($"ref var preactivations = ref Buffers.Row(ref block.Preactivations, row, {CpuKernelEmitter.Width(plan.Projections)});");
                if (Reads(schedule, SymbolKind.Input))
                    code.Line("ref var input = ref Buffers.Row(ref block.Input, row, Channels);");
                code.Line("ref var output = ref Buffers.Row(ref block.Output, row, Channels);");
                if (cell.KeepsStates)
                    code.Line($"ref var states = ref Buffers.Row(ref block.States, row, {CpuKernelEmitter.Width(plan.States)});");
                using (code.Block("for (var channel = first; channel < end; channel += Lanes.Count)"))
                    Body(code, plan, schedule, expressions);
            }
        }
    }

    private static void Body(CodeWriter code, LayerPlan plan, Schedule schedule, ExpressionWriter expressions)
    {
        if (Reads(schedule, SymbolKind.Projection))
            CpuKernelEmitter.Prefetch(code, "preactivations", plan.Projections);
        if (Reads(schedule, SymbolKind.Input))
            CpuKernelEmitter.Prefetch(code, "input", 1);
        code.Line();
        foreach (var load in schedule.Loads)
            code.Line($"var {schedule.Names[load]} = {CpuKernelEmitter.Load(plan, load.Symbol!, "state")};");
        HoistedRows.Load(code, schedule);
        code.Line();
        CpuKernelEmitter.Values(code, schedule.Values, schedule.Names, expressions);
        code.Line();
        var states = schedule.Results.Where(result => result.Target.Kind == SymbolKind.State).ToList();
        foreach (var (target, value) in states)
            code.Line($"TLanes.Store({expressions.Use(value)}, ref state, {CpuKernelEmitter.At(target.Index)}, lanes);");
        var output = plan.Cell.Output is null ? states[0].Value : schedule.Results[schedule.Results.Length - 1].Value;
        code.Line($"TLanes.Write({expressions.Use(output)}, ref output, channel, lanes);");
        if (!plan.Cell.KeepsStates)
            return;
        using (code.Block("if (savesStates)"))
        {
            foreach (var (target, value) in states)
                code.Line($"TLanes.Write({expressions.Use(value)}, ref states, {CpuKernelEmitter.At(target.Index)}, lanes);");
        }
    }

    public static bool Reads(Schedule schedule, SymbolKind kind) => schedule.Loads.Any(load => load.Symbol!.Kind == kind);

    public static bool ReadsParameters(LayerPlan plan, Schedule schedule) => schedule.Hoisted is not null || schedule.Loads.Any(load =>
        load.Symbol!.Kind == SymbolKind.Weight || (plan.Bias && load.Symbol.Kind == SymbolKind.Projection));
}
