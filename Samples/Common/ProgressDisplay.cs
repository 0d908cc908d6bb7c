using System.Diagnostics;
using Spectre.Console;

namespace MinRnn.Samples.Common;

/// <summary>Shows a run: a moving bar on a terminal, plain lines elsewhere.</summary>
public sealed class ProgressDisplay : IProgressDisplay
{
    private readonly int _steps;
    private readonly ProgressTask? _bar;
    private readonly Stopwatch _sitting = Stopwatch.StartNew();
    private long _shown;
    private int _firstStep = -1;

    private ProgressDisplay(int steps, ProgressTask? bar) => (_steps, _bar) = (steps, bar);

    /// <summary>Runs a body with the display that suits the output.</summary>
    /// <param name="steps">Steps of the run.</param>
    /// <param name="body">What to run.</param>
    public static void Show(int steps, Action<IProgressDisplay> body)
    {
        if (Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Interactive)
        {
            body(new ProgressDisplay(steps, bar: null));
            return;
        }

        AnsiConsole.Progress()
            .AutoClear(true)
            .Columns(new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context => body(new ProgressDisplay(steps, context.AddTask("starting", maxValue: steps))));
    }

    /// <inheritdoc/>
    public void Step(TrainingRun run)
    {
        if (_firstStep < 0)
            _firstStep = run.Step - 1;
        if (_bar is null || (_shown != 0 && Stopwatch.GetElapsedTime(_shown) < TimeSpan.FromMilliseconds(200)))
            return;
        _shown = Stopwatch.GetTimestamp();
        _bar.Value = run.Step;
        _bar.Description = $"step {run.Step}  {run.TokensPerSecond:N0} tokens/s  ETA {Remaining(run):hh\\:mm\\:ss}";
    }

    /// <inheritdoc/>
    public void Evaluated(TrainingRun run, HistoryPoint point)
    {
        var (training, heldOut) = (point.Training, point.HeldOut);
        var line = $"step {run.Step,6}/{_steps}  loss {training.Loss:F4} {training.Accuracy,6:P1}"
            + $"  held out {heldOut.Loss:F4} {heldOut.Accuracy,6:P1}  {run.TokensPerSecond:N0} tokens/s"
            + $"  ETA {Remaining(run):hh\\:mm\\:ss}";
        if (_bar is null)
            Console.WriteLine(line);
        else
            AnsiConsole.WriteLine(line);
    }

    // From the steps of this sitting, evaluations included: an upper bound, for a run may reach its target early.
    private TimeSpan Remaining(TrainingRun run) => _sitting.Elapsed * ((_steps - run.Step) / (double)(run.Step - _firstStep));
}
