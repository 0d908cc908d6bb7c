using MinRnn.Generator.Declarations;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission;

/// <summary>Emits a cell's part: its printed graph, by which layers in any assembly know it.</summary>
internal static class CellEmitter
{
    public static string Emit(CellSpec cell)
    {
        var code = new CodeWriter();
        FileHeader.Write(code);
        var attribute = cell.Graph is null ? null : $""""
            [global::MinRnn.CellGraph({Literals.Int(GraphPrinter.Version)}, """
            {cell.Graph.TrimEnd('\n')}
            """)]
            """";
        TypeShell.Write(code, cell.Type, () => { }, attribute);
        return code.ToString();
    }
}
