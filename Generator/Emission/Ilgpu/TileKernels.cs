using MinRnn.Generator.Planning;

namespace MinRnn.Generator.Emission.Ilgpu;

/// <summary>
/// The kernels that take tiles: which a group takes, in what order. What it does with them, <see cref="TiledForward"/> and
/// <see cref="TiledBackward"/> write.
/// </summary>
internal static class TileKernels
{
    /// <summary>The kernels of a direction: a group walks a strip's tiles, or takes tile after tile of all strips.</summary>
    public static void Write(CodeWriter code, LayerPlan plan, TransitionText transition, bool isBackward, bool isChained)
    {
        var direction = isBackward ? "Backward" : "Forward";
        var types = KernelText.Types(plan);
        code.Line("/// <summary>A group walks the tiles of a strip of channels.</summary>");
        KernelText.Signature(code, plan, direction + "Tiled", isBackward);
        using (code.Body())
        {
            var walk = Walk("LoopWalk", transition);
            code.Line($"var range = {walk}.Range(scan.Window, scan.Work, Strips);");
            code.Line($"{direction}Tiles<{types}, {walk}>(scan, ref range);");
        }

        code.Line();
        if (!isChained)
            return;
        code.Line("/// <summary>A group takes tile after tile, and finds the state before each in what other groups publish.</summary>");
        KernelText.Signature(code, plan, direction + "Chained", isBackward);
        using (code.Body())
        {
            var walk = Walk("ChainWalk", transition);
            code.Line($"var range = {walk}.First(scan.Window, scan.Work, Strips);");
            using (code.Block("while (range.Tile < range.End)"))
            {
                code.Line($"{direction}Tiles<{types}, {walk}>(scan, ref range);");
                code.Line($"range = {walk}.Next(scan.Window, scan.Work, Strips, range);");
            }
        }

        code.Line();
    }

    private static string Walk(string walk, TransitionText transition) =>
        $"{walk}<{transition.Structure}, {transition.State}, {transition.Scalar}, TRows>";
}
