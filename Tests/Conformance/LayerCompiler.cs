using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using MinRnn.Generator;
using MinRnn.Kernels;

namespace MinRnn.Tests.Conformance;

/// <summary>Compiles declarations at run time, through the generator, as a build would.</summary>
internal static class LayerCompiler
{
    /// <summary>Compiles C# source with cells and layers, and gives each layer's description by its class's name.</summary>
    /// <exception cref="InvalidOperationException">The source, or what the generator made of it, does not compile.</exception>
    public static IReadOnlyDictionary<string, LayerDescription> Compile(string source)
    {
        var options = new CSharpParseOptions(LanguageVersion.Preview);
        var compilation = CSharpCompilation.Create(
            "Declared" + Guid.NewGuid().ToString("N"),
            [CSharpSyntaxTree.ParseText(source, options)],
            References.Value,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release));
        CSharpGeneratorDriver.Create([new LayerGenerator().AsSourceGenerator()], parseOptions: options)
            .RunGeneratorsAndUpdateCompilation(compilation, out var complete, out _);
        using var stream = new MemoryStream();
        var result = complete.Emit(stream);
        var errors = result.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).ToList();
        if (!result.Success)
            throw new InvalidOperationException($"{string.Join("\n", errors.Take(5))}\n{source}");
        stream.Position = 0;
        return AssemblyLoadContext.Default.LoadFromStream(stream).GetTypes()
            .Select(type => (type.Name, type.GetProperty("Description", BindingFlags.Static | BindingFlags.NonPublic)))
            .Where(entry => entry.Item2?.PropertyType == typeof(LayerDescription))
            .ToDictionary(entry => entry.Name, entry => (LayerDescription)entry.Item2!.GetValue(null)!);
    }

    // Neither torch nor ILGPU: what is tested here is the CPU core.
    private static readonly Lazy<MetadataReference[]> References = new(() =>
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is var name && !name.StartsWith("MinRnn.", StringComparison.Ordinal)
                && (name.StartsWith("System.", StringComparison.Ordinal) || name is "mscorlib.dll" or "netstandard.dll"))
            .Append(typeof(RecurrentCellAttribute).Assembly.Location)
            .Append(typeof(MinGru).Assembly.Location)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ]);
}
