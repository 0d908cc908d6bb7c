using BenchmarkDotNet.Attributes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using MinRnn.Generator;

namespace MinRnn.Bench.Suites;

/// <summary>The generator over a compilation of twenty cells and twenty layers, a file each pair.</summary>
public class GeneratorBenchmarks
{
    private const int Declarations = 20;

    private MetadataReference[] _references = [];
    private SyntaxTree[] _trees = [];
    private SyntaxTree[] _unrelated = [];
    private SyntaxTree[] _edited = [];
    private GeneratorDriver? _warm;

    /// <summary>Makes the sources, and a driver that has run over them.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        _references = [.. platform.Select(path => MetadataReference.CreateFromFile(path))];
        _trees = [.. Enumerable.Range(0, Declarations).Select(index => Tree(index, "")), Other("")];
        _unrelated = [.. _trees[..^1], Other(" + 1")];
        _edited = [Tree(0, " + 0.25f"), .. _trees[1..]];
        _warm = Driver().RunGeneratorsAndUpdateCompilation(Compilation(_trees), out var output, out _);
        var errors = output.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).ToArray();
        if (errors.Length > 0 || output.SyntaxTrees.Count() <= _trees.Length + Declarations)
            throw new InvalidOperationException($"The generator's output does not compile: {string.Join("; ", errors.Take(3))}");
    }

    /// <summary>A first run: what a command-line build pays.</summary>
    [Benchmark(Baseline = true)]
    public GeneratorDriver Cold() => Driver().RunGenerators(Compilation(_trees));

    /// <summary>After an edit to a file without declarations: what typing pays.</summary>
    [Benchmark]
    public GeneratorDriver UnrelatedEdit() => _warm!.RunGenerators(Compilation(_unrelated));

    /// <summary>After an edit to one cell.</summary>
    [Benchmark]
    public GeneratorDriver CellEdit() => _warm!.RunGenerators(Compilation(_edited));

    // Made anew each time: what a compilation has bound already, it does not bind again.
    private CSharpCompilation Compilation(SyntaxTree[] trees) => CSharpCompilation.Create(
        "Sample",
        trees,
        _references,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

    private static GeneratorDriver Driver() => CSharpGeneratorDriver.Create(new LayerGenerator());

    private static SyntaxTree Tree(int index, string edit) => CSharpSyntaxTree.ParseText(
        $$"""
        using MinRnn;
        using static MinRnn.CellMath;

        namespace Sample;

        [RecurrentCell]
        public static partial class Cell{{index}}
        {
            public static float Step([State] float h, float gate, float candidate, [Weight(Initial = 1f)] float decay)
            {
                var keep = Sigmoid(gate{{edit}}) * Exp(-Softplus(decay));
                return keep * h + (1 - keep) * Tanh(candidate + {{index}});
            }
        }

        [RecurrentLayer(typeof(Cell{{index}}), InputSize = 64, HiddenSize = 128)]
        public partial class Layer{{index}};
        """,
        path: $"Cell{index}.cs");

    private static SyntaxTree Other(string edit) => CSharpSyntaxTree.ParseText(
        $$"""
        namespace Sample;

        internal static class Other
        {
            public static int Add(int a, int b) => a + b{{edit}};
        }
        """,
        path: "Other.cs");
}
