using MinRnn.Samples.Common;
using static TorchSharp.torch;

namespace MinRnn.Samples.CharacterModel;

/// <summary>The next character at every place of windows of a text; losses are nats per character.</summary>
/// <param name="corpus">The text.</param>
/// <param name="length">Characters of a window, T.</param>
/// <param name="batch">Windows of a training batch.</param>
public sealed class CharacterTask(Corpus corpus, int length, int batch) : ITrainingTask
{
    private const int WindowsOnTheWay = 32;

    /// <inheritdoc/>
    public int TokensPerBatch => batch * length;

    /// <inheritdoc/>
    public (Tensor Loss, double Accuracy) TrainingLoss(nn.Module<Tensor, Tensor> model, SeededRandom random)
    {
        var starts = new int[batch];
        for (var row = 0; row < batch; row++)
            starts[row] = random.Next(corpus.Training.Length - length);
        return Score(model, corpus.Training, starts);
    }

    /// <inheritdoc/>
    /// <remarks>Windows follow each other and start without a state; a rest shorter than a window is left out.</remarks>
    public Score Evaluate(nn.Module<Tensor, Tensor> model, bool full)
    {
        var windows = (corpus.HeldOut.Length - 1) / length;
        var stride = full ? 1 : Math.Max(1, windows / WindowsOnTheWay);
        int[] starts = [.. Enumerable.Range(0, windows).Where(window => window % stride == 0).Select(window => window * length)];
        var (loss, accuracy) = (0.0, 0.0);
        foreach (var rows in starts.Chunk(batch))
        {
            using var scope = NewDisposeScope();
            var (rowsLoss, rowsAccuracy) = Score(model, corpus.HeldOut, rows);
            loss += rowsLoss.item<float>() * rows.Length;
            accuracy += rowsAccuracy * rows.Length;
        }

        return new Score(loss / starts.Length, accuracy / starts.Length);
    }

    private (Tensor Loss, double Accuracy) Score(nn.Module<Tensor, Tensor> model, long[] text, int[] starts)
    {
        var inputs = new long[starts.Length * length];
        var targets = new long[starts.Length * length];
        for (var row = 0; row < starts.Length; row++)
        {
            text.AsSpan(starts[row], length).CopyTo(inputs.AsSpan(row * length));
            text.AsSpan(starts[row] + 1, length).CopyTo(targets.AsSpan(row * length));
        }

        return Scoring.Score(model.call(tensor(inputs).view(starts.Length, length)).flatten(0, 1), targets);
    }
}
