using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MinRnn.Generator.Diagnostics;

namespace MinRnn.Generator.Declarations;

/// <summary>Reads where a declared class stands, and checks that a part can be added to it.</summary>
internal static class TypeReader
{
    public const string CellAttribute = "MinRnn.RecurrentCellAttribute";
    public const string LayerAttribute = "MinRnn.RecurrentLayerAttribute";
    public const string ModelAttribute = "MinRnn.SequenceModelAttribute";
    public const string GraphAttribute = "MinRnn.CellGraphAttribute";

    /// <summary>
    /// Null when no part can be added at all: the type, or one around it, is not partial, or is generic; or when another
    /// declaration of the same type is the one that adds it.
    /// </summary>
    public static TypeSpec? Read(INamedTypeSymbol type, string declaration, Report report)
    {
        var declarations = type.GetAttributes().Select(attribute => FullName(attribute.AttributeClass))
            .Where(name => name is CellAttribute or LayerAttribute or ModelAttribute).ToList();
        if (declarations.Count > 1 && declarations[0] != declaration)
            return null;
        if (declarations.Count > 1)
            report.Add(Descriptors.TwoDeclarations, LocationOf(type), type.Name);
        if (IsBeingTyped(type.ContainingNamespace))
        {
            report.Fail();
            return null;
        }

        var containers = new List<string>();
        for (var outer = type; outer is not null; outer = outer.ContainingType)
        {
            if (outer.TypeParameters.Length > 0)
            {
                report.Add(Descriptors.GenericType, LocationOf(type), type.Name);
                return null;
            }

            if (outer.Name.Length == 0)
            {
                report.Fail();
                return null;
            }

            if (outer.IsFileLocal)
            {
                report.Add(Descriptors.CannotBeJoined, LocationOf(outer), outer.Name, "local to its file");
                return null;
            }

            if (!IsPartial(outer))
            {
                report.Add(Descriptors.NotPartial, LocationOf(outer), outer.Name);
                return null;
            }

            if (!SymbolEqualityComparer.Default.Equals(outer, type))
                containers.Insert(0, $"{(outer.IsStatic ? "static " : "")}partial {Keyword(outer)} {Escape(outer.Name)}");
        }

        var space = type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString();
        return new TypeSpec(space, containers.ToEquatableArray(), Escape(type.Name), type.IsStatic ? "static partial" : "partial", FileStem(type));
    }

    /// <summary>Whether a part of a namespace's name is missing: the C# compiler says so.</summary>
    private static bool IsBeingTyped(INamespaceSymbol space)
    {
        while (!space.IsGlobalNamespace)
        {
            if (space.Name.Length == 0)
                return true;
            space = space.ContainingNamespace;
        }

        return false;
    }

    private static string FileStem(INamedTypeSymbol type)
    {
        var names = new List<string>();
        for (ISymbol symbol = type; symbol is not INamespaceSymbol { IsGlobalNamespace: true }; symbol = symbol.ContainingSymbol)
            names.Insert(0, Mark(symbol));
        return string.Join(".", names);
    }

    /// <summary>
    /// A name that files are told apart by, for which the case of letters is not enough: one that begins with a small letter is marked, and
    /// one that another differs from by case alone tells where its capitals are.
    /// </summary>
    private static string Mark(ISymbol symbol)
    {
        var name = symbol.Name;
        var marked = char.IsLower(name[0]) ? "+" + name : name;
        var hasTwin = symbol.ContainingSymbol is INamespaceOrTypeSymbol container && container.GetMembers().Any(member =>
            member is INamespaceOrTypeSymbol && member.Name != name && string.Equals(member.Name, name, StringComparison.OrdinalIgnoreCase));
        return hasTwin ? marked + string.Concat(Enumerable.Range(0, name.Length).Where(i => char.IsUpper(name[i])).Select(i => "+" + i)) : marked;
    }

    /// <summary>The part of a layer or model is an ordinary class with a base class; null where the type cannot be one.</summary>
    public static TypeSpec? ReadModule(INamedTypeSymbol type, string declaration, Compilation compilation, Report report)
    {
        var spec = Read(type, declaration, report);
        if (spec is not null && (type.IsStatic || type.IsRecord))
        {
            report.Add(Descriptors.CannotBeJoined, LocationOf(type), type.Name, type.IsStatic ? "static" : "a record");
            return null;
        }

        if (spec is not null && DeclarationsOf(type).Any(syntax => syntax.ParameterList is not null))
        {
            report.Add(Descriptors.CannotBeJoined, LocationOf(type), type.Name, "declared with a primary constructor");
            return spec with { HasBase = true };
        }

        if (spec is not null && DeclarationsOf(type).SelectMany(syntax => syntax.Members).OfType<ConstructorDeclarationSyntax>().FirstOrDefault(StandsAlone) is { } constructor)
        {
            report.Add(
                Descriptors.CannotBeJoined, constructor.Identifier.GetLocation(), type.Name,
                "declared with a constructor without parameters, or one that does not call another by ': this(...)'");
            return spec with { HasBase = true };
        }

        if (BaseNamed(type, compilation) is not { } named)
            return spec;
        report.Add(Descriptors.HasBaseClass, LocationOf(type), type.Name, named.Name);
        return spec is null ? null : spec with { HasBase = true };
    }

    /// <summary>
    /// The base class that the user's own parts name. The type's symbol does not say it once the generated part names another.
    /// </summary>
    private static ITypeSymbol? BaseNamed(INamedTypeSymbol type, Compilation compilation) => DeclarationsOf(type)
        .Where(syntax => syntax.BaseList is not null)
        .Select(syntax => compilation.GetSemanticModel(syntax.SyntaxTree).GetTypeInfo(syntax.BaseList!.Types[0].Type).Type)
        .FirstOrDefault(named => named is { TypeKind: TypeKind.Class, SpecialType: not SpecialType.System_Object }
            && FullName(named) is not ("MinRnn.Torch.RecurrentModule" or "MinRnn.Torch.SequenceModule"));

    /// <summary>Whether a constructor of the user's is in the way of those that the build adds, or goes past them.</summary>
    private static bool StandsAlone(ConstructorDeclarationSyntax constructor) =>
        !constructor.Modifiers.Any(SyntaxKind.StaticKeyword)
        && !constructor.SyntaxTree.FilePath.EndsWith(".g.cs", StringComparison.Ordinal)
        && (constructor.ParameterList.Parameters.Count == 0 || constructor.Initializer?.IsKind(SyntaxKind.ThisConstructorInitializer) != true);

    private static IEnumerable<ClassDeclarationSyntax> DeclarationsOf(INamedTypeSymbol type) =>
        type.DeclaringSyntaxReferences.Select(reference => reference.GetSyntax()).OfType<ClassDeclarationSyntax>();

    /// <summary>Generated code uses <c>ref</c> fields, static abstracts and file-local types.</summary>
    public static void CheckLanguage(INamedTypeSymbol type, Compilation compilation, Report report)
    {
        if (!HasLanguage(compilation) && compilation is CSharpCompilation csharp)
            report.Add(Descriptors.LanguageTooOld, LocationOf(type), csharp.LanguageVersion.ToDisplayString());
    }

    public static bool HasLanguage(Compilation compilation) => compilation is CSharpCompilation { LanguageVersion: >= LanguageVersion.CSharp13 };

    public static Location? LocationOf(ISymbol symbol) => symbol.Locations.FirstOrDefault(location => location.IsInSource);

    public static string FullName(ITypeSymbol? type) =>
        type?.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat.WithGlobalNamespaceStyle(SymbolDisplayGlobalNamespaceStyle.Omitted)) ?? "";

    /// <summary>Where an attribute's named argument, or else the attribute, stands.</summary>
    public static Location? LocationOf(AttributeData attribute, string argument)
    {
        var named = ArgumentOf(attribute, argument);
        return (named ?? attribute.ApplicationSyntaxReference?.GetSyntax())?.GetLocation();
    }

    /// <summary>An attribute's named argument as it is written, whether C# takes it or not; null where it is not given.</summary>
    public static SyntaxNode? ArgumentOf(AttributeData attribute, string argument) =>
        (attribute.ApplicationSyntaxReference?.GetSyntax() as AttributeSyntax)?.ArgumentList?.Arguments
            .FirstOrDefault(given => given.NameEquals?.Name.Identifier.ValueText == argument);

    private static bool IsPartial(INamedTypeSymbol type) => type.DeclaringSyntaxReferences
        .Select(reference => reference.GetSyntax()).OfType<TypeDeclarationSyntax>()
        .Any(syntax => syntax.Modifiers.Any(SyntaxKind.PartialKeyword));

    private static string Keyword(INamedTypeSymbol type) => (type.TypeKind, type.IsRecord) switch
    {
        (TypeKind.Struct, true) => "record struct",
        (TypeKind.Struct, false) => "struct",
        (TypeKind.Interface, _) => "interface",
        (_, true) => "record",
        _ => "class",
    };

    public static string Escape(string name) =>
        SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None && SyntaxFacts.GetContextualKeywordKind(name) == SyntaxKind.None ? name : "@" + name;
}
