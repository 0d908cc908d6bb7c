using System.Text;
using System.Text.RegularExpressions;

namespace MinRnn.Tests.Generator.Documentation;

/// <summary>A fenced block of a page.</summary>
/// <param name="Line">Where its fence stands, from 1.</param>
/// <param name="Language">The first word behind the fence; empty without one.</param>
/// <param name="Words">The words after it, which say how the block is checked.</param>
/// <param name="Text">Its lines, without the indentation of the fence.</param>
/// <param name="Given">What a comment <c>&lt;!-- given … --&gt;</c> before it has the block see and the reader not.</param>
/// <param name="GivenLine">Where that comment's text begins.</param>
internal sealed record CodeBlock(int Line, string Language, IReadOnlyList<string> Words, string Text, string Given, int GivenLine);

/// <summary>A heading, by the anchor that links to it have.</summary>
internal sealed record Heading(int Line, string Text, string Anchor);

/// <summary>A link or picture, with what stands between its parentheses.</summary>
internal sealed record Link(int Line, string Target);

/// <summary>A page of the documentation, read as GitHub shows it.</summary>
/// <param name="Path">From the repository's root, with slashes.</param>
internal sealed partial record Page(string Path, IReadOnlyList<CodeBlock> Blocks, IReadOnlyList<Heading> Headings, IReadOnlyList<Link> Links)
{
    private const string GivenMark = "given";

    public bool HasAnchor(string anchor) => Headings.Any(heading => heading.Anchor == anchor);

    /// <exception cref="FormatException">A fence or a comment has no end.</exception>
    public static Page Parse(string path, string text)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        var (blocks, headings, links) = (new List<CodeBlock>(), new List<Heading>(), new List<Link>());
        var (given, givenLine) = ("", 0);
        for (var i = 0; i < lines.Length; i++)
        {
            if (Fence().Match(lines[i]) is { Success: true } fence)
            {
                var (start, indentation) = (i, fence.Groups["indentation"].Length);
                var content = new StringBuilder();
                for (i++; !Closes(At(path, start, i, lines), fence.Groups["fence"].Value); i++)
                    content.Append(lines[i][Math.Min(indentation, lines[i].Length - lines[i].TrimStart().Length)..]).Append('\n');
                var words = fence.Groups["words"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                blocks.Add(new CodeBlock(start + 1, words.FirstOrDefault() ?? "", [.. words.Skip(1)], content.ToString(), given, givenLine));
                given = "";
            }
            else if (lines[i].TrimStart().StartsWith("<!--", StringComparison.Ordinal))
            {
                var (start, comment) = (i, new StringBuilder(lines[i].TrimStart()["<!--".Length..]));
                while (!comment.ToString().Contains("-->", StringComparison.Ordinal))
                    comment.Append('\n').Append(At(path, start, ++i, lines));
                var content = comment.ToString()[..comment.ToString().IndexOf("-->", StringComparison.Ordinal)];
                if (content.TrimStart().StartsWith(GivenMark, StringComparison.Ordinal))
                    (given, givenLine) = (content.TrimStart()[GivenMark.Length..], start + 1);
            }
            else if (lines[i].Trim().Length > 0)
            {
                given = "";
                if (HeadingLine().Match(lines[i]) is { Success: true } heading)
                    headings.Add(new Heading(i + 1, heading.Groups["text"].Value, Anchor(heading.Groups["text"].Value, headings)));
                links.AddRange(Targets().Matches(InlineCode().Replace(lines[i], "code")).Select(link => new Link(i + 1, link.Groups["target"].Value)));
            }
        }

        return new Page(path, blocks, headings, links);
    }

    private static string At(string path, int start, int line, string[] lines) => line < lines.Length
        ? lines[line]
        : throw new FormatException($"{path}:{start + 1}: what begins here has no end.");

    private static bool Closes(string line, string fence) =>
        line.Trim() is var text && text.Length >= fence.Length && text.All(c => c == fence[0]);

    /// <summary>As GitHub makes them: lower case, spaces as hyphens, punctuation left out, a number behind a repeated one.</summary>
    private static string Anchor(string heading, List<Heading> earlier)
    {
        var shown = LinkText().Replace(heading, "$1").ToLowerInvariant();
        var anchor = string.Concat(shown.Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-');
        var same = earlier.Count(other => other.Anchor == anchor || RepeatNumber().Replace(other.Anchor, "") == anchor);
        return same == 0 ? anchor : $"{anchor}-{same}";
    }

    [GeneratedRegex("^(?<indentation> *)(?<fence>`{3,}|~{3,})(?<words>[^`]*)$")]
    private static partial Regex Fence();

    [GeneratedRegex("^#{1,6} +(?<text>.*?) *#*$")]
    private static partial Regex HeadingLine();

    [GeneratedRegex("`+[^`]*`+")]
    private static partial Regex InlineCode();

    /// <summary>Of <c>[text](target)</c>, <c>![picture](target)</c> and of pictures and links in HTML.</summary>
    [GeneratedRegex("""(?:\]\(|(?:src|srcset|href)=")(?<target>[^)"\s]+)""")]
    private static partial Regex Targets();

    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex LinkText();

    [GeneratedRegex(@"-\d+$")]
    private static partial Regex RepeatNumber();
}
