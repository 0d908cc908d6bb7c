namespace MinRnn.Samples.Common;

/// <summary>Hears how a run goes.</summary>
public interface IProgressDisplay
{
    /// <summary>A step is done.</summary>
    void Step(TrainingRun run);

    /// <summary>An evaluation is done.</summary>
    void Evaluated(TrainingRun run, HistoryPoint point);
}
