using MinRnn.Samples.Common;

namespace MinRnn.Samples.SelectiveCopy;

/// <summary>One call of the sample: a new run or a resumed one, then its report.</summary>
public static class SelectiveCopyRun
{
    /// <summary>Trains and reports.</summary>
    /// <returns>The exit code.</returns>
    public static int Start(CommandLine line)
    {
        var command = new TrainingCommand(line, SelectiveCopyOptions.Sample);
        var options = SelectiveCopyOptions.Read(command.Line);
        return command.Train(
            options.ToDictionary(),
            () => options.Model.Create(options.Layers),
            new SelectiveCopyTask(options.Length, options.DataTokens, options.Batch, options.Seed),
            options.Settings(),
            parameters => Describe(options, parameters),
            (run, trainer, directory) => Report(run, trainer, options, directory));
    }

    private static void Report(TrainingRun run, Trainer trainer, SelectiveCopyOptions options, RunDirectory directory)
    {
        RunReport.Print(run, trainer.ParameterCount, trainer.Evaluate(full: true));
        var title = $"Selective copying, {options.Model.Cell}, width {options.Model.Width}, length {options.Length}";
        if (TrainingPlot.Save(directory.Plot, title, run.History))
            Console.WriteLine($"Plot:       {directory.Plot}");
    }

    private static string Describe(SelectiveCopyOptions options, long parameters) =>
        $"Selective copying: {options.DataTokens} of {options.Length} tokens; {options.Layers} layers of {options.Model.Cell}, "
        + $"width {options.Model.Width}, {parameters:N0} parameters; batch {options.Batch}, up to {options.Steps} steps.";
}
