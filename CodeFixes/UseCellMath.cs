using System.Composition;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Simplification;
using MinRnn.Generator.Diagnostics;

namespace MinRnn.CodeFixes;

/// <summary>Calls a function of <c>CellMath</c> in the place of another that a cell cannot call, such as <c>Math.Exp</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class UseCellMath() : DeclarationFix<InvocationExpressionSyntax>("MRNN2009", "MRNN2010")
{
    private protected override Task RegisterAsync(CodeFixContext context, Diagnostic diagnostic, InvocationExpressionSyntax node)
    {
        if (diagnostic.Properties.TryGetValue(DiagnosticProperties.Function, out var function) && node.Span == diagnostic.Location.SourceSpan)
        {
            var call = FloatLiterals.In(node).WithExpression(SyntaxFactory.ParseExpression($"MinRnn.CellMath.{function}")
                .WithAdditionalAnnotations(Simplifier.Annotation, Simplifier.AddImportsAnnotation));
            var (old, next) = FloatLiterals.WithoutCast(node, call.WithTriviaFrom(node));
            Replace(context, diagnostic, $"Call CellMath.{function}", old, next);
        }

        return Task.CompletedTask;
    }
}
