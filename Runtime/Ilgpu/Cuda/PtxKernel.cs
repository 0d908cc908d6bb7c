using System.Text.RegularExpressions;

namespace MinRnn.Ilgpu.Cuda;

/// <summary>A kernel as PTX.</summary>
/// <param name="Text">The text of its module.</param>
/// <param name="Entry">The name that the driver finds it under.</param>
/// <param name="ParameterBytes">Bytes of its only parameter.</param>
internal sealed partial record PtxKernel(string Text, string Entry, int ParameterBytes)
{
    /// <summary>Reads the entry's name and parameter out of a text.</summary>
    /// <exception cref="FormatException">The text has not one entry of one structure.</exception>
    public static PtxKernel Parse(string text)
    {
        var entries = EntryPattern().Matches(text);
        if (entries.Count != 1)
            throw new FormatException($"The PTX has {entries.Count} kernels of one structure; wanted 1.");
        var groups = entries[0].Groups;
        return new PtxKernel(text, groups["name"].Value, int.Parse(groups["bytes"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@"\.visible \.entry (?<name>[\w$]+)\(\s*\.param \.align \d+ \.b8 [\w$]+\[(?<bytes>\d+)\]\s*\)", RegexOptions.CultureInvariant)]
    private static partial Regex EntryPattern();
}
