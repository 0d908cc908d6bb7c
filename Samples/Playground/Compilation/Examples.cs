using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace MinRnn.Samples.Playground.Compilation;

/// <summary>A source to begin with.</summary>
internal sealed record Example(string Name, string Source);

/// <summary>
/// The cells that come with the library, and the one of the sample of a cell of one's own: their very source, with the documentation of
/// members left out, and a layer.
/// </summary>
internal static partial class Examples
{
    private const string Folder = "Cells/", First = "LeakyCandidate";
    private const int CommentWidth = 66;

    public static IReadOnlyList<Example> All { get; } = Read();

    public static byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(All, ExampleJson.Default.IReadOnlyListExample);

    private static List<Example> Read()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var files = assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
            .ToDictionary(name => Path.GetFileNameWithoutExtension(name[Folder.Length..]), name => Text(assembly, name), StringComparer.Ordinal);
        var helpers = files.Values.SelectMany(text => Helper().Matches(text)).ToDictionary(match => match.Groups["name"].Value, match => match.Value);
        return
        [
            .. files.OrderBy(file => file.Key != First).ThenBy(file => file.Key, StringComparer.Ordinal)
                .Select(file => new Example(file.Key, Source(file.Key, file.Value, helpers))),
        ];
    }

    private static string Source(string name, string file, Dictionary<string, string> helpers)
    {
        var cell = Cell().Match(file);
        var body = LongHeading().Replace(
            MemberDocumentation().Replace(cell.Groups["body"].Value, "").Replace("\n\n\n", "\n\n", StringComparison.Ordinal).Trim('\n'),
            heading => $"{heading.Groups["start"].Value}\n        {Separator().Replace(heading.Groups["parameters"].Value, ",\n        ")})");
        var used = helpers.Where(helper => body.Contains(helper.Key + ".", StringComparison.Ordinal)).Select(helper => helper.Value + "\n\n");
        return $"""
            using MinRnn;
            using static MinRnn.CellMath;

            {Comment(cell.Groups["documentation"].Value)}
            {body}

            {string.Concat(used)}[RecurrentLayer(typeof({name}), InputSize = 128, HiddenSize = 128)]
            public partial class {name}Layer;

            """;
    }

    /// <summary>The summary of a class as a comment, with the source that its remarks begin with.</summary>
    private static string Comment(string documentation)
    {
        var text = DocumentationMark().Replace(documentation, " ");
        var summary = Summary().Match(text).Groups[1].Value;
        var remarks = Remarks().Match(text).Groups[1].Value;
        var source = remarks.Contains("arXiv", StringComparison.Ordinal) ? FirstSentence().Match(remarks).Value : "";
        var words = Tag().Replace($"{summary} {source}", match => match.Groups["name"].Value)
            .Replace("&lt;", "<", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var lines = new List<string>();
        foreach (var word in words)
        {
            if (lines.Count > 0 && lines[^1].Length + word.Length < CommentWidth)
                lines[^1] += " " + word;
            else
                lines.Add("// " + word);
        }

        return string.Join('\n', lines);
    }

    private static string Text(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    [GeneratedRegex(@"(?<documentation>(^///.*\n)+)(?<body>\[RecurrentCell[\s\S]*?^\}$)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Cell();

    [GeneratedRegex(@"^internal static class (?<name>\w+)\n[\s\S]*?^\}$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Helper();

    [GeneratedRegex(@"^ +///.*\n", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex MemberDocumentation();

    /// <summary>A method's heading that is wider than an editor beside other things.</summary>
    [GeneratedRegex(@"^(?=.{77})(?<start>    public static [^\n]*?(Step|Output)\()(?<parameters>[^\n]*?)\)(?= =>|$)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex LongHeading();

    /// <summary>A comma between parameters, not one within an attribute.</summary>
    [GeneratedRegex(@", (?![^\[\]\n]*\](?![^,\n]*\[))(?=[^,\n]*(,|$))", RegexOptions.CultureInvariant)]
    private static partial Regex Separator();

    [GeneratedRegex(@"^///|\n///|\n", RegexOptions.CultureInvariant)]
    private static partial Regex DocumentationMark();

    [GeneratedRegex("<summary>(.*?)</summary>", RegexOptions.CultureInvariant)]
    private static partial Regex Summary();

    [GeneratedRegex("<remarks>(.*?)</remarks>", RegexOptions.CultureInvariant)]
    private static partial Regex Remarks();

    [GeneratedRegex(@"^.*?\.(?= |$)", RegexOptions.CultureInvariant)]
    private static partial Regex FirstSentence();

    [GeneratedRegex("<(see|paramref) (cref|name)=\"(?<name>[^\"]*)\" ?/>|</?[a-z]+>", RegexOptions.CultureInvariant)]
    private static partial Regex Tag();
}

/// <summary>How examples are written.</summary>
[System.Text.Json.Serialization.JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[System.Text.Json.Serialization.JsonSerializable(typeof(IReadOnlyList<Example>))]
internal sealed partial class ExampleJson : System.Text.Json.Serialization.JsonSerializerContext;
