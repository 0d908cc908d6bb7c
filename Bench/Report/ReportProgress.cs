using System.Diagnostics;
using Spectre.Console;

namespace MinRnn.Bench.Report;

/// <summary>Says what is being measured, between measurements only: nothing draws while something is timed.</summary>
internal static class ReportProgress
{
    private const int WidthOfFiles = 160;

    public static void Show(Stopwatch clock, Action<Action<string>> work)
    {
        if (!AnsiConsole.Profile.Capabilities.Interactive)
        {
            AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, WidthOfFiles);
            work(text => AnsiConsole.WriteLine($"{clock.Elapsed.TotalSeconds,4:0} s  {text}"));
            return;
        }

        AnsiConsole.Status().AutoRefresh(false).Start("Measuring", status => work(text =>
        {
            status.Status = Markup.Escape($"{clock.Elapsed.TotalSeconds:0} s  {text}");
            status.Refresh();
        }));
    }
}
