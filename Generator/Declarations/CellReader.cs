using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using MinRnn.Generator.Diagnostics;
using MinRnn.Generator.Recurrence;
using SymbolKind = MinRnn.Generator.Recurrence.SymbolKind;

namespace MinRnn.Generator.Declarations;

/// <summary>Reads a class marked <c>[RecurrentCell]</c>: its methods, the roles of their parameters, and their graph.</summary>
internal static class CellReader
{
    /// <summary>Elements of a state at most: a block of channels has them all in the nearest caches.</summary>
    private const int MaxStateSize = 256;

    public static CellSpec? Read(INamedTypeSymbol type, Compilation compilation, Report report, CancellationToken cancellation)
    {
        var spec = TypeReader.Read(type, TypeReader.CellAttribute, report);
        TypeReader.CheckLanguage(type, compilation, report);
        if (!type.IsStatic)
            report.Add(Descriptors.CellNotStatic, TypeReader.LocationOf(type), type.Name);
        var cell = Compile(type, compilation, report, cancellation);
        if (spec is null)
            return null;
        return new CellSpec(spec, TypeReader.FullName(type), report.HasErrors || cell is null ? null : GraphPrinter.Print(cell));
    }

    /// <summary>The cell's graph as its methods spell it, before any simplification.</summary>
    public static Cell? Compile(INamedTypeSymbol type, Compilation compilation, Report report, CancellationToken cancellation)
    {
        var steps = Methods(type, "Step");
        var outputs = Methods(type, "Output");
        var hasGenericOutput = type.GetMembers("Output").Any(member => member is IMethodSymbol { IsStatic: true, IsGenericMethod: true });
        if (steps.Count != 1 || outputs.Count > 1 || hasGenericOutput)
        {
            report.Add(Descriptors.NoStep, TypeReader.LocationOf(type), type.Name,
                steps.Count switch { 0 => "none", 1 => hasGenericOutput ? "a generic Output" : "more than one Output", var count => count });
            return null;
        }

        var options = type.GetAttributes()
            .FirstOrDefault(attribute => TypeReader.FullName(attribute.AttributeClass) == TypeReader.CellAttribute);
        var stateSize = Option<int>(options, "StateSize");
        if (stateSize is < 0 or > MaxStateSize || (stateSize == 0 && options!.NamedArguments.Any(option => option.Key == "StateSize")))
            report.Add(Descriptors.SizeOutOfRange, TypeReader.LocationOf(options!, "StateSize"), "StateSize", type.Name, stateSize, $"from 1 to {MaxStateSize}");
        var roles = new ParameterReader(type, stateSize, report);
        var stepSymbols = roles.Read(steps[0]);
        var states = stepSymbols.Where(symbol => symbol?.Kind == SymbolKind.State).Select(symbol => symbol!).ToList();

        // What has no role may have been meant to be a state.
        if (stepSymbols.Any(symbol => symbol is null))
            return null;
        if (states.Count == 0)
            report.Add(Descriptors.NoState, TypeReader.LocationOf(steps[0]));
        CheckReturn(steps[0], states.Count, report);
        var outputSymbols = outputs.Count == 0 ? null : roles.Read(outputs[0]);
        if (outputs.Count > 0)
            CheckReturn(outputs[0], 1, report);
        roles.CheckHalves();
        if (report.HasErrors)
            return null;

        var graph = new GraphBuilder(simplify: false);
        var context = new CellContext(type, compilation, graph, report, cancellation);
        var stepped = MethodBody.Follow(context, steps[0], [.. stepSymbols.Select(symbol => Symbol(graph, symbol!))], null);
        var next = stepped switch
        {
            Value.Single one => [one.Node],
            Value.Several several => several.Items.OfType<Value.Single>().Select(item => item.Node).ToImmutableArray(),
            _ => ImmutableArray<Expr>.Empty,
        };
        if (next.Length != states.Count)
            return null;
        Expr? output = null;
        if (outputSymbols is not null)
        {
            // The states that Output sees are those after the step.
            var arguments = outputSymbols.Select(symbol =>
                symbol!.Kind == SymbolKind.State ? new Value.Single(next[symbol.Index]) : Symbol(graph, symbol)).ToList();
            if (MethodBody.Follow(context, outputs[0], arguments, null) is not Value.Single result)
                return null;
            output = result.Node;
        }

        return report.HasErrors || !context.CheckDepth(output is null ? next : next.Add(output))
            ? null
            : new Cell(TypeReader.FullName(type), [.. roles.Parameters], next, output, Option<bool>(options, "AllowUnboundedScan"), stateSize);
    }

    private static T Option<T>(AttributeData? attribute, string name)
        where T : struct => attribute?.NamedArguments.FirstOrDefault(argument => argument.Key == name).Value.Value is T value ? value : default;

    private static List<IMethodSymbol> Methods(INamedTypeSymbol type, string name) =>
        [.. type.GetMembers(name).OfType<IMethodSymbol>().Where(method => method is { IsStatic: true, IsGenericMethod: false })];

    private static Value Symbol(GraphBuilder graph, Symbol symbol) => new Value.Single(graph.Symbol(symbol));

    private static void CheckReturn(IMethodSymbol method, int floats, Report report)
    {
        var items = method.ReturnType is INamedTypeSymbol { IsTupleType: true } tuple
            ? tuple.TupleElements.Select(element => element.Type).ToList()
            : [method.ReturnType];
        if (items.Any(item => item.TypeKind == TypeKind.Error))
        {
            report.Fail();
            return;
        }

        if (items.Count == System.Math.Max(floats, 1) && items.All(item => item.SpecialType == SpecialType.System_Single))
            return;
        var wanted = floats <= 1 ? "'float'" : $"a tuple of {floats} floats, one for each [State] in their order";
        report.Add(Descriptors.BadReturn, TypeReader.LocationOf(method), method.Name, wanted);
    }
}
