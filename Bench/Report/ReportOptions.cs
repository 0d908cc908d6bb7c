using System.Globalization;

namespace MinRnn.Bench.Report;

/// <summary>How a report is asked for.</summary>
/// <param name="Output">The folder of results.</param>
/// <param name="Pairs">Pairs of each comparison, where time allows.</param>
/// <param name="IsQuick">Whether a rough and short run will do.</param>
internal sealed record ReportOptions(string Output, int Pairs, bool IsQuick)
{
    public const string Usage = "report [--output DIR] [--pairs N] [--quick]";

    /// <summary>Reads what follows the word <c>report</c>.</summary>
    /// <exception cref="ArgumentException">An option is unknown, or lacks its value.</exception>
    public static ReportOptions Parse(ReadOnlySpan<string> arguments)
    {
        var (output, pairs, quick) = ((string?)null, 0, false);
        for (var i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--output" when i + 1 < arguments.Length:
                    output = arguments[++i];
                    break;
                case "--pairs" when i + 1 < arguments.Length
                    && int.TryParse(arguments[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out pairs) && pairs > 0:
                    i++;
                    break;
                case "--quick":
                    quick = true;
                    break;
                default:
                    throw new ArgumentException($"Not understood: {arguments[i]}. Usage: {Usage}");
            }
        }

        return new ReportOptions(output ?? DefaultOutput(), pairs > 0 ? pairs : quick ? 7 : 31, quick);
    }

    // The project's own folder when run from within the repository, else the current one.
    internal static string DefaultOutput()
    {
        for (var folder = new DirectoryInfo(Environment.CurrentDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Bench", "MinRnn.Bench.csproj")))
                return Path.Combine(folder.FullName, "Bench", "results");
        }

        return Path.Combine(Environment.CurrentDirectory, "results");
    }
}
