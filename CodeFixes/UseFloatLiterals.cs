using System.Composition;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MinRnn.Generator.Diagnostics;

namespace MinRnn.CodeFixes;

/// <summary>Writes <c>0.5f</c> for <c>0.5</c> where a cell computes in double for no other reason.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class UseFloatLiterals() : DeclarationFix<ExpressionSyntax>("MRNN2010")
{
    private protected override async Task RegisterAsync(CodeFixContext context, Diagnostic diagnostic, ExpressionSyntax node)
    {
        var whole = Arithmetic(node);
        if (!FloatLiterals.AnyIn(node) || diagnostic.Properties.ContainsKey(DiagnosticProperties.Function)
            || FloatLiterals.In(whole) is not { } floats
            || await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false) is not { } model)
        {
            return;
        }

        var (old, next) = FloatLiterals.WithoutCast(model, whole, floats);
        Replace(context, diagnostic, "Write float literals", old, next);
    }

    /// <summary>The arithmetic that an expression is a part of, all of whose literals are to be floats.</summary>
    private static ExpressionSyntax Arithmetic(ExpressionSyntax node)
    {
        while (node.Parent is BinaryExpressionSyntax or PrefixUnaryExpressionSyntax or ConditionalExpressionSyntax
            || node.Parent is ParenthesizedExpressionSyntax { Parent: not CastExpressionSyntax })
        {
            node = (ExpressionSyntax)node.Parent;
        }

        return node;
    }
}
