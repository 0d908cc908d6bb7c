using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MinRnn.Tests.Generator.Harness;

/// <summary>A compilation before and after the generator, and what the generator did.</summary>
internal sealed record Build(CSharpCompilation Input, CSharpCompilation Output, GeneratorDriverRunResult Result)
{
    public ImmutableArray<GeneratedSourceResult> Sources => Result.Results[0].GeneratedSources;

    public IEnumerable<string> FileNames => Sources.Select(source => source.HintName);

    /// <summary>The text of one generated file.</summary>
    public string this[string fileName] => Sources.Single(source => source.HintName == fileName).SourceText.ToString();

    public IEnumerable<Diagnostic> Errors => Output.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);

    public IEnumerable<Diagnostic> ErrorsAndWarnings => Output.GetDiagnostics().Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning);

    /// <summary>What the analyzer reports, generated code included in the compilation as in a real build.</summary>
    public ImmutableArray<Diagnostic> Analysis => Compiler.Analyze(Output);

    /// <summary>The generator neither threw nor reported: diagnostics are the analyzer's.</summary>
    public Build AssertRan()
    {
        var result = Result.Results[0];
        Assert.True(result.Exception is null, $"The generator threw: {result.Exception}\n{Input.SyntaxTrees[0]}");
        Assert.Empty(Result.Diagnostics);
        return this;
    }

    /// <summary>Not one error, and not one warning; whether the user writes doc comments is the user's business.</summary>
    public Build AssertClean()
    {
        AssertRan();
        var found = ErrorsAndWarnings.Where(diagnostic => diagnostic.Id != "CS1591" || IsGenerated(diagnostic)).ToList();
        Assert.True(found.Count == 0, Describe(found));
        return this;
    }

    /// <summary>
    /// Generated code adds no error: none stands in it, and none stands in the user's code that was not there without it.
    /// </summary>
    public Build AssertAddsNoError()
    {
        AssertRan();
        var before = Input.GetDiagnostics().Select(Place).ToHashSet();
        var added = Errors.Where(error => !before.Contains(Place(error))).ToList();
        Assert.True(added.Count == 0, Describe(added));
        return this;
    }

    public MetadataReference ToReference()
    {
        using var image = Emit();
        return MetadataReference.CreateFromStream(image);
    }

    /// <summary>Loads the assembly, each time into a context of its own.</summary>
    public Assembly Load()
    {
        using var image = Emit();
        return new AssemblyLoadContext(null, isCollectible: true).LoadFromStream(image);
    }

    private bool IsGenerated(Diagnostic diagnostic) => diagnostic.Location.SourceTree is { } tree && !Input.ContainsSyntaxTree(tree);

    private static (string Id, string Path, Microsoft.CodeAnalysis.Text.TextSpan Span) Place(Diagnostic diagnostic) =>
        (diagnostic.Id, diagnostic.Location.SourceTree?.FilePath ?? "", diagnostic.Location.SourceSpan);

    private MemoryStream Emit()
    {
        var image = new MemoryStream();
        var emitted = Output.Emit(image);
        Assert.True(emitted.Success, Describe(emitted.Diagnostics));
        image.Position = 0;
        return image;
    }

    private static string Describe(IEnumerable<Diagnostic> diagnostics)
    {
        var list = diagnostics.ToList();
        var trees = list.Select(diagnostic => diagnostic.Location.SourceTree).OfType<SyntaxTree>().Distinct();
        return string.Join("\n", list.Select(diagnostic => diagnostic.ToString()).Concat(trees.Select(tree => $"--- {tree.FilePath}\n{tree}")));
    }
}
