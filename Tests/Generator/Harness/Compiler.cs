using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using MinRnn.Generator;

namespace MinRnn.Tests.Generator.Harness;

/// <summary>Compiles C# text as a user's project would: strictest warnings, nullable, checked arithmetic, no implicit usings.</summary>
internal static class Compiler
{
    /// <summary>The newest version that this compiler has a number for; <see cref="LanguageVersion.Preview"/> is C# 14.</summary>
    public const LanguageVersion Language = LanguageVersion.CSharp13;

    /// <summary>The imports of a typical file of cells. They stand on one line, so that line 2 is a test's first.</summary>
    public const string Usings = "using MinRnn; using static MinRnn.CellMath;\n";

    private static readonly CSharpCompilationOptions Options = new(
        OutputKind.DynamicallyLinkedLibrary,
        optimizationLevel: OptimizationLevel.Release,
        checkOverflow: true,
        allowUnsafe: false,
        generalDiagnosticOption: ReportDiagnostic.Default,
        warningLevel: 9999,
        // As the SDK has it: references compiled against an older framework are no fault of the user's.
        specificDiagnosticOptions: [new("CS1701", ReportDiagnostic.Suppress), new("CS1702", ReportDiagnostic.Suppress)],
        deterministic: true,
        concurrentBuild: false,
        nullableContextOptions: NullableContextOptions.Enable);

    public static CSharpCompilation Compilation(
        string source,
        Targets targets = Targets.All,
        LanguageVersion language = Language,
        OptimizationLevel optimization = OptimizationLevel.Release,
        string assembly = "Sample") =>
        Compilation([("Sample.cs", source)], targets, language, optimization, assembly);

    public static CSharpCompilation Compilation(
        IEnumerable<(string Path, string Text)> files,
        Targets targets = Targets.All,
        LanguageVersion language = Language,
        OptimizationLevel optimization = OptimizationLevel.Release,
        string assembly = "Sample") =>
        CSharpCompilation.Create(
            assembly,
            files.Select(file => Parse(file.Path, file.Text, language)),
            References.Of(targets),
            Options.WithOptimizationLevel(optimization));

    public static SyntaxTree Parse(string path, string text, LanguageVersion language = Language) =>
        CSharpSyntaxTree.ParseText(SourceText.From(text, System.Text.Encoding.UTF8), ParseOptions(language), path);

    public static GeneratorDriver Driver(CSharpCompilation compilation, bool tracks = false) => CSharpGeneratorDriver.Create(
        [new LayerGenerator().AsSourceGenerator()],
        parseOptions: (CSharpParseOptions)compilation.SyntaxTrees[0].Options,
        driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: tracks));

    public static Build Build(CSharpCompilation compilation)
    {
        var driver = Driver(compilation).RunGeneratorsAndUpdateCompilation(compilation, out var output, out _);
        return new Build(compilation, (CSharpCompilation)output, driver.GetRunResult());
    }

    public static Build Build(string source, Targets targets = Targets.All, LanguageVersion language = Language) =>
        Build(Compilation(source, targets, language));

    /// <summary>What the analyzer reports in a compilation, in order of place; with what pragmas suppress, if asked.</summary>
    public static ImmutableArray<Diagnostic> Analyze(Compilation compilation, bool withSuppressed = false)
    {
        var options = new CompilationWithAnalyzersOptions(
            new AnalyzerOptions([]), null, concurrentAnalysis: false, logAnalyzerExecutionTime: false, reportSuppressedDiagnostics: withSuppressed);
        var diagnostics = compilation.WithAnalyzers([new DeclarationAnalyzer()], options).GetAnalyzerDiagnosticsAsync().GetAwaiter().GetResult();
        return [.. diagnostics.OrderBy(diagnostic => diagnostic.Location.SourceSpan.Start).ThenBy(diagnostic => diagnostic.Id, StringComparer.Ordinal)];
    }

    private static CSharpParseOptions ParseOptions(LanguageVersion language) => new(language, DocumentationMode.Diagnose);
}
