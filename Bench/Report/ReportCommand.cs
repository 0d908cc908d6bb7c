using System.Diagnostics;
using System.Globalization;
using System.Text;
using MinRnn.Bench.Measuring;
using MinRnn.Bench.Peers;
using Spectre.Console;

namespace MinRnn.Bench.Report;

/// <summary>Measures everything side by side in one process; prints tables and writes them with a plot.</summary>
internal static class ReportCommand
{
    private const double QuietShare = 0.05;

    // libtorch's threads wait for each other by spinning: where they lack a core, a layer of many small steps takes up to
    // a hundred times as long.
    private const string Disturbed =
        ": libtorch's layers and loops of many small steps suffer from that far more than ours, and their ratios mean little";

    private static readonly TimeSpan Total = TimeSpan.FromSeconds(290);

    public static int Run(ReportOptions options)
    {
        var clock = Stopwatch.StartNew();
        var outside = new OutsideWork();
        var machine = Machine.Current;
        foreach (var (name, value) in machine.Facts)
            AnsiConsole.WriteLine($"{name}: {value}");

        var checks = PeerCheck.Run();
        foreach (var (name, error) in checks)
            AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Checked {name}: error {error:0.0e0}"));

        var scaling = new ScalingSection();
        var stateSpace = new StateSpaceSection();
        var tables = new List<ReportTable>();
        ReportProgress.Show(clock, progress =>
        {
            var context = new ReportContext(new PairedTimer(options.Pairs, Total), options, progress);
            stateSpace.Measure(context, "first of all");
            tables.AddRange(ScanSection.Measure(context));
            tables.Add(LongSequenceSection.Measure(context));
            tables.AddRange(LayerSection.Measure(context));
            stateSpace.Measure(context, "after the layers");
            tables.Add(stateSpace.Table);
            tables.Add(SequenceSection.Measure(context));
            tables.Add(BreakdownSection.Measure(context));
            tables.Add(ModelSection.Measure(context));
            tables.Add(MemorySection.Measure(context));
            tables.Add(scaling.Measure(context));
        });

        AnsiConsole.WriteLine();
        tables.ForEach(table => table.Print());
        var share = outside.Share;
        if (share > QuietShare)
            AnsiConsole.MarkupLineInterpolated(
                $"[yellow]Other work took {Percent(share)} of the processor{Disturbed}.[/]");

        Directory.CreateDirectory(options.Output);
        var path = Path.Combine(options.Output, machine.FileName);
        ScalingPlot.Save(path + ".png", machine.Processor + ", " + machine.Cores + " cores", scaling.Lines);
        File.WriteAllText(path + ".md", Markdown(machine, share, checks, tables, options, clock.Elapsed));
        AnsiConsole.WriteLine($"Written in {clock.Elapsed.TotalSeconds:0} s: {path}.md and .png");
        return 0;
    }

    private static string Markdown(
        Machine machine, double? share, IReadOnlyList<(string Name, double Error)> checks, List<ReportTable> tables, ReportOptions options,
        TimeSpan elapsed)
    {
        var text = new StringBuilder($"# Measured on {machine.Processor}, {machine.Cores} cores\n\n");
        foreach (var (name, value) in machine.Facts)
            text.Append(CultureInfo.InvariantCulture, $"- {name}: {value}\n");
        if (share is not null)
        {
            var remark = share > QuietShare ? Disturbed : "";
            text.Append(CultureInfo.InvariantCulture, $"- Other work meanwhile: {Percent(share)} of the processor{remark}\n");
        }

        text.Append(CultureInfo.InvariantCulture,
            $"""

            Medians with quartiles in brackets. A comparison times ours and the peer in turn, {options.Pairs} pairs where time allows,
            after a warm-up call of each; a ratio is the median of the pairs' ratios. Default settings of .NET and libtorch,
            float32. All of it ran in one process, in {elapsed.TotalSeconds:0} seconds.

            ![Training step over sequence length]({machine.FileName}.png)


            """);
        tables.ForEach(table => table.WriteTo(text));
        text.Append("## Peers checked\n\nThe same output and gradients from the same parameters; max|x - ref| / max|ref|.\n\n");
        text.Append("| peer | error |\n|---|---|\n");
        foreach (var (name, error) in checks)
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {error:0.0e0} |\n");
        return text.ToString().ReplaceLineEndings("\n");
    }

    private static string Percent(double? share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0} %");
}
