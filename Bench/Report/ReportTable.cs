using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using MinRnn.Bench.Measuring;
using Spectre.Console;

namespace MinRnn.Bench.Report;

/// <summary>One table of a report, for the console and for a file.</summary>
internal sealed partial class ReportTable(string title, params string[] columns)
{
    /// <summary>In the place of a measurement that there was no time for.</summary>
    public const string LeftOut = "left out";

    private readonly List<string[]> _rows = [];
    private readonly List<string> _notes = [];

    public static string[] ComparisonColumns { get; } = ["ours", "against", "ours ms", "its ms", "ratio", "pairs", "target", "result"];

    public void Add(params string[] cells) => _rows.Add(cells);

    public void Note(string text) => _notes.Add(text);

    /// <summary>Adds a comparison that has a target, or a remark in its place.</summary>
    public void Add(string ours, string peer, PairedTimes times, Target? target = null, bool isSpeedup = true, string remark = "") => Add(
        ours,
        peer,
        Milliseconds(times.Ours),
        Milliseconds(times.Peer),
        target?.IsSpeedup ?? isSpeedup ? $"{Number(times.Speedup)} faster" : $"{Number(times.Cost)} its time",
        times.Pairs.ToString(CultureInfo.InvariantCulture),
        target?.Text ?? remark,
        target?.Verdict(times) ?? "");

    /// <summary>A time: median and quartiles.</summary>
    public static string Milliseconds(Spread seconds)
    {
        var spread = seconds.Scale(1000);
        return $"{Digits(spread.Median)} [{Digits(spread.Lower)}, {Digits(spread.Upper)}]";
    }

    /// <summary>A ratio: median and quartiles.</summary>
    public static string Number(Spread ratio) => $"{Digits(ratio.Median)}x [{Digits(ratio.Lower)}, {Digits(ratio.Upper)}]";

    public static string Digits(double value) =>
        value.ToString(value < 10 ? "0.00" : value < 100 ? "0.0" : "#,0", CultureInfo.InvariantCulture);

    public void Print()
    {
        AnsiConsole.MarkupLineInterpolated($"[bold]{title}[/]");
        var table = new Table().Border(TableBorder.Simple);
        foreach (var column in columns)
            table.AddColumn(Markup.Escape(column));
        foreach (var row in _rows)
            table.AddRow([.. row.Select(cell => Markup.Escape(Bare(cell)))]);
        AnsiConsole.Write(table);
        AnsiConsole.WriteLine();
    }

    public void WriteTo(StringBuilder markdown)
    {
        markdown.Append("## ").Append(title).Append("\n\n");
        foreach (var note in _notes)
            markdown.Append(note).Append("\n\n");
        markdown.Append("| ").AppendJoin(" | ", columns).Append(" |\n|").Append(string.Concat(columns.Select(_ => "---|"))).Append('\n');
        foreach (var row in _rows)
            markdown.Append("| ").AppendJoin(" | ", row).Append(" |\n");
        markdown.Append('\n');
    }

    // The console shows medians alone.
    private static string Bare(string cell) => Quartiles().Replace(cell.Replace("**", "", StringComparison.Ordinal), "");

    [GeneratedRegex(@" \[[^\]]*\]")]
    private static partial Regex Quartiles();
}
