using System.Composition;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Simplification;
using MinRnn.Generator.Declarations;
using MinRnn.Generator.Diagnostics;

namespace MinRnn.CodeFixes;

/// <summary>Calls a function of <c>CellMath</c> in the place of another that a cell cannot call, such as <c>Math.Exp</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class UseCellMath() : DeclarationFix<InvocationExpressionSyntax>("MRNN2009", "MRNN2010")
{
    private protected override async Task RegisterAsync(CodeFixContext context, Diagnostic diagnostic, InvocationExpressionSyntax node)
    {
        if (!diagnostic.Properties.TryGetValue(DiagnosticProperties.Function, out var function) || node.Span != diagnostic.Location.SourceSpan
            || await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false) is not { } model)
        {
            return;
        }

        // A call in the arguments gives a double as well, and the functions of CellMath take floats.
        var calls = node.DescendantNodes().OfType<InvocationExpressionSyntax>()
            .Select(call => (Call: call, Function: FunctionFor(model.GetSymbolInfo(call, context.CancellationToken).Symbol)))
            .Where(inner => inner.Function is not null)
            .Append((Call: node, Function: function))
            .ToDictionary(inner => inner.Call, inner => inner.Function!);
        var replaced = node.ReplaceNodes(calls.Keys, (call, mended) => mended.WithExpression(CellMath(calls[call])));
        if (FloatLiterals.In(replaced) is { } floats
            && model.GetSpeculativeSymbolInfo(node.SpanStart, floats, SpeculativeBindingOption.BindAsExpression).Symbol is not null)
        {
            var (old, next) = FloatLiterals.WithoutCast(model, node, floats.WithTriviaFrom(node));
            Replace(context, diagnostic, $"Call CellMath.{function}", old, next);
        }
    }

    private static string? FunctionFor(ISymbol? symbol) =>
        symbol is IMethodSymbol { ReturnType.SpecialType: SpecialType.System_Double } method ? Functions.Equivalent(method) : null;

    private static ExpressionSyntax CellMath(string function) => SyntaxFactory.ParseExpression($"MinRnn.CellMath.{function}")
        .WithAdditionalAnnotations(Simplifier.Annotation, Simplifier.AddImportsAnnotation);
}
