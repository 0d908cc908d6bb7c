using MinRnn.Bench.Measuring;
using MinRnn.Samples.Common;
using Spectre.Console;

namespace MinRnn.Bench.Tasks;

/// <summary>Trains contenders on tasks, one run after another. Each result is kept, and the table written anew, as it comes.</summary>
/// <param name="results">The results so far.</param>
/// <param name="table">The path of the table.</param>
/// <param name="tasks">The tasks of the table, those that are not run included.</param>
/// <param name="isQuick">Whether a rough answer will do.</param>
/// <param name="interrupted">Asked after each step.</param>
internal sealed class TaskRunner(TaskResults results, string table, IReadOnlyList<LearningTask> tasks, bool isQuick, Func<bool> interrupted)
{
    private readonly ParameterCounts _parameters = new();

    /// <summary>Runs one seed; a run that was interrupted leaves no result.</summary>
    /// <param name="task">What is learned.</param>
    /// <param name="contender">What learns it.</param>
    /// <param name="seed">The seed of parameters and data.</param>
    /// <param name="again">Whether to run it even when it is in the results already.</param>
    public void Run(LearningTask task, Contender contender, int seed, bool again = false)
    {
        var settings = task.Settings(contender, seed, isQuick);
        if (interrupted() || (!again && results.Has(task.Name, contender.Name, seed, settings.Schedule.Steps, task.Text)))
            return;
        if (Train(task, contender, settings) is not { } result)
            return;
        results.Add(result);
        WriteTable();
    }

    /// <summary>Writes the table of the results so far.</summary>
    public void WriteTable() => File.WriteAllText(table, TaskTable.Write(Machine.Current, tasks, results.All, _parameters, isQuick));

    /// <summary>One run; null when it was interrupted.</summary>
    private TaskResult? Train(LearningTask task, Contender contender, TrainingSettings settings)
    {
        var run = $"{task.Name}, {contender.Name}, seed {settings.Seed}";
        var data = task.Make(settings.Seed);
        using var trainer = new Trainer(() => task.Create(contender), data, settings);
        AnsiConsole.WriteLine($"{run}: {trainer.ParameterCount:N0} parameters");
        if (Score(data, trainer, settings) is not { } score)
            return null;
        AnsiConsole.WriteLine($"{run}: {(!double.IsFinite(score.Loss) ? "failed" : task.IsLoss ? $"{score.Loss:F3} nats" : $"{score.Accuracy:P1}")}");
        return new TaskResult(
            task.Name, contender.Name, settings.Seed, settings.Schedule.Steps, Math.Round(score.Accuracy, 4),
            double.IsFinite(score.Loss) ? Math.Round(score.Loss, 4) : null, trainer.ParameterCount, task.Text);
    }

    /// <summary>Trains, and scores on all held-out data: a loss that is no number where training failed, null when it was interrupted.</summary>
    private Score? Score(ITrainingTask data, Trainer trainer, TrainingSettings settings)
    {
        var run = new TrainingRun(TaskCommand.Name, new Dictionary<string, string>(), trainer, data, settings);
        try
        {
            ProgressDisplay.Show(settings.Schedule.Steps, progress => run.Train(checkpoint: null, progress, interrupted));
        }
        catch (TrainingFailedException error)
        {
            AnsiConsole.WriteLine(error.Message);
            return new Score(double.NaN, 0);
        }

        return run.Finished ? trainer.Evaluate(full: true) : null;
    }
}
