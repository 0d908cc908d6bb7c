using MinRnn.Samples.Common;
using static TorchSharp.torch;

namespace MinRnn.Bench.Tasks;

/// <summary>
/// Parity: a start token and random bits; at the last bit, whether the ones among them are odd. Held-out sequences are longer than
/// those of training: what a model has learned of length, rather than of parity, does not help.
/// </summary>
/// <param name="longest">The most bits of a training sequence; it has one to so many.</param>
/// <param name="heldOutLength">Bits of every held-out sequence.</param>
/// <param name="batch">Sequences of a training batch.</param>
/// <param name="seed">The seed of the held-out sequences.</param>
internal sealed class ParityTask(int longest, int heldOutLength, int batch, int seed) : ITrainingTask
{
    /// <summary>Two bits, and the start token.</summary>
    public const int VocabularySize = 3;

    public const int Start = 2;

    private const int HeldOutStream = 1;
    private const int HeldOutRows = 256;
    private const int HeldOutBatchesInFull = 8;

    public int TokensPerBatch => batch * (1 + longest);

    /// <summary>Sequences of bits behind a start token, padded with zeros to the longest, and their parities.</summary>
    public static (long[] Inputs, int[] Lengths, long[] Parities) Sequences(int rows, int shortest, int longest, SeededRandom random)
    {
        var inputs = new long[rows * (1 + longest)];
        var (lengths, parities) = (new int[rows], new long[rows]);
        for (var row = 0; row < rows; row++)
        {
            var input = inputs.AsSpan(row * (1 + longest), 1 + longest);
            input[0] = Start;
            lengths[row] = shortest + random.Next(longest - shortest + 1);
            for (var place = 1; place <= lengths[row]; place++)
                parities[row] ^= input[place] = random.Next(2);
        }

        return (inputs, lengths, parities);
    }

    public (Tensor Loss, double Accuracy) TrainingLoss(nn.Module<Tensor, Tensor> model, SeededRandom random) =>
        Score(model, batch, 1, longest, random);

    public Score Evaluate(nn.Module<Tensor, Tensor> model, bool full)
    {
        var random = new SeededRandom(seed, HeldOutStream);
        return Scoring.Mean(full ? HeldOutBatchesInFull : 1, () => Score(model, HeldOutRows, heldOutLength, heldOutLength, random));
    }

    private static (Tensor Loss, double Accuracy) Score(nn.Module<Tensor, Tensor> model, int rows, int shortest, int longest, SeededRandom random)
    {
        var (inputs, lengths, parities) = Sequences(rows, shortest, longest, random);
        var logits = model.call(tensor(inputs).view(rows, 1 + longest));
        var last = tensor(lengths, dtype: ScalarType.Int64) + (arange(rows, dtype: ScalarType.Int64) * (1 + longest));
        return Scoring.Score(logits.flatten(0, 1).index_select(0, last), parities);
    }
}
