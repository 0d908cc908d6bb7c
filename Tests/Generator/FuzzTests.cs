using Microsoft.CodeAnalysis;
using MinRnn.Tests.Generator.Harness;

namespace MinRnn.Tests.Generator;

/// <summary>
/// Cells and declarations outside the language, incomplete or malformed, as they stand in an editor all day. Nothing
/// throws, generated code adds no error to the user's, and a cell that is valid C# but outside the language gets a
/// diagnostic.
/// </summary>
public class FuzzTests
{
    [Theory]
    [MemberData(nameof(FuzzCases.ValidBodiesOutsideTheLanguage), MemberType = typeof(FuzzCases))]
    public void Valid_csharp_outside_the_language_gets_a_diagnostic(string body)
    {
        var build = Check(Cells.WithLayer(Cells.WithStep(body)));
        Assert.Empty(build.Input.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Select(error => error.ToString()));
        Assert.Contains(build.Analysis, diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
        Assert.DoesNotContain("CellGraph", build["Tested.Cell.g.cs"], StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(FuzzCases.BrokenBodies), MemberType = typeof(FuzzCases))]
    public void Broken_bodies_bring_nothing_down(string body) => Check(Cells.WithLayer(Cells.WithStep(body)));

    [Theory]
    [MemberData(nameof(FuzzCases.Declarations), MemberType = typeof(FuzzCases))]
    public void Broken_declarations_bring_nothing_down(string declaration)
    {
        Check(Compiler.Usings + declaration);
        Check(Cells.WithLayer(Compiler.Usings + declaration));
    }

    /// <summary>Nested as deep as the C# compiler itself follows on the stack of a test, or deeper than a cell may be.</summary>
    [Theory]
    [InlineData("=> {0}h;", "gate + ", "")]
    [InlineData("=> {0}h{1};", "-(", ")")]
    [InlineData("=> {0}h{1};", "Sigmoid(", ")")]
    [InlineData("=> {0}candidate;", "gate > 0 ? h : ", "")]
    [InlineData("{ {0} h = gate; {1} return h; }", "if (gate > 0) { ", "}")]
    public void Nesting_brings_nothing_down(string body, string open, string close)
    {
        foreach (var depth in new[] { 60, 600 })
            Check(Cells.WithLayer(Cells.WithStep(body.Replace("{0}", Repeat(open, depth)).Replace("{1}", Repeat(close, depth)))));
    }

    [Theory]
    [InlineData("if (gate > 0) return h; ")]
    [InlineData("if (gate > 0) h += gate; ")]
    [InlineData("if (gate > 0) { if (h > 0) return h; h *= 2; } ")]
    [InlineData("h *= gate; ")]
    [InlineData("h = -h; ")]
    [InlineData("h = Sigmoid(h) * h; ")]
    [InlineData("(h, gate) = (gate * h, h); ")]
    public void Length_brings_nothing_down(string statement)
    {
        foreach (var length in new[] { 60, 5000 })
            Check(Cells.WithLayer(Cells.WithStep($"{{ {Repeat(statement, length)} return h; }}")));
    }

    [Theory]
    [InlineData(60)]
    [InlineData(5000)]
    public void Chains_bring_nothing_down(int length)
    {
        var locals = Enumerable.Range(1, length).Select(i => $"var v{i} = v{i - 1} * gate; ");
        Check(Cells.WithLayer(Cells.WithStep($"{{ var v0 = h; {string.Concat(locals)} return v{length}; }}")));
        var calls = Enumerable.Range(0, length).Select(i => $"static float M{i}(float x) => M{i + 1}(x); ");
        Check(Cells.WithLayer(Cells.WithStep($"=> M0(h); {string.Concat(calls)} static float M{length}(float x) => x;")));
        var doubling = Enumerable.Range(0, length).Select(i => $"static float M{i}(float x) => M{i + 1}(x) * M{i + 1}(-x); ");
        Check(Cells.WithLayer(Cells.WithStep($"=> M0(h); {string.Concat(doubling)} static float M{length}(float x) => x;")));
    }

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    private static bool IsOfCell(Diagnostic diagnostic) => diagnostic.Id.StartsWith("MRNN2", StringComparison.Ordinal);

    /// <summary>
    /// Neither generator nor analyzer throws, nothing generated adds an error, and a cell has either a graph or an error.
    /// </summary>
    private static Build Check(string source)
    {
        var build = Compiler.Build(source);
        build.AssertRan();
        build.AssertAddsNoError();
        Assert.DoesNotContain(build.Analysis, diagnostic => diagnostic.Id == "AD0001");
        foreach (var cell in build.Sources.Where(file => file.HintName == "Tested.Cell.g.cs"))
        {
            var hasGraph = cell.SourceText.ToString().Contains("CellGraph", StringComparison.Ordinal);
            var isReported = build.Analysis.Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
            var isBroken = build.Input.GetDiagnostics().Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
            Assert.True(hasGraph ? !build.Analysis.Any(IsOfCell) : isReported || isBroken, $"Graph: {hasGraph}, reported: {isReported}, broken: {isBroken}.\n{source}");
        }

        return build;
    }
}
