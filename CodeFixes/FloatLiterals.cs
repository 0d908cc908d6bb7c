using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MinRnn.CodeFixes;

/// <summary>Numbers of double precision, written as floats.</summary>
internal static class FloatLiterals
{
    public static bool AnyIn(SyntaxNode node) => node.DescendantNodesAndSelf().Any(IsDouble);

    /// <summary>The same code with <c>0.5f</c> for each <c>0.5</c>; null where a number is too large or too small for a float.</summary>
    public static TNode? In<TNode>(TNode node)
        where TNode : SyntaxNode
    {
        if (!node.DescendantNodesAndSelf().Where(IsDouble).All(literal => IsInRange((double)((LiteralExpressionSyntax)literal).Token.Value!)))
            return null;
        return node.ReplaceNodes(node.DescendantNodesAndSelf().Where(IsDouble), (_, literal) => Float((LiteralExpressionSyntax)literal));

        static SyntaxNode Float(LiteralExpressionSyntax literal)
        {
            var digits = literal.Token.Text.TrimEnd('d', 'D');
            return literal.WithToken(SyntaxFactory.ParseToken(digits + "f").WithTriviaFrom(literal.Token));
        }

        static bool IsInRange(double value) => !float.IsInfinity((float)value) && ((float)value != 0 || value == 0);
    }

    /// <summary>A cast to float around an expression has nothing left to do once that is a float itself.</summary>
    /// <returns>What to replace, and by what.</returns>
    public static (SyntaxNode Old, ExpressionSyntax Next) WithoutCast(SemanticModel model, ExpressionSyntax old, ExpressionSyntax next)
    {
        if (model.GetSpeculativeTypeInfo(old.SpanStart, next, SpeculativeBindingOption.BindAsExpression).Type?.SpecialType != SpecialType.System_Single)
            return (old, next);
        var isInside = old.Parent is ParenthesizedExpressionSyntax { Parent: CastExpressionSyntax };
        var around = isInside ? old.Parent!.Parent : old.Parent;
        if (around is not CastExpressionSyntax { Type: PredefinedTypeSyntax type } cast || !type.Keyword.IsKind(SyntaxKind.FloatKeyword))
            return (old, next);
        // (float)(h * 0.5) * x keeps its parentheses, which are needed where the cast stood; a call needs none.
        var inner = isInside && next is not InvocationExpressionSyntax ? ((ParenthesizedExpressionSyntax)old.Parent!).WithExpression(next) : next;
        return (cast, inner.WithTriviaFrom(cast));
    }

    private static bool IsDouble(SyntaxNode node) =>
        node is LiteralExpressionSyntax literal && literal.Token.Value is double && literal.Token.Text.IndexOfAny(['x', 'X', 'b', 'B']) < 0;
}
