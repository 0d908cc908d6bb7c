using System.Xml;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using MinRnn.Tests.Generator.Harness;

namespace MinRnn.Tests.Generator.Documentation;

/// <summary>
/// Every block of C# or XML in the documentation is what it says it is. The words behind <c>csharp</c> say what:
/// <list type="bullet">
/// <item>none: it compiles without error or warning, after the page's earlier declarations;</item>
/// <item><c>MRNN2008</c>, or several with commas: compiled alone, it has exactly these diagnostics, of the compiler too. Information
/// on targets (3xxx) counts only where named. <c>Debug</c> compiles it without optimisation, <c>C#12</c> as that version;</item>
/// <item><c>generated NAME</c>: its lines stand in this order in the generated file of that name, of the page's earlier declarations or
/// of the snapshots. They stand next to each other but for what a line of <c>// …</c> leaves out.</item>
/// </list>
/// A comment <c>&lt;!-- given … --&gt;</c> just before a block has C# that it needs and the reader does not.
/// </summary>
public class BlockTests
{
    public static TheoryData<string> CSharp => Places(block => block.Language == "csharp");

    public static TheoryData<string> Xml => Places(block => block.Language == "xml");

    [Theory]
    [MemberData(nameof(CSharp))]
    public void CSharp_is_what_it_says(string place)
    {
        var (page, block) = Find(place);
        if (block.Words is ["generated", var name])
            AssertGenerated(page, block, name);
        else if (block.Words.Count > 0)
            AssertDiagnosed(page, block);
        else
            Compile(page, block).AssertClean();
    }

    [Theory]
    [MemberData(nameof(Xml))]
    public void Xml_can_be_parsed(string place)
    {
        var (_, block) = Find(place);
        using var reader = XmlReader.Create(new StringReader(block.Text), new XmlReaderSettings { ConformanceLevel = ConformanceLevel.Fragment });
        while (reader.Read())
        {
        }
    }

    private static Build Compile(Page page, CodeBlock block)
    {
        var source = BlockSource.Of(page, block);
        var earlier = Declaring(page).Where(other => other.Line < block.Line).Select(other => BlockSource.Of(page, other)).ToList();
        var seen = earlier.Select((other, i) => ($"{i}.cs", other.SeenAfter(earlier.Skip(i + 1).Append(source))));
        return Compiler.Build(Compiler.Compilation([("Imports.cs", BlockSource.Imports), .. seen, (page.Path, source.Whole)]));
    }

    private static void AssertDiagnosed(Page page, CodeBlock block)
    {
        var wanted = block.Words[0].Split(',');
        Assert.All(wanted, id => Assert.Matches("^[A-Z]+[0-9]{4}$", id));
        var options = block.Words.Skip(1).ToList();
        Assert.All(options, option => Assert.Contains(option, new[] { "Debug", "C#11", "C#12" }));
        var language = options.Contains("C#11") ? LanguageVersion.CSharp11 : options.Contains("C#12") ? LanguageVersion.CSharp12 : Compiler.Language;
        var build = Compiler.Build(Compiler.Compilation(
            [("Imports.cs", BlockSource.Imports), (page.Path, BlockSource.Of(page, block).Whole)],
            language: language,
            optimization: options.Contains("Debug") ? OptimizationLevel.Debug : OptimizationLevel.Release)).AssertRan();
        var found = build.Analysis.Where(diagnostic => diagnostic.Severity > DiagnosticSeverity.Info || wanted.Contains(diagnostic.Id))
            .Concat(build.ErrorsAndWarnings.Where(diagnostic => diagnostic.Id != "CS1591"))
            .ToList();
        Assert.True(
            found.Select(diagnostic => diagnostic.Id).Distinct().Order().SequenceEqual(wanted.Order()),
            $"{page.Path}:{block.Line} wants {block.Words[0]}, and has: {string.Join("\n", found)}");
    }

    private static void AssertGenerated(Page page, CodeBlock block, string name)
    {
        var position = 0;
        var lines = Lines(Generated(page, block, name));
        foreach (var part in block.Text.Split("// …").Select(Lines).Where(part => part.Count > 0))
        {
            var found = Enumerable.Range(position, Math.Max(0, lines.Count - part.Count - position + 1))
                .FirstOrDefault(start => part.SequenceEqual(lines.Skip(start).Take(part.Count)), -1);
            Assert.True(found >= 0, $"{page.Path}:{block.Line}: {name} does not have these lines, or not at this place:\n{string.Join("\n", part)}");
            position = found + part.Count;
        }

        Assert.True(position > 0, $"{page.Path}:{block.Line}: the excerpt is empty.");
    }

    /// <summary>The file from the page's own declarations, and else from the snapshots, which another test holds to be true.</summary>
    private static string Generated(Page page, CodeBlock block, string name)
    {
        var declaration = Declaring(page).LastOrDefault(other => other.Line < block.Line);
        if (declaration is not null && Compile(page, declaration) is var build && build.FileNames.Contains(name))
            return build[name];
        var snapshot = Repository.File($"Tests/Generator/__snapshots__/{name}.snap");
        Assert.True(File.Exists(snapshot), $"{page.Path}:{block.Line}: no declaration of the page and no snapshot has the file {name}.");
        return File.ReadAllText(snapshot);
    }

    private static IEnumerable<CodeBlock> Declaring(Page page) => page.Blocks.Where(block => block is { Language: "csharp", Words: [] });

    /// <summary>Without indentation, and without the empty lines at either end.</summary>
    private static List<string> Lines(string text) => [.. text.Trim().Split('\n').Select(line => line.Trim()).SkipWhile(line => line.Length == 0)];

    private static TheoryData<string> Places(Func<CodeBlock, bool> which) =>
        [.. Repository.Pages.SelectMany(page => page.Blocks.Where(which).Select(block => $"{page.Path}:{block.Line}"))];

    private static (Page Page, CodeBlock Block) Find(string place)
    {
        var page = Repository.Pages.Single(page => place.StartsWith(page.Path + ":", StringComparison.Ordinal));
        return (page, page.Blocks.Single(block => place == $"{page.Path}:{block.Line}"));
    }
}
