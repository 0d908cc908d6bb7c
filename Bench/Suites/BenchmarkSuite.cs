using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Loggers;

namespace MinRnn.Bench.Suites;

/// <summary>A class of benchmarks and what it is for.</summary>
internal sealed record BenchmarkSuite(Type Type, string Summary)
{
    public static IReadOnlyList<BenchmarkSuite> All { get; } =
    [
        new(typeof(ScanBenchmarks), "Fused kernels forward and backward, beside a copy of as many bytes."),
        new(typeof(LayerBenchmarks), "A layer's training step, beside its linear map and libtorch's layers."),
        new(typeof(ModelBenchmarks), "A small sequence model: training step, prediction, generation."),
        new(typeof(GeneratorBenchmarks), "The generator over forty declarations: cold, and after edits."),
    ];
}

/// <summary>The console, a Markdown file and the default columns.</summary>
internal sealed class SuiteConfig : ManualConfig
{
    public SuiteConfig()
    {
        AddLogger(ConsoleLogger.Default);
        AddColumnProvider(DefaultColumnProviders.Instance);
        AddExporter(MarkdownExporter.GitHub);
    }

    /// <summary>
    /// Arguments that run the suites in this process: a child process would be built anew, with libtorch beside it.
    /// </summary>
    public static string[] InProcess(string[] arguments) =>
        arguments.Contains("--inProcess") || arguments.Contains("-i") ? arguments : [.. arguments, "--inProcess"];
}
