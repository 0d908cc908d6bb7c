using System.Composition;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Simplification;

namespace MinRnn.CodeFixes;

/// <summary>Marks one of the parameters of <c>Step</c> as the state, the user's choice.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class MarkState() : DeclarationFix<MethodDeclarationSyntax>("MRNN2005")
{
    private protected override Task RegisterAsync(CodeFixContext context, Diagnostic diagnostic, MethodDeclarationSyntax node)
    {
        var state = SyntaxFactory.Attribute(SyntaxFactory.ParseName("MinRnn.StateAttribute").WithAdditionalAnnotations(Simplifier.Annotation, Simplifier.AddImportsAnnotation));
        foreach (var parameter in node.ParameterList.Parameters.Where(parameter => parameter.AttributeLists.Count == 0))
        {
            var list = SyntaxFactory.AttributeList([state]).WithTrailingTrivia(SyntaxFactory.Space).WithLeadingTrivia(parameter.GetLeadingTrivia());
            var name = parameter.Identifier.Text;
            Replace(context, diagnostic, $"Mark '{name}' as [State]", parameter, parameter.WithLeadingTrivia().AddAttributeLists(list), name);
        }

        return Task.CompletedTask;
    }
}
