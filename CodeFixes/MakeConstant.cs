using System.Composition;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FindSymbols;

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
        if (!declaring.GetConstantValue(initializer.Value, cancellation).HasValue || await IsWrittenAsync(field, context).ConfigureAwait(false))
            return;
        var words = declaration.Modifiers.Where(word => !word.IsKind(SyntaxKind.StaticKeyword) && !word.IsKind(SyntaxKind.ReadOnlyKeyword) && !word.IsKind(SyntaxKind.VolatileKeyword));
        var constant = declaration.WithModifiers(SyntaxFactory.TokenList(words.Append(SyntaxFactory.Token(SyntaxKind.ConstKeyword).WithTrailingTrivia(SyntaxFactory.Space))));
        Replace(context, diagnostic, $"Make '{field.Name}' const", declaration, constant.WithLeadingTrivia(declaration.GetLeadingTrivia()));
    }

    /// <summary>Whether something assigns the field, or takes a reference to it.</summary>
    private static async Task<bool> IsWrittenAsync(IFieldSymbol field, CodeFixContext context)
    {
        var found = await SymbolFinder.FindReferencesAsync(field, context.Document.Project.Solution, context.CancellationToken).ConfigureAwait(false);
        foreach (var location in found.SelectMany(symbol => symbol.Locations))
        {
            var root = await location.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
            var name = root?.FindNode(location.Location.SourceSpan, getInnermostNodeForTie: true) as ExpressionSyntax;
            while (name?.Parent is ParenthesizedExpressionSyntax || (name?.Parent is MemberAccessExpressionSyntax member && member.Name == name))
                name = (ExpressionSyntax)name.Parent;
            if ((name?.Parent is AssignmentExpressionSyntax assignment && assignment.Left == name)
                || name?.Parent is RefExpressionSyntax or ArgumentSyntax { RefKindKeyword.RawKind: not 0 }
                || name?.Parent?.Kind() is SyntaxKind.PreIncrementExpression or SyntaxKind.PreDecrementExpression
                    or SyntaxKind.PostIncrementExpression or SyntaxKind.PostDecrementExpression or SyntaxKind.AddressOfExpression)
            {
                return true;
            }
        }

        return false;
    }
}
