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

    /// <summary>Null when no part can be added at all: the type, or one around it, is not partial, or is generic.</summary>
    public static TypeSpec? Read(INamedTypeSymbol type, Report report)
    {
        var containers = new List<string>();
        for (var outer = type; outer is not null; outer = outer.ContainingType)
        {
            if (outer.TypeParameters.Length > 0)
            {
                report.Add(Descriptors.GenericType, LocationOf(type), type.Name);
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

        if (type.GetAttributes().Count(attribute => FullName(attribute.AttributeClass) is CellAttribute or LayerAttribute or ModelAttribute) > 1)
            report.Add(Descriptors.TwoDeclarations, LocationOf(type), type.Name);
        var space = type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString();
        return new TypeSpec(space, containers.ToEquatableArray(), Escape(type.Name), type.IsStatic ? "static partial" : "partial");
    }

    /// <summary>A layer's or model's class gets its base class from the generator.</summary>
    public static void CheckBase(INamedTypeSymbol type, Report report)
    {
        var named = type.DeclaringSyntaxReferences.Select(reference => reference.GetSyntax()).OfType<ClassDeclarationSyntax>()
            .Any(syntax => syntax.BaseList is not null);
        if (named && type.BaseType is { SpecialType: not SpecialType.System_Object } and not IErrorTypeSymbol
            && FullName(type.BaseType) is not ("MinRnn.Torch.RecurrentModule" or "MinRnn.Torch.SequenceModule"))
        {
            report.Add(Descriptors.HasBaseClass, LocationOf(type), type.Name, type.BaseType.Name);
        }
    }

    /// <summary>Generated code uses <c>ref</c> fields, static abstracts and file-local types.</summary>
    public static void CheckLanguage(INamedTypeSymbol type, Compilation compilation, Report report)
    {
        if (compilation is CSharpCompilation { LanguageVersion: < LanguageVersion.CSharp13 } csharp)
            report.Add(Descriptors.LanguageTooOld, LocationOf(type), csharp.LanguageVersion.ToDisplayString());
    }

    public static Location? LocationOf(ISymbol symbol) => symbol.Locations.FirstOrDefault(location => location.IsInSource);

    public static string FullName(ITypeSymbol? type) =>
        type?.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat.WithGlobalNamespaceStyle(SymbolDisplayGlobalNamespaceStyle.Omitted)) ?? "";

    /// <summary>Where an attribute's named argument, or else the attribute, stands.</summary>
    public static Location? LocationOf(AttributeData attribute, string argument)
    {
        var syntax = attribute.ApplicationSyntaxReference?.GetSyntax() as AttributeSyntax;
        var named = syntax?.ArgumentList?.Arguments.FirstOrDefault(a => a.NameEquals?.Name.Identifier.ValueText == argument);
        return (named ?? (SyntaxNode?)syntax)?.GetLocation();
    }

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

    private static string Escape(string name) => SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None ? name : "@" + name;
}
