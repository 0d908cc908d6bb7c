using Microsoft.CodeAnalysis.Text;

namespace MinRnn.Tests.Generator.Harness;

/// <summary>Source text in which <c>[|</c> and <c>|]</c> mark the place of a diagnostic.</summary>
internal sealed record Marked(string Text, TextSpan Span)
{
    public static Marked Parse(string text)
    {
        var start = text.IndexOf("[|", StringComparison.Ordinal);
        var end = text.IndexOf("|]", StringComparison.Ordinal) - 2;
        Assert.True(start >= 0 && end >= start, "A place must be marked.");
        return new Marked(text.Remove(end + 2, 2).Remove(start, 2), TextSpan.FromBounds(start, end));
    }
}
