using MinRnn.Generator.Planning;

namespace MinRnn.Generator.Emission.Cpu;

/// <summary>
/// What depends on weights alone: computed before the first step, a row of the block's channels for each value. The rows are
/// short enough for the nearest cache.
/// </summary>
internal static class HoistedRows
{
    public static void Write(CodeWriter code, LayerPlan plan, Hoisting hoisting)
    {
        var count = hoisting.Values.Count;
        if (count == 0)
            return;
        var rows = count == 1 ? "" : Literals.Int(count) + " * ";
        code.Line(
            $"""

            // What depends on weights alone is the same in every step.
            var width = end - first;
            System.Span<{CpuKernelEmitter.Scalar(plan)}> scratch = stackalloc {CpuKernelEmitter.Scalar(plan)}[{rows}(int)width];
            ref var hoisted = ref scratch[0];
            """);
        using (CpuKernelEmitter.Channels(code))
        {
            var schedule = hoisting.Schedule();
            var expressions = new ExpressionWriter(schedule.Names, new VectorDialect(plan.IsDouble));
            foreach (var load in schedule.Loads)
                code.Line($"var {schedule.Names[load]} = {CpuKernelEmitter.Load(plan, load.Symbol!, "")};");
            expressions.Values(code, schedule.Values);
            foreach (var (symbol, value) in schedule.Results)
                code.Line($"TLanes.Store({expressions.Use(value)}, ref hoisted, {At(symbol.Index)}, lanes);");
        }

        code.Line();
    }

    /// <summary>A value at the current channel.</summary>
    public static string Load(int row) => $"TLanes.Load(ref hoisted, {At(row)}, lanes)";

    private static string At(int row) => row switch
    {
        0 => "channel - first",
        1 => "width + channel - first",
        _ => $"({Literals.Int(row)} * width) + channel - first",
    };
}
