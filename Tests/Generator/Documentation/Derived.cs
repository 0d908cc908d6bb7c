using MinRnn.Tests.Generator.Harness;

namespace MinRnn.Tests.Generator.Documentation;

/// <summary>
/// What the documentation has from the code itself: the region of a page between <c>&lt;!-- derived NAME --&gt;</c> and
/// <c>&lt;!-- end --&gt;</c>, or a file. A difference is a failure; a run that accepts snapshots writes what the code says.
/// </summary>
internal static class Derived
{
    public static void Region(string path, string name, string text)
    {
        var page = System.IO.File.ReadAllText(Repository.File(path)).ReplaceLineEndings("\n");
        var (opening, closing) = ($"<!-- derived {name} -->\n", "<!-- end -->");
        var start = page.IndexOf(opening, StringComparison.Ordinal);
        Assert.True(start >= 0, $"{path} has no line {opening}");
        start += opening.Length;
        var end = page.IndexOf(closing, start, StringComparison.Ordinal);
        Assert.True(end >= 0, $"{path}: what is derived as {name} has no end.");
        File(path, page[..start] + text.TrimEnd('\n') + "\n" + page[end..]);
    }

    public static void File(string path, string text)
    {
        if (GeneratedText.IsAccepting)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Repository.File(path))!);
            System.IO.File.WriteAllText(Repository.File(path), text);
        }

        Assert.True(System.IO.File.Exists(Repository.File(path)), $"{path} is missing: see {nameof(GeneratedText)}.");
        Assert.Equal(text, System.IO.File.ReadAllText(Repository.File(path)).ReplaceLineEndings("\n"));
    }
}
