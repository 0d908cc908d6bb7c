using System.Composition;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MinRnn.CodeFixes;

/// <summary>Makes a cell a static class, or its only <c>Step</c> a static method.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class MakeStatic() : DeclarationFix<ClassDeclarationSyntax>("MRNN2001", "MRNN2002")
{
    private protected override Task RegisterAsync(CodeFixContext context, Diagnostic diagnostic, ClassDeclarationSyntax node)
    {
        MemberDeclarationSyntax? dynamic = diagnostic.Id == "MRNN2002" ? StepOf(node) : MayBeStatic(node) ? node : null;
        if (dynamic != null)
        {
            var name = dynamic is MethodDeclarationSyntax method ? method.Identifier.Text : node.Identifier.Text;
            Replace(context, diagnostic, $"Make '{name}' static", dynamic, Modifiers.InsertAfterAccessibility(dynamic, SyntaxKind.StaticKeyword));
        }

        return Task.CompletedTask;
    }

    private static bool MayBeStatic(ClassDeclarationSyntax node) =>
        node.BaseList is null && !node.Modifiers.Any(word => word.IsKind(SyntaxKind.AbstractKeyword) || word.IsKind(SyntaxKind.SealedKeyword));

    private static MethodDeclarationSyntax? StepOf(ClassDeclarationSyntax node)
    {
        var steps = node.Members.OfType<MethodDeclarationSyntax>().Where(method => method.Identifier.Text == "Step").ToArray();
        return steps is [{ TypeParameterList: null } step] && !step.Modifiers.Any(SyntaxKind.StaticKeyword) ? step : null;
    }
}
