using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MinRnn.Generator.Declarations;

namespace MinRnn.Samples.Playground.Compilation;

/// <summary>A layer for each cell of a source that declares none, so that a cell alone can be looked at.</summary>
internal static class ImpliedLayers
{
    private const int Size = 128;

    /// <summary>C# with the layers; null where the source has layers of its own, or no cell.</summary>
    public static string? For(CSharpCompilation compilation, SyntaxTree tree)
    {
        var model = compilation.GetSemanticModel(tree);
        var types = tree.GetRoot().DescendantNodes(node => node is not BlockSyntax).OfType<ClassDeclarationSyntax>()
            .Where(syntax => syntax.AttributeLists.Count > 0)
            .Select(syntax => model.GetDeclaredSymbol(syntax)).OfType<INamedTypeSymbol>().ToList();
        if (types.Any(type => Has(type, TypeReader.LayerAttribute) || Has(type, TypeReader.ModelAttribute)))
            return null;
        var text = new StringBuilder();
        foreach (var cell in types.Where(type => Has(type, TypeReader.CellAttribute)).Distinct<INamedTypeSymbol>(SymbolEqualityComparer.Default))
        {
            var name = cell.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
            text.Append($"[MinRnn.RecurrentLayer(typeof({name}), InputSize = {Size}, HiddenSize = {Size})] partial class {cell.Name}Layer;\n");
        }

        return text.Length == 0 ? null : text.ToString();
    }

    private static bool Has(INamedTypeSymbol type, string attribute) =>
        type.GetAttributes().Any(data => TypeReader.FullName(data.AttributeClass) == attribute);
}
