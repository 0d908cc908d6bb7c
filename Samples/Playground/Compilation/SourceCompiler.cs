using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using MinRnn.Generator;
using MinRnn.Generator.Declarations;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Samples.Playground.Compilation;

/// <summary>
/// Runs the C# compiler with the generator on what was typed, as a build would, and hands on what the generator's own stages made
/// of it. Typed code is never loaded, let alone run.
/// </summary>
internal sealed class SourceCompiler
{
    private const string LayerSteps = "LayerGraphs", ModelSteps = "ModelGraphs";

    private static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.Preview);

    private static readonly CSharpCompilationOptions Options = new(
        OutputKind.DynamicallyLinkedLibrary,
        optimizationLevel: OptimizationLevel.Release,
        concurrentBuild: false,
        nullableContextOptions: NullableContextOptions.Enable);

    /// <summary>What every source is added to, so that the references are bound once. The usings are those of any new project.</summary>
    private static readonly CSharpCompilation Empty = CSharpCompilation.Create(
        "Playground",
        [CSharpSyntaxTree.ParseText(string.Concat(
            new[] { "System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Threading", "System.Threading.Tasks" }
                .Select(name => $"global using global::{name};\n")), ParseOptions, "Usings.cs")],
        References.All,
        Options);

    private readonly SyntaxTree tree;
    private readonly CSharpCompilation complete;

    private SourceCompiler(SyntaxTree tree, CSharpCompilation complete, ImmutableArray<DeclaredLayer> layers)
    {
        (this.tree, this.complete) = (tree, complete);
        Layers = layers;
    }

    /// <summary>The layers and models of the source; one for each cell where the source has none.</summary>
    public ImmutableArray<DeclaredLayer> Layers { get; }

    public static SourceCompiler Run(string source)
    {
        var tree = CSharpSyntaxTree.ParseText(source, ParseOptions, "Cell.cs");
        var compilation = Empty.AddSyntaxTrees(tree);
        if (ImpliedLayers.For(compilation, tree) is { } implied)
            compilation = compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText(implied, ParseOptions, "Layers.cs"));
        var driver = CSharpGeneratorDriver
            .Create([new LayerGenerator().AsSourceGenerator()], parseOptions: ParseOptions, driverOptions: new(default, trackIncrementalGeneratorSteps: true))
            .RunGeneratorsAndUpdateCompilation(compilation, out var complete, out _);
        var result = driver.GetRunResult().Results.Single();
        if (result.Exception is { } exception)
            throw new InvalidOperationException($"The generator failed: {exception.Message}", exception);
        return new SourceCompiler(tree, (CSharpCompilation)complete, [.. LayersOf(result)]);
    }

    /// <summary>The named layer, or else the first; null where there is none.</summary>
    public DeclaredLayer? Find(string? name) => Layers.FirstOrDefault(layer => layer.Name == name) ?? Layers.FirstOrDefault();

    /// <summary>What the C# compiler and the analyzer say of the source.</summary>
    public IReadOnlyList<Note> Diagnose()
    {
        var own = complete.GetSemanticModel(tree).GetDiagnostics();
        var analysis = complete
            .WithAnalyzers([new DeclarationAnalyzer()], new CompilationWithAnalyzersOptions(new AnalyzerOptions([]), null, false, false))
            .GetAnalyzerDiagnosticsAsync().GetAwaiter().GetResult();
        return
        [
            .. own.Concat(analysis.Where(diagnostic => diagnostic.Location.SourceTree == tree))
                .Where(diagnostic => diagnostic.Severity != DiagnosticSeverity.Hidden && !diagnostic.IsSuppressed)
                .Distinct()
                .OrderBy(diagnostic => diagnostic.Location.SourceSpan.Start).ThenBy(diagnostic => diagnostic.Id, StringComparer.Ordinal)
                .Select(NoteOf),
        ];
    }

    private static Note NoteOf(Diagnostic diagnostic)
    {
        var (span, start) = (diagnostic.Location.SourceSpan, diagnostic.Location.GetLineSpan().StartLinePosition);
        return new Note(
            diagnostic.Id,
            diagnostic.Severity.ToString().ToLowerInvariant(),
            diagnostic.GetMessage(CultureInfo.InvariantCulture),
            span.Start,
            span.Length,
            start.Line + 1,
            start.Character + 1);
    }

    /// <summary>The very values that the generator emits from.</summary>
    private static IEnumerable<DeclaredLayer> LayersOf(GeneratorRunResult result)
    {
        foreach (var value in Values(result, LayerSteps).Concat(Values(result, ModelSteps)))
        {
            var (spec, graph) = value switch
            {
                ((LayerSpec layer, string text), TargetSpec) => (layer, text),
                ((LayerSpec layer, null), TargetSpec) => (layer, null),
                ((ModelSpec model, string text), TargetSpec) => (model.Recurrence, text),
                ((ModelSpec model, null), TargetSpec) => (model.Recurrence, null),
                _ => throw new InvalidOperationException($"The generator's step has a {value.GetType()}."),
            };
            yield return new DeclaredLayer(spec, graph is null ? null : LayerPlan.Make(spec, GraphParser.Parse(graph)), FilesOf(result, spec.Type));
        }
    }

    private static IEnumerable<object> Values(GeneratorRunResult result, string step) =>
        result.TrackedSteps.TryGetValue(step, out var runs) ? runs.SelectMany(run => run.Outputs).Select(output => output.Value) : [];

    private static IReadOnlyList<GeneratedFile> FilesOf(GeneratorRunResult result, TypeSpec type) =>
    [
        .. new[] { "Cpu", "Gpu", "Torch", "Inference" }
            .Select(target => (Target: target, Name: type.FileName(target)))
            .Join(result.GeneratedSources, file => file.Name, source => source.HintName,
                (file, source) => new GeneratedFile(file.Target, file.Name, source.SourceText.ToString())),
    ];
}

/// <summary>A layer, or a model's recurrent layer, of the source.</summary>
/// <param name="Spec">As it is declared.</param>
/// <param name="Plan">As it is compiled; null where the declaration is not valid.</param>
/// <param name="Files">What the generator wrote for it.</param>
internal sealed record DeclaredLayer(LayerSpec Spec, LayerPlan? Plan, IReadOnlyList<GeneratedFile> Files)
{
    public string Name => Spec.Type.PlainName;
}
