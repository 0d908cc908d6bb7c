using System.Reflection;
using MinRnn.Generator.Recurrence;
using Cell = MinRnn.Generator.Recurrence.Cell;

namespace MinRnn.Tests.Common;

/// <summary>The graphs of compiled cells, as other assemblies read them.</summary>
internal static class CellGraphs
{
    public static Cell Of(Type cell) => GraphParser.Parse(cell.GetCustomAttribute<CellGraphAttribute>()!.Graph);

    public static IReadOnlyList<Type> BuiltIn { get; } =
        [.. typeof(MinGru).Assembly.GetTypes().Where(type => type.IsDefined(typeof(RecurrentCellAttribute), false)).OrderBy(type => type.Name)];
}
