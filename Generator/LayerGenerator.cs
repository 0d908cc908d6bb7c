using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MinRnn.Generator.Declarations;
using MinRnn.Generator.Emission;
using MinRnn.Generator.Emission.Cpu;
using MinRnn.Generator.Emission.Ilgpu;
using MinRnn.Generator.Emission.Inference;
using MinRnn.Generator.Emission.Torch;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator;

/// <summary>Wires declarations to emitters. What is wrong with a declaration is said by <see cref="DeclarationAnalyzer"/>.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class LayerGenerator : IIncrementalGenerator
{
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var cells = Declared(context, TypeReader.CellAttribute, (type, compilation, report, cancellation) =>
            CellReader.Read(type, compilation, report, cancellation)).WithTrackingName("Cells");
        var layers = Declared(context, TypeReader.LayerAttribute, (type, compilation, report, cancellation) =>
            LayerReader.Layer(type, compilation, report, cancellation)).WithTrackingName("Layers");
        var models = Declared(context, TypeReader.ModelAttribute, (type, compilation, report, cancellation) =>
            LayerReader.Model(type, compilation, report, cancellation)).WithTrackingName("Models");
        var targets = context.CompilationProvider.Select((compilation, _) => TargetReader.Read(compilation)).WithTrackingName("Targets");
        var local = cells.Select((cell, _) => (cell.FullName, cell.Graph)).Collect();

        var layerGraphs = layers.Combine(local).Select((pair, _) => (Spec: pair.Left, Graph: GraphOf(pair.Left.Cell, pair.Right)))
            .Combine(targets).WithTrackingName("LayerGraphs");
        var modelGraphs = models.Combine(local).Select((pair, _) => (Spec: pair.Left, Graph: GraphOf(pair.Left.Cell, pair.Right)))
            .Combine(targets).WithTrackingName("ModelGraphs");

        context.RegisterSourceOutput(cells, (output, cell) => output.AddSource(cell.Type.FileName("Cell"), CellEmitter.Emit(cell)));
        context.RegisterSourceOutput(layerGraphs, (output, entry) => EmitLayer(output, entry.Left.Spec, entry.Left.Graph, entry.Right));
        context.RegisterSourceOutput(modelGraphs, (output, entry) => EmitModel(output, entry.Left.Spec, entry.Left.Graph, entry.Right));
        context.RegisterSourceOutput(targets, (output, target) =>
        {
            if (target is { HasTorch: true, HasLanguage: true })
                output.AddSource("MinRnn.TorchLoading.g.cs", TorchLoadingEmitter.Emit());
        });
    }

    private static void EmitLayer(SourceProductionContext output, LayerSpec spec, string? graph, TargetSpec targets)
    {
        if (graph is null || !targets.HasCore)
        {
            output.AddSource(spec.Type.FileName("Shell"), ShellEmitter.Layer(spec, targets));
            return;
        }

        var plan = LayerPlan.Make(spec, GraphParser.Parse(graph));
        var hasDeviceKernels = targets.HasIlgpu && plan.HasDeviceKernels;
        output.AddSource(spec.Type.FileName("Cpu"), CpuKernelEmitter.Emit(plan, hasDeviceKernels));
        output.AddSource(spec.Type.FileName("Inference"), InferenceLayerEmitter.Emit(plan, targets.HasTorch));
        if (targets.HasTorch)
            output.AddSource(spec.Type.FileName("Torch"), TorchLayerEmitter.Emit(plan, hasDeviceKernels));
        if (hasDeviceKernels)
            output.AddSource(spec.Type.FileName("Gpu"), GpuLayerEmitter.Emit(plan, isLayer: true));
    }

    private static void EmitModel(SourceProductionContext output, ModelSpec spec, string? graph, TargetSpec targets)
    {
        if (graph is null || !targets.HasCore)
        {
            output.AddSource(spec.Type.FileName("Shell"), ShellEmitter.Model(spec, targets));
            return;
        }

        var plan = LayerPlan.Make(spec.Recurrence, GraphParser.Parse(graph));
        var hasDeviceKernels = targets.HasIlgpu && plan.HasDeviceKernels;
        output.AddSource(spec.Type.FileName("Cpu"), CpuKernelEmitter.Emit(plan, hasDeviceKernels, spec));
        output.AddSource(spec.Type.FileName("Inference"), InferenceModelEmitter.Emit(spec, plan, targets.HasTorch));
        if (targets.HasTorch)
            output.AddSource(spec.Type.FileName("Torch"), TorchModelEmitter.Emit(spec, plan, hasDeviceKernels));
        if (hasDeviceKernels)
            output.AddSource(spec.Type.FileName("Gpu"), GpuLayerEmitter.Emit(plan, isLayer: false));
    }

    /// <summary>A cell of this compilation is looked up; one of another assembly came with its graph.</summary>
    private static string? GraphOf(CellReference? cell, ImmutableArray<(string FullName, string? Graph)> local) =>
        cell is null ? null : cell.Graph ?? local.FirstOrDefault(entry => entry.FullName == cell.FullName).Graph;

    private static IncrementalValuesProvider<T> Declared<T>(
        IncrementalGeneratorInitializationContext context,
        string attribute,
        System.Func<INamedTypeSymbol, Compilation, Report, CancellationToken, T?> read)
        where T : class => context.SyntaxProvider
            .ForAttributeWithMetadataName(
                attribute,
                (node, _) => node is ClassDeclarationSyntax,
                (source, cancellation) => IsFirst(source)
                    ? read((INamedTypeSymbol)source.TargetSymbol, source.SemanticModel.Compilation, new Report(), cancellation)
                    : null)
            .Where(spec => spec is not null)
            .Select((spec, _) => spec!);

    /// <summary>Two parts of a type may both carry the attribute, which C# refuses; one of them counts.</summary>
    private static bool IsFirst(GeneratorAttributeSyntaxContext source) =>
        source.TargetSymbol.GetAttributes().First(attribute => SymbolEqualityComparer.Default.Equals(attribute.AttributeClass, source.Attributes[0].AttributeClass))
            .ApplicationSyntaxReference?.GetSyntax().FirstAncestorOrSelf<ClassDeclarationSyntax>() == source.TargetNode;
}
