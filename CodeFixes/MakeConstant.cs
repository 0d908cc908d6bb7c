using System.Composition;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MinRnn.CodeFixes;

/// <summary>Makes a field that a cell reads a constant, where its initialiser is one.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class MakeConstant() : DeclarationFix<ExpressionSyntax>("MRNN2012")
{
    private protected override async Task RegisterAsync(CodeFixContext context, Diagnostic diagnostic, ExpressionSyntax node)
    {
        var cancellation = context.CancellationToken;
        var model = await context.Document.GetSemanticModelAsync(cancellation).ConfigureAwait(false);
        if (model?.GetSymbolInfo(node, cancellation).Symbol is not IFieldSymbol field
            || field.DeclaringSyntaxReferences.FirstOrDefault() is not { } reference
            || await reference.GetSyntaxAsync(cancellation).ConfigureAwait(false) is not VariableDeclaratorSyntax { Initializer: { } initializer } declarator
            || declarator.Parent?.Parent is not FieldDeclarationSyntax { Declaration.Variables.Count: 1 } declaration
            || !model.Compilation.ContainsSyntaxTree(declaration.SyntaxTree))
        {
            return;
        }

        var declaring = model.Compilation.GetSemanticModel(declaration.SyntaxTree);
        if (!declaring.GetConstantValue(initializer.Value, cancellation).HasValue)
            return;
        var words = declaration.Modifiers.Where(word => !word.IsKind(SyntaxKind.StaticKeyword) && !word.IsKind(SyntaxKind.ReadOnlyKeyword) && !word.IsKind(SyntaxKind.VolatileKeyword));
        var constant = declaration.WithModifiers(SyntaxFactory.TokenList(words.Append(SyntaxFactory.Token(SyntaxKind.ConstKeyword).WithTrailingTrivia(SyntaxFactory.Space))));
        Replace(context, diagnostic, $"Make '{field.Name}' const", declaration, constant.WithLeadingTrivia(declaration.GetLeadingTrivia()));
    }
}
