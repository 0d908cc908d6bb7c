using static TorchSharp.torch;

namespace MinRnn.Samples.Common;

/// <summary>What a model is trained on.</summary>
public interface ITrainingTask
{
    /// <summary>Tokens of a training batch.</summary>
    int TokensPerBatch { get; }

    /// <summary>The loss of the model, tokens [B, T] to logits [B, T, V], on a fresh batch, and the share of its answers that are right.</summary>
    (Tensor Loss, double Accuracy) TrainingLoss(nn.Module<Tensor, Tensor> model, SeededRandom random);

    /// <summary>Scores the model on data that it is not trained on.</summary>
    /// <param name="model">The model, in evaluation mode.</param>
    /// <param name="full">Whether on all of that data, or on a part that is quick to run.</param>
    Score Evaluate(nn.Module<Tensor, Tensor> model, bool full);
}

/// <summary>A mean loss in nats and the share of right answers.</summary>
public readonly record struct Score(double Loss, double Accuracy);

/// <summary>Where a run stood at an evaluation.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Training">The mean over the training batches since the point before.</param>
/// <param name="HeldOut">The score on held-out data.</param>
public readonly record struct HistoryPoint(int Step, Score Training, Score HeldOut);
