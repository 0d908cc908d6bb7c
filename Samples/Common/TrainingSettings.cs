namespace MinRnn.Samples.Common;

/// <summary>How a run trains.</summary>
/// <param name="Schedule">The learning rate of each step, and the number of steps.</param>
/// <param name="WeightDecay">The decay of matrices; biases, norms and cell weights have none.</param>
/// <param name="Clip">The largest norm of the gradient.</param>
/// <param name="Seed">The seed of parameters, dropout and data.</param>
public sealed record TrainingSettings(WarmupCosine Schedule, double WeightDecay, double Clip, int Seed)
{
    /// <summary>Steps between evaluations.</summary>
    public int EvaluateEvery { get; init; } = 100;

    /// <summary>Steps between checkpoints.</summary>
    public int CheckpointEvery { get; init; } = 500;

    /// <summary>The held-out accuracy that ends a run when two evaluations in a row reach it; null to run every step.</summary>
    public double? TargetAccuracy { get; init; }
}
