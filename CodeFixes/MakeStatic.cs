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
    private protected override async Task RegisterAsync(CodeFixContext context, Diagnostic diagnostic, ClassDeclarationSyntax node)
    {
        var model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        MemberDeclarationSyntax? dynamic = diagnostic.Id == "MRNN2002" ? StepOf(node)
            : model?.GetDeclaredSymbol(node, context.CancellationToken) is { } type && MayBeStatic(type) ? node : null;
        if (dynamic == null)
            return;
        var name = dynamic is MethodDeclarationSyntax method ? method.Identifier.Text : node.Identifier.Text;
        Replace(context, diagnostic, $"Make '{name}' static", dynamic, Modifiers.InsertAfterAccessibility(dynamic, SyntaxKind.StaticKeyword));
    }

    /// <summary>Whether all parts of a class have only what a static one may have.</summary>
    private static bool MayBeStatic(INamedTypeSymbol type) =>
        type is { IsAbstract: false, IsSealed: false, BaseType.SpecialType: SpecialType.System_Object, Interfaces.Length: 0 }
        && type.GetMembers().All(member => member.IsStatic || member is INamedTypeSymbol || member.IsImplicitlyDeclared || (member is IMethodSymbol { Name: "Step" } step && MayBeStatic(step)));

    private static bool MayBeStatic(IMethodSymbol method) => method is { IsVirtual: false, IsAbstract: false, IsOverride: false, ExplicitInterfaceImplementations.Length: 0 };

    private static MethodDeclarationSyntax? StepOf(ClassDeclarationSyntax node)
    {
        var steps = node.Members.OfType<MethodDeclarationSyntax>().Where(method => method.Identifier.Text == "Step").ToArray();
        return steps is [{ TypeParameterList: null } step] && !step.Modifiers.Any(IsInTheWay) ? step : null;
    }

    private static bool IsInTheWay(SyntaxToken word) => word.Kind() is SyntaxKind.StaticKeyword or SyntaxKind.VirtualKeyword or SyntaxKind.AbstractKeyword or SyntaxKind.OverrideKeyword;
}
