using System.Runtime.CompilerServices;

namespace MinRnn.Tests.Generator.Documentation;

/// <summary>The repository that these tests were built from, and its pages.</summary>
internal static class Repository
{
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", ".."));

    /// <summary>The readme, everything under docs, and the readmes of packages.</summary>
    public static IReadOnlyList<Page> Pages { get; } =
    [
        Read("README.md"),
        .. Below("docs", "*.md", SearchOption.AllDirectories).Select(Read),
        .. Below("Runtime", "PACKAGE.md", SearchOption.AllDirectories).Where(path => path.Split('/').Length == 3).Select(Read),
    ];

    public static string File(string path) => Path.Combine(Root, path);

    private static Page Read(string path) => Page.Parse(path, System.IO.File.ReadAllText(File(path)));

    private static IEnumerable<string> Below(string folder, string pattern, SearchOption depth) => Directory.Exists(File(folder))
        ? Directory.EnumerateFiles(File(folder), pattern, depth)
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Order(StringComparer.Ordinal)
        : [];

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
