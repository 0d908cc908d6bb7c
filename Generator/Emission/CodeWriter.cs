using System;
using System.Text;

namespace MinRnn.Generator.Emission;

/// <summary>Writes indented lines. A multi-line string is written line by line at the current indentation.</summary>
internal sealed class CodeWriter
{
    private readonly StringBuilder text = new();
    private int depth;

    public CodeWriter Line(string lines = "")
    {
        foreach (var line in lines.Replace("\r\n", "\n").Split('\n'))
        {
            if (line.Length > 0)
                text.Append(' ', 4 * depth).Append(line);
            text.Append('\n');
        }

        return this;
    }

    /// <summary>Opens a brace under a heading; disposing the result closes it.</summary>
    public IDisposable Block(string heading)
    {
        Line(heading);
        return Body();
    }

    /// <summary>Opens a brace under what was written last.</summary>
    public IDisposable Body()
    {
        Line("{");
        depth++;
        return new Closer(this);
    }

    public override string ToString() => text.ToString();

    private sealed class Closer(CodeWriter writer) : IDisposable
    {
        public void Dispose()
        {
            writer.depth--;
            writer.Line("}");
        }
    }
}
