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
    private protected override Task RegisterAsync(CodeFixContext context, Diagnostic diagnostic, ExpressionSyntax node)
    {
        if (FloatLiterals.AnyIn(node) && !diagnostic.Properties.ContainsKey(DiagnosticProperties.Function))
        {
            var (old, next) = FloatLiterals.WithoutCast(node, FloatLiterals.In(node));
            Replace(context, diagnostic, "Write float literals", old, next);
        }

        return Task.CompletedTask;
    }
}
