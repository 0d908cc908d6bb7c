using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using MinRnn.Generator.Planning;
using MinRnn.Tests.Common;

namespace MinRnn.Tests.Differentiation;

/// <summary>What the readme says of the built-in cells.</summary>
public partial class ReadmeTests
{
    [Fact]
    public void TableOfCellsIsTrue()
    {
        var rows = Rows().Matches(File.ReadAllText(Path.Combine(Folder(), "..", "..", "README.md")))
            .SelectMany(row => Names().Matches(row.Groups["cells"].Value).Select(name => (name.Groups[1].Value, row.Groups["time"].Value)));
        var wanted = CellGraphs.BuiltIn.Select(type =>
            (type.Name, KernelPlan.Make(CellGraphs.Of(type)).IsTimeParallel ? "split" : "step by step"));
        Assert.Equal(wanted.Order(), rows.Order());
    }

    private static string Folder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

    [GeneratedRegex(@"^\| (?<cells>`.*?) \|.*\| (?<time>split|step by step) \|$", RegexOptions.Multiline)]
    private static partial Regex Rows();

    [GeneratedRegex("`(\\w+)`")]
    private static partial Regex Names();
}
