using System.Linq;
using System.Text;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission;

/// <summary>The recurrence as a doc comment: what the kernels below it compute.</summary>
internal static class Formula
{
    public static void Write(CodeWriter code, Cell cell)
    {
        var text = new StringBuilder();
        var results = cell.NextStates.Select((next, i) => ("next " + cell.States.ElementAt(i).Name, next)).ToList();
        if (cell.Output is not null)
            results.Add(("output", cell.Output));
        GraphPrinter.Print(text, results, cell.Parameters.Select(parameter => parameter.Name));
        code.Line("/// <summary>").Line($"/// {cell.ShortName}:").Line("/// <code>");
        foreach (var line in text.ToString().TrimEnd('\n').Split('\n'))
            code.Line("/// " + line.Replace("&", "&amp;").Replace("<", "&lt;"));
        code.Line("/// </code>").Line("/// </summary>");
    }
}
