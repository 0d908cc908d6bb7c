using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using MinRnn.Generator.Declarations;
using MinRnn.Generator.Diagnostics;
using MinRnn.Generator.Differentiation;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Planning.VectorStates;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator;

/// <summary>Reports every MRNN diagnostic, from the same readers that the generator uses, at locations that can be suppressed.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class DeclarationAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
    [
        .. typeof(Descriptors).GetFields().Select(field => field.GetValue(null)).OfType<DiagnosticDescriptor>(),
    ];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterSymbolAction(Analyze, Microsoft.CodeAnalysis.SymbolKind.NamedType);
    }

    private static void Analyze(SymbolAnalysisContext context)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        var report = new Report(context.ReportDiagnostic);
        // Two parts of a type may both carry an attribute, which C# refuses; what is wrong is said once.
        foreach (var name in type.GetAttributes().Select(attribute => TypeReader.FullName(attribute.AttributeClass)).Distinct())
        {
            switch (name)
            {
                case TypeReader.CellAttribute:
                    if (CellReader.Read(type, context.Compilation, report, context.CancellationToken) is { Graph: { } graph })
                        Inform(type, graph, report);
                    break;
                case TypeReader.LayerAttribute:
                    LayerReader.Layer(type, context.Compilation, report, context.CancellationToken);
                    ReportUnoptimized(context, type, report);
                    break;
                case TypeReader.ModelAttribute:
                    LayerReader.Model(type, context.Compilation, report, context.CancellationToken);
                    ReportUnoptimized(context, type, report);
                    break;
            }
        }
    }

    /// <summary>Tells what a valid cell costs that its author may not know of.</summary>
    private static void Inform(INamedTypeSymbol type, string graph, Report report)
    {
        var source = GraphParser.Parse(graph);
        var cell = Simplifier.Run(source);
        ReportUnread(type, cell, report);
        ReportSequential(type, source, cell, report);
    }

    private static void ReportUnread(INamedTypeSymbol type, Cell cell, Report report)
    {
        var read = cell.Roots.Reachable().Where(value => value.IsSymbol).Select(value => value.Symbol!.Name).ToImmutableHashSet();
        var methods = type.GetMembers("Step").Concat(type.GetMembers("Output")).OfType<IMethodSymbol>();
        foreach (var parameter in cell.Parameters.Except(cell.States).Where(parameter => !read.Contains(parameter.Name)))
        {
            var declared = methods.SelectMany(method => method.Parameters).First(declared => declared.Name == parameter.Name);
            report.Add(Descriptors.Unread, TypeReader.LocationOf(declared), type.Name, parameter.Name);
        }
    }

    private static void ReportSequential(INamedTypeSymbol type, Cell source, Cell cell, Report report)
    {
        var proof = TimeParallelism.Prove(cell);
        var location = TypeReader.LocationOf(type.GetMembers("Step")[0]);
        if (proof.Affinity.Obstacle is { } obstacle)
            report.Add(Descriptors.NotAffine, location, type.Name, GraphPrinter.Brief(obstacle));
        else if (proof is { Holds: false, Unbounded: { } unbounded })
            ReportUnbounded(type, GraphPrinter.Brief(unbounded.Coefficient), unbounded.Range, report, location);
        if (!cell.IsVector)
            return;
        var kernels = KernelPlan.Make(source);
        if (proof.Holds && !kernels.IsTimeParallel)
            report.Add(Descriptors.VectorStates, location, type.Name);
        if (ElementSlices.Of(kernels.Cell, new ElementPlan(kernels), isDouble: false) is null)
            report.Add(Descriptors.NoDeviceKernels, location, type.Name);
    }

    private static void ReportUnbounded(INamedTypeSymbol type, string coefficient, Interval range, Report report, Location? location)
    {
        if (range.Magnitude <= 1)
        {
            report.Add(
                Descriptors.Unbounded, location, type.Name, $"its states by coefficients that together can exceed 1, of which '{coefficient}' is the largest",
                "their sums, over what a state takes or over what it gives,");
        }
        else
        {
            var values = range.Low == range.High ? "" : $", which can be anything in {range}";
            report.Add(Descriptors.Unbounded, location, type.Name, $"its state by '{coefficient}'{values}", "it");
        }
    }

    private static void ReportUnoptimized(SymbolAnalysisContext context, INamedTypeSymbol type, Report report)
    {
        if (context.Compilation.Options.OptimizationLevel == OptimizationLevel.Debug)
            report.Add(Descriptors.Unoptimized, TypeReader.LocationOf(type), type.Name);
    }
}
