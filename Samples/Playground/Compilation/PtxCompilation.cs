using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using MinRnn.Ilgpu.Cuda;
using MinRnn.Ilgpu.Kernels;
using MinRnn.Ilgpu.Scans;

namespace MinRnn.Samples.Playground.Compilation;

/// <summary>
/// A layer's PTX, for which no device is needed. The file that the generator wrote for ILGPU is compiled into an assembly by itself:
/// what the user typed is not in it.
/// </summary>
internal static class PtxCompilation
{
    private static readonly CSharpCompilation Empty = CSharpCompilation.Create(
        "Kernels",
        references: References.All,
        options: new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, concurrentBuild: false));

    public static PtxListing Run(DeclaredLayer? layer)
    {
        if (layer?.Plan is not { } plan)
            return new PtxListing([], "There is no valid layer.");
        if (layer.Files.FirstOrDefault(file => file.Target == "Gpu") is not { } file)
            return new PtxListing([], $"The vector states of {plan.Cell.ShortName} are too large for a group of a GPU's threads: its layers have kernels for the CPU alone.");
        var context = new AssemblyLoadContext(null, isCollectible: true);
        try
        {
            var kernels = Kernels(Load(context, file));
            return new PtxListing([.. kernels.Select(kernel => new PtxText(kernel.Name, PtxCompiler.Compile(kernel.Method, kernel.GroupSize)))], null);
        }
        finally
        {
            context.Unload();
        }
    }

    private static object Load(AssemblyLoadContext context, GeneratedFile file)
    {
        var tree = CSharpSyntaxTree.ParseText(file.Text, new CSharpParseOptions(LanguageVersion.Preview), file.Name);
        using var image = new MemoryStream();
        var emitted = Empty.AddSyntaxTrees(tree).Emit(image);
        if (!emitted.Success)
            throw new InvalidOperationException($"The generated kernels do not compile: {emitted.Diagnostics.First(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)}");
        image.Position = 0;
        return context.LoadFromStream(image).GetTypes()
            .Select(type => type.GetProperty("DeviceKernels", BindingFlags.Static | BindingFlags.NonPublic)?.GetValue(null))
            .OfType<object>().Single();
    }

    private static IEnumerable<KernelEntry> Kernels(object kernels) => kernels switch
    {
        LayerKernels<double> real => KernelEntry.Of(real.TableOf<double, BatchRows>()),
        LayerKernels<float> real => KernelEntry.Of(real.TableOf<float, BatchRows>()),
        _ => throw new InvalidOperationException($"{kernels.GetType()} has no table of kernels."),
    };
}
