using System.Collections.Immutable;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Editing;

namespace MinRnn.CodeFixes;

/// <summary>A fix of some diagnostics at a node of one kind.</summary>
/// <typeparam name="TNode">The innermost node of this kind around the diagnostic is the one to mend.</typeparam>
public abstract class DeclarationFix<TNode>(params string[] diagnostics) : CodeFixProvider
    where TNode : SyntaxNode
{
    /// <inheritdoc/>
    public sealed override ImmutableArray<string> FixableDiagnosticIds { get; } = [.. diagnostics];

    /// <inheritdoc/>
    public sealed override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public sealed override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        foreach (var diagnostic in context.Diagnostics)
        {
            var node = root?.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true).FirstAncestorOrSelf<TNode>();
            if (node != null)
                await RegisterAsync(context, diagnostic, node).ConfigureAwait(false);
        }
    }

    /// <summary>Offers what mends the node, if anything does.</summary>
    /// <param name="context">Where to offer it.</param>
    /// <param name="diagnostic">What is wrong.</param>
    /// <param name="node">The node.</param>
    private protected abstract Task RegisterAsync(CodeFixContext context, Diagnostic diagnostic, TNode node);

    /// <summary>Offers to put one node in another's place, in whichever file of the project that is.</summary>
    /// <param name="context">Where to offer it.</param>
    /// <param name="diagnostic">What is wrong.</param>
    /// <param name="title">What the user reads.</param>
    /// <param name="old">The node.</param>
    /// <param name="next">The node that replaces it.</param>
    /// <param name="choice">What tells this from other fixes of the same diagnostic: those alike are applied together.</param>
    private protected void Replace(CodeFixContext context, Diagnostic diagnostic, string title, SyntaxNode old, SyntaxNode next, string choice = "") =>
        context.RegisterCodeFix(
            CodeAction.Create(
                title,
                async cancellation =>
                {
                    var solution = context.Document.Project.Solution;
                    var document = solution.GetDocument(old.SyntaxTree)!;
                    var editor = await DocumentEditor.CreateAsync(document, cancellation).ConfigureAwait(false);
                    editor.ReplaceNode(old, next);
                    return editor.GetChangedDocument().Project.Solution;
                },
                equivalenceKey: $"{GetType().Name} {choice}"),
            diagnostic);
}
