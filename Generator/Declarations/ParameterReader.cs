using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using MinRnn.Generator.Diagnostics;
using MinRnn.Generator.Recurrence;
using SymbolKind = MinRnn.Generator.Recurrence.SymbolKind;

namespace MinRnn.Generator.Declarations;

/// <summary>Reads the parameters of <c>Step</c> and then of <c>Output</c>, and gives each name its role once.</summary>
/// <param name="cell">The cell.</param>
/// <param name="stateSize">Elements of each state; 0 where a state is one number.</param>
/// <param name="report">What is told of errors.</param>
internal sealed class ParameterReader(INamedTypeSymbol cell, int stateSize, Report report)
{
    private static readonly Dictionary<string, SymbolKind> Roles = new(StringComparer.Ordinal)
    {
        ["MinRnn.StateAttribute"] = SymbolKind.State,
        ["MinRnn.InputAttribute"] = SymbolKind.Input,
        ["MinRnn.WeightAttribute"] = SymbolKind.Weight,
        ["MinRnn.ProjectionAttribute"] = SymbolKind.Projection,
    };

    /// <summary>Names that a layer's own parameters have.</summary>
    private static readonly HashSet<string> ReservedWeights = new(StringComparer.Ordinal) { "weight", "bias", "weight_reverse", "bias_reverse" };

    private const int MaxRank = 1 << 20;

    private readonly List<CellParameter> parameters = [];
    private readonly Dictionary<string, Location?> locations = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ImmutableArray<KeyValuePair<string, TypedConstant>>> optionsOf = new(StringComparer.Ordinal);

    public IReadOnlyList<CellParameter> Parameters => parameters;

    public IReadOnlyList<Symbol?> Read(IMethodSymbol method) =>
        [.. method.Parameters.Select(parameter => Read(parameter, isOutput: method.Name == "Output"))];

    /// <summary>Projections of low rank have two parameters of the layer, beside which weights must not have the same names.</summary>
    public void CheckHalves()
    {
        foreach (var projection in parameters.Where(parameter => parameter.Rank > 0))
        {
            foreach (var weight in parameters.Where(parameter => parameter.Symbol.Kind == SymbolKind.Weight
                && (parameter.Name == projection.Name + "_down" || parameter.Name == projection.Name + "_up")))
                report.Add(Descriptors.NameCollision, locations[weight.Name], weight.Name, $"a half of the linear map of '{projection.Name}'");
        }
    }

    private Symbol? Read(IParameterSymbol parameter, bool isOutput)
    {
        var location = TypeReader.LocationOf(parameter);
        if (parameter.Name.Length == 0 || parameter.Type.TypeKind == TypeKind.Error
            || parameter.GetAttributes().Any(attribute => attribute.AttributeClass is null or { TypeKind: TypeKind.Error }))
        {
            // The C# compiler says what is wrong.
            report.Fail();
            return null;
        }

        if (parameter.Type.SpecialType != SpecialType.System_Single || parameter.RefKind != RefKind.None || parameter.IsParams)
        {
            var type = (parameter.RefKind == RefKind.None ? "" : parameter.RefKind.ToString().ToLowerInvariant() + " ") + parameter.Type.ToDisplayString();
            report.Add(Descriptors.BadParameter, location, parameter.Name, type);
            return null;
        }

        var attributes = parameter.GetAttributes().Where(attribute => Roles.ContainsKey(TypeReader.FullName(attribute.AttributeClass))).ToList();
        if (attributes.Count > 1)
        {
            report.Add(Descriptors.RoleConflict, location, parameter.Name, "has more than one role; keep one of [State], [Input], [Weight], [Projection]");
            return null;
        }

        var known = parameters.FirstOrDefault(other => other.Name == parameter.Name);
        var kind = attributes.Count == 0
            ? known?.Symbol.Kind ?? SymbolKind.Projection
            : Roles[TypeReader.FullName(attributes[0].AttributeClass)];
        if (kind == SymbolKind.Projection && Flag(attributes.FirstOrDefault(), "Shared"))
            kind = SymbolKind.Shared;
        if (known is not null)
        {
            if (known.Symbol.Kind != kind)
                report.Add(Descriptors.RoleConflict, location, parameter.Name, $"is a {Word(known.Symbol.Kind)} in 'Step' and must be one here");
            if (attributes.Count > 0 && !attributes[0].NamedArguments.All(option => optionsOf[parameter.Name].Contains(option)))
                report.Add(Descriptors.RoleConflict, location, parameter.Name, "has other options here than in 'Step'");
            return known.Symbol;
        }

        optionsOf[parameter.Name] = attributes.FirstOrDefault()?.NamedArguments ?? [];

        if (isOutput && kind == SymbolKind.State)
        {
            report.Add(Descriptors.RoleConflict, location, parameter.Name, "is no state of 'Step'; 'Output' sees the states that 'Step' carries");
            return null;
        }

        if (kind == SymbolKind.Input && parameters.Any(other => other.Symbol.Kind == SymbolKind.Input))
        {
            report.Add(Descriptors.RoleConflict, location, parameter.Name, "is a second [Input]; a channel has one");
            return null;
        }

        if (kind == SymbolKind.Weight && (ReservedWeights.Contains(parameter.Name) || parameter.Name.EndsWith("_reverse", StringComparison.Ordinal)))
            report.Add(Descriptors.NameCollision, location, parameter.Name, "a parameter that every layer has");
        var options = attributes.FirstOrDefault();
        var isIndexed = kind == SymbolKind.Shared || Flag(options, "PerState") || (kind == SymbolKind.State && stateSize > 0);
        if (isIndexed && stateSize == 0)
        {
            var option = kind == SymbolKind.Shared ? "Shared" : "PerState";
            report.Add(Descriptors.RoleConflict, TypeReader.LocationOf(options!, option), parameter.Name, $"is {option}, which needs states of several elements: [RecurrentCell(StateSize = ...)]");
        }

        var symbol = new Symbol(kind, parameters.Count(other => other.Symbol.Kind == kind), parameter.Name, isIndexed);
        parameters.Add(Options(symbol, options));
        locations[symbol.Name] = location;
        return symbol;
    }

    private CellParameter Options(Symbol symbol, AttributeData? attribute)
    {
        double? initial = null;
        string? method = null;
        var rank = 0;
        foreach (var argument in attribute?.NamedArguments ?? [])
        {
            switch (argument.Key)
            {
                case "Initial" or "BiasInitial" when argument.Value.Value is float value:
                    initial = value;
                    break;
                case "Rank" when argument.Value.Value is int value:
                    rank = value;
                    if (value < 1 || value > MaxRank)
                        report.Add(Descriptors.SizeOutOfRange, TypeReader.LocationOf(attribute!, "Rank"), "Rank", symbol.Name, value, $"from 1 to {MaxRank}");
                    else if (symbol.Kind == SymbolKind.Shared)
                        report.Add(Descriptors.RoleConflict, TypeReader.LocationOf(attribute!, "Rank"), symbol.Name, "is Shared, and so few rows are not split: drop Rank");
                    break;
                case "InitializeWith" or "InitializeBiasWith" when argument.Value.Value is string given:
                    var name = given.TrimStart('@');
                    method = TypeReader.FullName(cell) + "." + TypeReader.Escape(name);
                    if (!HasInitializer(name))
                        report.Add(Descriptors.BadInitializer, TypeReader.LocationOf(attribute!, argument.Key), name);
                    break;
            }
        }

        if (initial is not null && method is not null)
        {
            var (value, start) = symbol.Kind == SymbolKind.Weight ? ("Initial", "InitializeWith") : ("BiasInitial", "InitializeBiasWith");
            report.Add(Descriptors.RoleConflict, TypeReader.LocationOf(attribute!, value), symbol.Name, $"sets both {value} and {start}; keep one");
        }

        return new CellParameter(symbol, initial, method, rank);
    }

    private static bool Flag(AttributeData? attribute, string name) =>
        attribute?.NamedArguments.Any(argument => argument.Key == name && argument.Value.Value is true) == true;

    /// <summary>A layer in another assembly calls the initialiser too, so it must be as visible as the cell.</summary>
    private bool HasInitializer(string name) => cell.GetMembers(name).OfType<IMethodSymbol>().Any(method =>
        method is { IsStatic: true, IsGenericMethod: false, RefKind: RefKind.None, Parameters.Length: 4 }
        && method.Parameters.All(parameter => parameter.RefKind == RefKind.None)
        && (method.DeclaredAccessibility == Accessibility.Public
            || (method.DeclaredAccessibility is Accessibility.Internal or Accessibility.ProtectedOrInternal && !IsPublic(cell)))
        && method.ReturnType.SpecialType == SpecialType.System_Single
        && method.Parameters.Take(3).All(parameter => parameter.Type.SpecialType == SpecialType.System_Int32)
        && TypeReader.FullName(method.Parameters[3].Type) == "System.Random");

    /// <summary>Whether other assemblies see a type: whether it and all around it are public.</summary>
    private static bool IsPublic(INamedTypeSymbol type) =>
        type.DeclaredAccessibility == Accessibility.Public && (type.ContainingType is null || IsPublic(type.ContainingType));

    private static string Word(SymbolKind kind) => kind == SymbolKind.Shared ? "[Projection(Shared = true)]" : "[" + kind + "]";
}
