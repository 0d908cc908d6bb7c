using MinRnn.Samples.Common;
using static TorchSharp.torch;

namespace MinRnn.Samples.SelectiveCopy;

/// <summary>
/// Selective copying: data tokens at random places among noise, then as many markers; at the markers the model has to give the
/// data back in order. What to keep depends on the content, which a recurrence with fixed coefficients cannot do.
/// </summary>
/// <param name="length">Tokens of a sequence, T, markers included.</param>
/// <param name="dataTokens">Data tokens of a sequence, and markers at its end.</param>
/// <param name="batch">Sequences of a training batch.</param>
/// <param name="seed">The seed of the held-out sequences.</param>
public sealed class SelectiveCopyTask(int length, int dataTokens, int batch, int seed) : ITrainingTask
{
    /// <summary>Tokens of the vocabulary: noise, 14 data tokens, the marker.</summary>
    public const int VocabularySize = 16;

    /// <summary>The token of a place without data.</summary>
    public const int Noise = 0;

    /// <summary>The token that asks for the next data token.</summary>
    public const int Marker = VocabularySize - 1;

    private const int HeldOutStream = 1;
    private const int HeldOutBatches = 4;
    private const int HeldOutBatchesInFull = 32;
    private const int TokensPerHeldOutBatch = 4096;

    /// <inheritdoc/>
    public int TokensPerBatch => batch * length;

    /// <summary>Fresh sequences: inputs, row by row, and the data tokens of each row in order.</summary>
    public (long[] Inputs, long[] Targets) Sequences(int count, SeededRandom random)
    {
        var inputs = new long[count * length];
        var targets = new long[count * dataTokens];
        var places = length - dataTokens;
        for (var row = 0; row < count; row++)
        {
            var input = inputs.AsSpan(row * length, length);
            var target = targets.AsSpan(row * dataTokens, dataTokens);
            input[places..].Fill(Marker);

            // Each place is taken with the probability that leaves the right number: every choice of places is as likely.
            var missing = dataTokens;
            for (var place = 0; place < places; place++)
            {
                if (random.Next(places - place) >= missing)
                    continue;
                input[place] = target[dataTokens - missing] = 1 + random.Next(Marker - 1);
                missing--;
            }
        }

        return (inputs, targets);
    }

    /// <inheritdoc/>
    public (Tensor Loss, double Accuracy) TrainingLoss(nn.Module<Tensor, Tensor> model, SeededRandom random) => Score(model, batch, random);

    /// <inheritdoc/>
    public Score Evaluate(nn.Module<Tensor, Tensor> model, bool full)
    {
        var random = new SeededRandom(seed, HeldOutStream);
        var batches = full ? HeldOutBatchesInFull : HeldOutBatches;
        var rows = Math.Max(1, TokensPerHeldOutBatch / length);
        return Scoring.Mean(batches, () => Score(model, rows, random));
    }

    private (Tensor Loss, double Accuracy) Score(nn.Module<Tensor, Tensor> model, int rows, SeededRandom random)
    {
        var (inputs, targets) = Sequences(rows, random);
        var logits = model.call(tensor(inputs).view(rows, length));
        return Scoring.Score(logits.narrow(1, length - dataTokens, dataTokens).reshape(-1, VocabularySize), targets);
    }
}
