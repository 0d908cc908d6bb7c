using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MinRnn.Generator.Diagnostics;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Declarations;

/// <summary>Reads classes marked <c>[RecurrentLayer]</c> and <c>[SequenceModel]</c>.</summary>
internal static class LayerReader
{
    private const int MaxSize = 1 << 20;

    public static LayerSpec? Layer(INamedTypeSymbol type, Compilation compilation, Report report, CancellationToken cancellation)
    {
        var (spec, attribute) = Start(type, TypeReader.LayerAttribute, compilation, report);
        if (attribute is null)
            return null;
        report = HeardOf(attribute, report);
        var options = new Options(type, attribute, report);
        var inputSize = options.Size("InputSize", required: true);
        var hiddenSize = options.Size("HiddenSize", required: true);
        var (bias, direction, precision) = (options.Flag("Bias", true), options.Enum<Direction>("Direction"), options.Enum<Precision>("Precision"));
        var collides = CheckNames(type, report);
        var cell = Cell(type, attribute, compilation, report, cancellation, out var reference);
        var added = Added(type, attribute, options, bias, ref cell, report);
        if (cell?.HasInput == true && inputSize != hiddenSize)
        {
            report.Add(Descriptors.InputSizeMismatch, TypeReader.LocationOf(attribute, "InputSize"), type.Name, InputOf(cell), $"InputSize ({inputSize})", $"HiddenSize ({hiddenSize})");
        }

        return spec is null ? null : new LayerSpec(
            spec with { Collides = collides },
            report.HasErrors ? null : reference,
            inputSize,
            hiddenSize,
            bias,
            added,
            direction,
            precision);
    }

    public static ModelSpec? Model(INamedTypeSymbol type, Compilation compilation, Report report, CancellationToken cancellation)
    {
        var (spec, attribute) = Start(type, TypeReader.ModelAttribute, compilation, report);
        if (attribute is null)
            return null;
        report = HeardOf(attribute, report);
        var options = new Options(type, attribute, report);
        var model = new ModelSpec(
            spec!,
            null,
            options.Size("VocabularySize"),
            options.Size("Width", required: true),
            options.Size("Layers", fallback: 1),
            options.Size("Expansion", fallback: 1),
            options.Enum<Normalization>("Normalization"),
            options.Size("ConvolutionWidth", least: 0),
            options.Size("MlpRatio", least: 0),
            options.Probability("Dropout"),
            options.Flag("Bias", true),
            new CellOptions(),
            options.Enum<Precision>("Precision"));
        if ((long)model.Width * model.Expansion > MaxSize)
        {
            report.Add(Descriptors.SizeOutOfRange, TypeReader.LocationOf(attribute, "Expansion"), "Expansion", type.Name, model.Expansion,
                $"such that Width times Expansion is at most {MaxSize}");
        }

        var collides = CheckNames(type, report);
        var cell = Cell(type, attribute, compilation, report, cancellation, out var reference);
        model = model with { Options = Added(type, attribute, options, model.Bias, ref cell, report) };
        if (cell?.HasInput == true && model.Expansion != 1)
        {
            report.Add(Descriptors.InputSizeMismatch, TypeReader.LocationOf(attribute, "Expansion"), type.Name, InputOf(cell), $"Width × Expansion ({model.Width * model.Expansion})", $"Width ({model.Width}): set Expansion = 1");
        }

        return spec is null ? null : model with { Type = spec with { Collides = collides }, Cell = report.HasErrors ? null : reference };
    }

    /// <summary>The compiled cell: from this compilation's source, or as recorded in another assembly.</summary>
    private static Cell? Cell(
        INamedTypeSymbol type, AttributeData attribute, Compilation compilation, Report report, CancellationToken cancellation, out CellReference? reference)
    {
        reference = null;
        var location = attribute.ApplicationSyntaxReference?.GetSyntax(cancellation) is AttributeSyntax { ArgumentList.Arguments: { Count: > 0 } arguments }
            ? arguments[0].GetLocation()
            : TypeReader.LocationOf(type);
        var argument = attribute.ConstructorArguments.FirstOrDefault().Value;
        if (argument is not INamedTypeSymbol symbol)
        {
            report.Add(Descriptors.NotACell, location, (argument as ITypeSymbol)?.ToDisplayString() ?? "null");
            return null;
        }

        if (symbol is IErrorTypeSymbol)
        {
            // The C# compiler says so itself.
            report.Fail();
            return null;
        }

        var attributes = symbol.GetAttributes();
        var name = TypeReader.FullName(symbol);
        var isLocal = SymbolEqualityComparer.Default.Equals(symbol.ContainingAssembly, compilation.Assembly);
        if (isLocal && attributes.Any(a => TypeReader.FullName(a.AttributeClass) == TypeReader.CellAttribute))
        {
            reference = new CellReference(name, null);

            // The cell reports its own errors; its layers only need to know that there are some.
            var quiet = new Report();
            return CellReader.Compile(symbol, compilation, quiet, cancellation);
        }

        var recorded = attributes.FirstOrDefault(a => TypeReader.FullName(a.AttributeClass) == TypeReader.GraphAttribute);
        if (recorded is not { ConstructorArguments: [{ Value: int version }, { Value: string text }] })
        {
            report.Add(Descriptors.NotACell, location, symbol.Name);
            return null;
        }

        if (version != GraphPrinter.Version)
        {
            report.Add(Descriptors.UnknownGraphVersion, location, symbol.Name, version, GraphPrinter.Version);
            return null;
        }

        try
        {
            var cell = GraphParser.Parse(text);
            reference = new CellReference(name, text);
            return cell;
        }
        catch (FormatException exception)
        {
            report.Add(Descriptors.BrokenGraph, location, symbol.Name, exception.Message);
            return null;
        }
    }

    /// <summary>What the layer adds to its cell, and the cell with it.</summary>
    private static CellOptions Added(INamedTypeSymbol type, AttributeData attribute, Options options, bool hasBias, ref Cell? cell, Report report)
    {
        var forget = options.Number("ForgetBias");
        var added = new CellOptions(options.Flag("Skip", false), options.Flag("Gate", false), forget);
        if (cell is null)
            return added;
        if (forget is not null && !(hasBias && cell.Parameters.Any(CellOptions.IsForget)))
        {
            var lacks = hasBias ? $"the cell '{cell.ShortName}' has no projection '{CellOptions.ForgetProjection}'" : "its Bias is false";
            report.Add(Descriptors.NothingToStart, TypeReader.LocationOf(attribute, "ForgetBias"), type.Name, "ForgetBias", lacks);
        }
        else if (added.CollisionWith(cell) is { } name)
        {
            var option = name == CellOptions.GateProjection ? "Gate" : "Skip";
            report.Add(Descriptors.NameCollision, TypeReader.LocationOf(attribute, option), name, $"a parameter of the cell '{cell.ShortName}', and {option} adds another");
        }
        else
        {
            cell = added.Apply(cell);
        }

        return added;
    }

    /// <summary>What reads the layer's input: a parameter of the cell, or the option that added one.</summary>
    private static string InputOf(Cell cell)
    {
        var input = cell.Parameters.First(parameter => parameter.Symbol.Kind == Recurrence.SymbolKind.Input).Name;
        return input == CellOptions.SkipInput ? "Skip = true" : "[Input] " + input;
    }

    private static (TypeSpec? Spec, AttributeData? Attribute) Start(INamedTypeSymbol type, string name, Compilation compilation, Report report)
    {
        var spec = TypeReader.ReadModule(type, name, compilation, report);
        TypeReader.CheckLanguage(type, compilation, report);
        return (spec, type.GetAttributes().FirstOrDefault(attribute => TypeReader.FullName(attribute.AttributeClass) == name));
    }

    /// <summary>What hears of the rest of a declaration: nobody does where the C# compiler has refused the attribute as it stands.</summary>
    private static Report HeardOf(AttributeData attribute, Report report)
    {
        if (attribute.AttributeConstructor is not null)
            return report;
        report.Fail();
        return new Report();
    }

    /// <summary>Members of the generated part must meet neither members of the user's nor the type's own name.</summary>
    /// <returns>Whether one of the nested classes does.</returns>
    private static bool CheckNames(INamedTypeSymbol type, Report report)
    {
        var collides = false;
        foreach (var name in new[] { "Gpu", "Inference", "Description", "ModelDescription", "DeviceKernels" })
        {
            var member = type.GetMembers(name).FirstOrDefault(m => m.Locations.Any(location =>
                location.IsInSource && location.SourceTree?.FilePath.EndsWith(".g.cs", StringComparison.Ordinal) == false));
            if (member is null && type.Name != name)
                continue;
            report.Add(Descriptors.NameCollision, TypeReader.LocationOf(member ?? type), name, "a member that the build adds to the class");
            collides |= name is "Gpu" or "Inference";
        }

        return collides;
    }

    /// <summary>The named arguments of an attribute, checked where they stand.</summary>
    private sealed class Options(INamedTypeSymbol type, AttributeData attribute, Report report)
    {
        private readonly Dictionary<string, object?> values = attribute.NamedArguments
            .GroupBy(argument => argument.Key).ToDictionary(group => group.Key, group => group.First().Value.Value);

        public int Size(string name, int least = 1, bool required = false, int fallback = 0)
        {
            if (IsInvalid(name))
                return fallback;
            var given = values.TryGetValue(name, out var value) && value is int;
            var size = given ? (int)value! : fallback;
            if ((given || required) && (size < least || size > MaxSize))
                report.Add(Descriptors.SizeOutOfRange, TypeReader.LocationOf(attribute, name), name, type.Name, size, $"from {least} to {MaxSize}");
            return size;
        }

        /// <summary>Whether the C# compiler has refused an argument, and said why.</summary>
        private bool IsInvalid(string name)
        {
            if (TypeReader.ArgumentOf(attribute, name) is null || attribute.NamedArguments.Any(argument => argument.Key == name && argument.Value.Kind != TypedConstantKind.Error))
                return false;
            report.Fail();
            return true;
        }

        public double Probability(string name)
        {
            var probability = values.TryGetValue(name, out var value) && value is double given ? given : 0;
            if (!(probability >= 0 && probability < 1))
                report.Add(Descriptors.SizeOutOfRange, TypeReader.LocationOf(attribute, name), name, type.Name, probability, "at least 0 and below 1");
            return probability;
        }

        /// <summary>A finite number; null where none is given.</summary>
        public double? Number(string name)
        {
            if (!values.TryGetValue(name, out var value) || value is not double number)
                return null;
            if (double.IsNaN(number) || double.IsInfinity(number))
                report.Add(Descriptors.SizeOutOfRange, TypeReader.LocationOf(attribute, name), name, type.Name, number, "finite");
            return number;
        }

        public bool Flag(string name, bool fallback) => values.TryGetValue(name, out var value) && value is bool flag ? flag : fallback;

        /// <summary>One of the named values; the first where none is given.</summary>
        public T Enum<T>(string name)
            where T : struct, System.Enum
        {
            var number = values.TryGetValue(name, out var value) && value is int given ? given : 0;
            if (!System.Enum.IsDefined(typeof(T), number))
            {
                var names = string.Join(", ", System.Enum.GetNames(typeof(T)));
                report.Add(Descriptors.SizeOutOfRange, TypeReader.LocationOf(attribute, name), name, type.Name, number, $"one of {names}");
            }

            return (T)System.Enum.ToObject(typeof(T), number);
        }
    }
}
