using System.Composition;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MinRnn.CodeFixes;

/// <summary>Adds <c>partial</c> to a type that the build adds a part to, or that one stands in.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class MakePartial() : DeclarationFix<TypeDeclarationSyntax>("MRNN1001")
{
    private protected override Task RegisterAsync(CodeFixContext context, Diagnostic diagnostic, TypeDeclarationSyntax node)
    {
        // 'partial' is the last of the modifiers.
        Replace(context, diagnostic, $"Make '{node.Identifier.Text}' partial", node, Modifiers.Append(node, SyntaxKind.PartialKeyword));
        return Task.CompletedTask;
    }
}
