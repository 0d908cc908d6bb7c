using System.Linq;

namespace MinRnn.Generator.Recurrence;

internal static class Simplifier
{
    /// <summary>The same cell with constants folded, complements made stable and dead nodes dropped.</summary>
    public static Cell Run(Cell cell)
    {
        var import = new GraphBuilder().Importer(_ => null);
        return cell with
        {
            NextStates = [.. cell.NextStates.Select(import)],
            Output = cell.Output is null ? null : import(cell.Output),
        };
    }
}
