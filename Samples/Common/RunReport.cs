using Spectre.Console;

namespace MinRnn.Samples.Common;

/// <summary>What a run prints at its end.</summary>
public static class RunReport
{
    /// <summary>Prints the figures of a finished run.</summary>
    public static void Print(TrainingRun run, long parameters, Score heldOut, string lossName = "Held-out loss")
    {
        var table = new Table().Border(TableBorder.Rounded).HideHeaders();
        table.AddColumn("").AddColumn(new TableColumn("").RightAligned());
        table.AddRow("Held-out accuracy", $"{heldOut.Accuracy:P2}");
        table.AddRow(lossName, $"{heldOut.Loss:F4}");
        table.AddRow("Tokens a second", $"{run.TokensPerSecond:N0}");
        table.AddRow("Steps", $"{run.Step:N0}");
        table.AddRow("Time", $"{run.TotalTime.TotalSeconds:F1} s");
        table.AddRow("Parameters", $"{parameters:N0}");
        AnsiConsole.Write(table);
    }
}
