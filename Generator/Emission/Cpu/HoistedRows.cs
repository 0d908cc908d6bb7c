using MinRnn.Generator.Planning;

namespace MinRnn.Generator.Emission.Cpu;

/// <summary>
/// What depends on weights alone: computed before the first step, a row of the block's channels for each value. The rows are
/// short enough for the nearest cache.
/// </summary>
internal static class HoistedRows
{
    public static void Write(CodeWriter code, LayerPlan plan, Schedule schedule, ExpressionWriter expressions)
    {
        if (schedule.Hoisted is not { } hoisted)
            return;
        var rows = hoisted.Kept.Length == 1 ? "" : Literals.Int(hoisted.Kept.Length) + " * ";
        code.Line(
            $"""

            // What depends on weights alone is the same in every step.
            var width = end - first;
            System.Span<{CpuKernelEmitter.Scalar(plan)}> scratch = stackalloc {CpuKernelEmitter.Scalar(plan)}[{rows}(int)width];
            ref var hoisted = ref scratch[0];
            """);
        using (CpuKernelEmitter.Channels(code))
        {
            foreach (var load in hoisted.Loads)
                code.Line($"var {schedule.Names[load]} = {CpuKernelEmitter.Load(plan, load.Symbol!, "")};");
            expressions.Values(code, hoisted.Values);
            for (var row = 0; row < hoisted.Kept.Length; row++)
                code.Line($"TLanes.Store({schedule.Names[hoisted.Kept[row]]}, ref hoisted, {At(row)}, lanes);");
        }

        code.Line();
    }

    /// <summary>Gives a step its hoisted values, under their names.</summary>
    public static void Load(CodeWriter code, Schedule schedule)
    {
        for (var row = 0; row < schedule.Hoisted?.Kept.Length; row++)
            code.Line($"var {schedule.Names[schedule.Hoisted.Kept[row]]} = TLanes.Load(ref hoisted, {At(row)}, lanes);");
    }

    private static string At(int row) => row switch
    {
        0 => "channel - first",
        1 => "width + channel - first",
        _ => $"({Literals.Int(row)} * width) + channel - first",
    };
}
