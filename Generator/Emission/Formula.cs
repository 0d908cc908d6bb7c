using System.Text;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission;

/// <summary>The recurrence as a doc comment: what the kernels below it compute.</summary>
internal static class Formula
{
    public static void Write(CodeWriter code, LayerPlan plan)
    {
        var (text, cell) = (new StringBuilder(), plan.Cell);
        GraphPrinter.PrintResults(text, cell, number => plan.IsDouble ? Numbers.Print(number) : Numbers.Print((float)number));
        code.Line("/// <summary>").Line($"/// {cell.ShortName}:").Line("/// <code>");
        foreach (var line in text.ToString().TrimEnd('\n').Split('\n'))
            code.Line("/// " + line.Replace("&", "&amp;").Replace("<", "&lt;"));
        code.Line("/// </code>").Line("/// </summary>");
    }
}
