using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MinRnn.Tests.Generator.Harness;

namespace MinRnn.Tests.Generator.Documentation;

/// <summary>
/// The C# of a block and of what it is given, taken apart: imports, declarations of types, and statements, which run in a
/// method of their own. Lines keep their numbers in the page.
/// </summary>
internal sealed class BlockSource
{
    /// <summary>What every block sees: the imports of a project's own template, and those of a typical file.</summary>
    public const string Imports =
        """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using MinRnn;
        global using static MinRnn.CellMath;
        global using TorchSharp;
        global using static TorchSharp.torch;
        """;

    private readonly StringBuilder imports = new();
    private readonly StringBuilder statements = new();
    private readonly List<(string Name, string Text)> types = [];

    private BlockSource()
    {
    }

    public static BlockSource Of(Page page, CodeBlock block)
    {
        var source = new BlockSource();
        source.Add(page, block.Given, block.GivenLine);
        source.Add(page, block.Text, block.Line + 1);
        return source;
    }

    /// <summary>The file of a block that is compiled: statements and all.</summary>
    public string Whole => imports + Types([]) + (statements.Length == 0 ? "" :
        $$"""

        internal static class Page
        {
            internal static void Block()
            {
        {{statements}}
            }
        }
        """);

    /// <summary>The file of what a later block sees of this one: the types that no block since has declared anew.</summary>
    public string SeenAfter(IEnumerable<BlockSource> since) => imports + Types(since.SelectMany(block => block.types).Select(type => type.Name));

    private string Types(IEnumerable<string> without) =>
        string.Concat(types.Where(type => !without.Contains(type.Name)).Select(type => type.Text));

    private void Add(Page page, string text, int line)
    {
        var root = Compiler.Parse(page.Path, text).GetCompilationUnitRoot();
        foreach (var import in root.Usings)
            imports.Append(Placed(page, import, line));
        foreach (var member in root.Members)
        {
            if (member is GlobalStatementSyntax statement)
                statements.Append(Placed(page, statement, line));
            else
                types.Add((Name(member), Placed(page, member, line)));
        }
    }

    private static string Placed(Page page, SyntaxNode node, int line) =>
        $"\n#line {line + node.SyntaxTree.GetLineSpan(node.FullSpan).StartLinePosition.Line} \"{page.Path}\"\n{node.ToFullString()}";

    private static string Name(MemberDeclarationSyntax member) => member switch
    {
        BaseTypeDeclarationSyntax type => type.Identifier.Text,
        DelegateDeclarationSyntax @delegate => @delegate.Identifier.Text,
        BaseNamespaceDeclarationSyntax @namespace => @namespace.ToString(),
        _ => throw new FormatException($"A block declares types or has statements, and this is neither:\n{member}"),
    };
}
