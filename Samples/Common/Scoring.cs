using TorchSharp;
using static TorchSharp.torch;

namespace MinRnn.Samples.Common;

/// <summary>How answers are scored.</summary>
public static class Scoring
{
    /// <summary>The cross-entropy of logits [N, V] against N wanted tokens, and the share of these that have the highest logit.</summary>
    public static (Tensor Loss, double Accuracy) Score(Tensor logits, long[] wanted)
    {
        var targets = tensor(wanted);
        var right = logits.argmax(1).eq(targets).sum().item<long>();
        return (nn.functional.cross_entropy(logits, targets), right / (double)wanted.Length);
    }

    /// <summary>The mean score of batches of one size.</summary>
    /// <param name="batches">How many.</param>
    /// <param name="score">Scores the next batch.</param>
    public static Score Mean(int batches, Func<(Tensor Loss, double Accuracy)> score)
    {
        var (loss, accuracy) = (0.0, 0.0);
        for (var i = 0; i < batches; i++)
        {
            using var scope = NewDisposeScope();
            var (batchLoss, batchAccuracy) = score();
            loss += batchLoss.item<float>();
            accuracy += batchAccuracy;
        }

        return new Score(loss / batches, accuracy / batches);
    }
}
