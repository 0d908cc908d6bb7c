using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MinRnn.CodeFixes;

/// <summary>Adds modifiers; a declaration's leading comments stay before its first word.</summary>
internal static class Modifiers
{
    public static MemberDeclarationSyntax Append(MemberDeclarationSyntax node, SyntaxKind modifier) => Insert(node, modifier, node.Modifiers.Count);

    /// <summary>After the words of accessibility, before the others.</summary>
    public static MemberDeclarationSyntax InsertAfterAccessibility(MemberDeclarationSyntax node, SyntaxKind modifier) => Insert(
        node, modifier, node.Modifiers.TakeWhile(word => SyntaxFacts.IsAccessibilityModifier(word.Kind())).Count());

    private static MemberDeclarationSyntax Insert(MemberDeclarationSyntax node, SyntaxKind modifier, int index)
    {
        var word = SyntaxFactory.Token(modifier).WithTrailingTrivia(SyntaxFactory.Space);
        if (node.Modifiers.Count > 0)
            return node.WithModifiers(index == 0 ? InsertFirst(node.Modifiers, word) : node.Modifiers.Insert(index, word));
        var first = node.AttributeLists.Count > 0 ? node.AttributeLists.Last().GetLastToken().GetNextToken() : node.GetFirstToken();
        return node.ReplaceToken(first, first.WithLeadingTrivia()).WithModifiers([word.WithLeadingTrivia(first.LeadingTrivia)]);
    }

    private static SyntaxTokenList InsertFirst(SyntaxTokenList words, SyntaxToken word) =>
        words.Replace(words[0], words[0].WithLeadingTrivia()).Insert(0, word.WithLeadingTrivia(words[0].LeadingTrivia));
}
