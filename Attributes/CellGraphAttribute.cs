using System;
using System.ComponentModel;

namespace MinRnn;

/// <summary>
/// The printed graph of a compiled cell. The generator puts it on the cell's generated part; it is how a cell reaches
/// layers in other assemblies.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class CellGraphAttribute(int version, string graph) : Attribute
{
    /// <summary>The version of the graph's format.</summary>
    public int Version { get; } = version;

    /// <summary>The graph as text: roles of the parameters, nodes, results.</summary>
    public string Graph { get; } = graph;
}
