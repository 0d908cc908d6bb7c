using MinRnn.Samples.Common;
using static TorchSharp.torch;

namespace MinRnn.Bench.Tasks;

/// <summary>
/// Multi-query associative recall (arXiv 2312.04927): pairs of a key and its value, then every key again in another order; at each key the
/// model has to give its value. A state that holds a number a channel has to know the pairs apart by their channels.
/// </summary>
internal sealed class RecallTask(int batch, int seed) : ITrainingTask
{
    public const int Pairs = 8;
    public const int Keys = 32;
    public const int Values = 32;
    public const int VocabularySize = Keys + Values;
    public const int Length = 3 * Pairs;

    private const int HeldOutStream = 1;
    private const int HeldOutRows = 256;
    private const int HeldOutBatchesInFull = 8;

    public int TokensPerBatch => batch * Length;

    /// <summary>Sequences, and the values that belong to the keys at the end of each.</summary>
    public static (long[] Inputs, long[] Targets) Sequences(int rows, SeededRandom random)
    {
        var (inputs, targets) = (new long[rows * Length], new long[rows * Pairs]);
        var (keys, order) = (new int[Keys], new int[Pairs]);
        for (var row = 0; row < rows; row++)
        {
            var input = inputs.AsSpan(row * Length, Length);
            Shuffle(keys, Pairs, random);
            Shuffle(order, Pairs, random);
            for (var pair = 0; pair < Pairs; pair++)
            {
                input[2 * pair] = keys[pair];
                input[(2 * pair) + 1] = Keys + random.Next(Values);
            }

            for (var query = 0; query < Pairs; query++)
            {
                input[(2 * Pairs) + query] = keys[order[query]];
                targets[(row * Pairs) + query] = input[(2 * order[query]) + 1];
            }
        }

        return (inputs, targets);
    }

    public (Tensor Loss, double Accuracy) TrainingLoss(nn.Module<Tensor, Tensor> model, SeededRandom random) => Score(model, batch, random);

    public Score Evaluate(nn.Module<Tensor, Tensor> model, bool full)
    {
        var random = new SeededRandom(seed, HeldOutStream);
        return Scoring.Mean(full ? HeldOutBatchesInFull : 1, () => Score(model, HeldOutRows, random));
    }

    private static (Tensor Loss, double Accuracy) Score(nn.Module<Tensor, Tensor> model, int rows, SeededRandom random)
    {
        var (inputs, targets) = Sequences(rows, random);
        return Scoring.Score(model.call(tensor(inputs).view(rows, Length)).narrow(1, 2 * Pairs, Pairs).reshape(-1, VocabularySize), targets);
    }

    /// <summary>The numbers from 0 up, the first <paramref name="count"/> of them drawn at random.</summary>
    private static void Shuffle(int[] numbers, int count, SeededRandom random)
    {
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = i;
        for (var i = 0; i < count; i++)
        {
            var other = i + random.Next(numbers.Length - i);
            (numbers[i], numbers[other]) = (numbers[other], numbers[i]);
        }
    }
}
