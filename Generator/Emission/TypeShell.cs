using System;
using System.Collections.Generic;
using MinRnn.Generator.Declarations;

namespace MinRnn.Generator.Emission;

/// <summary>The namespace and the types around a generated part.</summary>
internal static class TypeShell
{
    /// <param name="code">The writer.</param>
    /// <param name="type">The type to add a part to.</param>
    /// <param name="members">Writes its members.</param>
    /// <param name="before">Attributes and docs of the part.</param>
    /// <param name="bases">A base list, with its colon.</param>
    public static void Write(CodeWriter code, TypeSpec type, Action members, string? before = null, string bases = "")
    {
        var open = new Stack<IDisposable>();
        if (type.Namespace.Length > 0)
            open.Push(code.Block("namespace " + type.Namespace));
        foreach (var container in type.Containers)
            open.Push(code.Block(container));
        if (before is not null)
            code.Line(before);
        open.Push(code.Block($"{type.Modifiers} class {type.Name}{bases}"));
        members();
        while (open.Count > 0)
            open.Pop().Dispose();
    }
}
