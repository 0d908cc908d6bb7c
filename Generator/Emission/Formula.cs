using System.Text;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission;

/// <summary>The recurrence as a doc comment: what the kernels below it compute.</summary>
internal static class Formula
{
    public static void Write(CodeWriter code, Cell cell)
    {
        var text = new StringBuilder();
        GraphPrinter.PrintResults(text, cell);
        code.Line("/// <summary>").Line($"/// {cell.ShortName}:").Line("/// <code>");
        foreach (var line in text.ToString().TrimEnd('\n').Split('\n'))
            code.Line("/// " + line.Replace("&", "&amp;").Replace("<", "&lt;"));
        code.Line("/// </code>").Line("/// </summary>");
    }
}
