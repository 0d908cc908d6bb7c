using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Cpu;

/// <summary>The forward kernel: load the step's inputs, compute the next states, write the output.</summary>
internal static class ForwardKernel
{
    public static void Write(CodeWriter code, LayerPlan plan)
    {
        var hoisting = new Hoisting();
        var schedule = plan.Kernels.Forward(hoisting);
        var expressions = new ExpressionWriter(schedule.Names, new VectorDialect(plan.IsDouble));
        var rows = new InputRows(plan, schedule, readsOutputGradient: false, readsPrevious: false);
        var cell = plan.Cell;
        using (CpuKernelEmitter.Kernel(code, plan, "Forward"))
        {
            if (rows.ReadsParameters)
                code.Line("ref var parameters = ref block.Parameters;");
            code.Line("ref var state = ref block.State;");
            CpuKernelEmitter.Range(code);
            rows.WriteDistances(code);
            if (cell.KeepsStates)
                code.Line("var savesStates = block.SavesStates;");
            HoistedRows.Write(code, plan, hoisting);
            using (code.Block("for (var step = block.FirstStep; step < block.EndStep; step++)"))
            {
                rows.WriteReferences(code);
                code.Line("ref var output = ref Buffers.Row(ref block.Output, row, Channels);");
                if (cell.KeepsStates)
                    code.Line($"ref var states = ref Buffers.Row(ref block.States, row, {CpuKernelEmitter.Width(plan.States)});");
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
}
