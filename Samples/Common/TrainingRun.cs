using System.Diagnostics;

namespace MinRnn.Samples.Common;

/// <summary>A run from its first step, or from a checkpoint, to its end: steps, evaluations, checkpoints.</summary>
public sealed class TrainingRun
{
    private readonly Trainer _trainer;
    private readonly TrainingSettings _settings;
    private readonly int _tokensPerBatch;
    private readonly Stopwatch _sitting = new();
    private readonly List<HistoryPoint> _history = [];
    private RunState _state;

    /// <summary>Creates a run that has not begun.</summary>
    /// <param name="sample">The program's name, kept in checkpoints.</param>
    /// <param name="options">The options that a resumed run has to share, kept in checkpoints.</param>
    /// <param name="trainer">The model and its optimiser.</param>
    /// <param name="task">What it is trained on.</param>
    /// <param name="settings">How.</param>
    public TrainingRun(
        string sample, IReadOnlyDictionary<string, string> options,
        Trainer trainer, ITrainingTask task, TrainingSettings settings)
    {
        (_trainer, _settings, _tokensPerBatch) = (trainer, settings, task.TokensPerBatch);
        _state = new RunState(sample, options, 0, trainer.Data.State, _history, default, 0, 0);
    }

    /// <summary>Steps done.</summary>
    public int Step => _state.Step;

    /// <summary>The evaluations so far.</summary>
    public IReadOnlyList<HistoryPoint> History => _history;

    /// <summary>The time of all sittings.</summary>
    public TimeSpan TotalTime => TimeSpan.FromSeconds(_state.TotalSeconds) + _sitting.Elapsed;

    /// <summary>Tokens that training steps took a second, over all sittings.</summary>
    public double TokensPerSecond => _state.TrainingSeconds > 0 ? Step * (double)_tokensPerBatch / _state.TrainingSeconds : 0;

    /// <summary>Whether every step is done or the target is reached.</summary>
    public bool Finished => Step >= _settings.Schedule.Steps || TargetReached;

    private bool TargetReached =>
        _settings.TargetAccuracy is { } target && _history.Count >= 2
        && _history.TakeLast(2).All(point => point.HeldOut.Accuracy >= target);

    /// <summary>Trains until the run is finished or interrupted, and saves checkpoints on the way and at the end.</summary>
    /// <param name="checkpoint">The checkpoint's path; null to keep none.</param>
    /// <param name="progress">Hears of each step.</param>
    /// <param name="interrupted">Asked after each step.</param>
    public void Train(string? checkpoint, IProgressDisplay progress, Func<bool> interrupted)
    {
        _sitting.Restart();
        while (!Finished && !interrupted())
        {
            var evaluated = Advance();
            progress.Step(this);
            if (evaluated)
                progress.Evaluated(this, _history[^1]);
            if (checkpoint is not null && Step % _settings.CheckpointEvery == 0)
                Save(checkpoint);
        }

        _sitting.Stop();
        _state = _state with { TotalSeconds = TotalTime.TotalSeconds };
        _sitting.Reset();
        if (checkpoint is not null)
            Save(checkpoint);
    }

    /// <summary>Writes a checkpoint.</summary>
    public void Save(string path)
    {
        var sections = new Dictionary<string, byte[]>();
        (_state with { DataState = _trainer.Data.State, TotalSeconds = TotalTime.TotalSeconds }).Save(sections);
        _trainer.Save(sections);
        CheckpointFile.Write(path, sections);
    }

    /// <summary>Continues from a checkpoint.</summary>
    public void Restore(RunState state, IReadOnlyDictionary<string, byte[]> sections)
    {
        _trainer.Restore(sections);
        _trainer.Data.State = state.DataState;
        _history.Clear();
        _history.AddRange(state.History);
        _state = state with { History = _history };
    }

    // One step, and the evaluation that is due after it: a checkpoint never stands between them.
    private bool Advance()
    {
        var start = Stopwatch.GetTimestamp();
        var score = _trainer.Step(Step);
        var interval = _state.Interval;
        _state = _state with
        {
            Step = Step + 1,
            Interval = new Score(interval.Loss + score.Loss, interval.Accuracy + score.Accuracy),
            TrainingSeconds = _state.TrainingSeconds + Stopwatch.GetElapsedTime(start).TotalSeconds,
        };
        var due = Step % _settings.EvaluateEvery == 0 || Step == _settings.Schedule.Steps;
        if (due)
            Evaluate();
        return due;
    }

    private void Evaluate()
    {
        var steps = Step - (_history.Count > 0 ? _history[^1].Step : 0);
        var training = new Score(_state.Interval.Loss / steps, _state.Interval.Accuracy / steps);
        var heldOut = _trainer.Evaluate(full: false);
        if (!double.IsFinite(heldOut.Loss))
            throw new TrainingFailedException($"The loss on held-out data after step {Step} is {heldOut.Loss}: try a lower --rate.");
        _history.Add(new HistoryPoint(Step, training, heldOut));
        _state = _state with { Interval = default };
    }
}
