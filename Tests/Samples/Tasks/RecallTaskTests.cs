using MinRnn.Bench.Tasks;
using MinRnn.Samples.Common;
using Xunit;

namespace MinRnn.Tests.Samples.Tasks;

public class RecallTaskTests
{
    private const int Told = 2 * RecallTask.Pairs;

    [Fact]
    public void Sequences_are_pairs_and_their_keys_in_another_order()
    {
        var (inputs, targets) = RecallTask.Sequences(200, new SeededRandom(1));

        foreach (var (row, target) in inputs.Chunk(RecallTask.Length).Zip(targets.Chunk(RecallTask.Pairs)))
        {
            var values = Values(row);
            Assert.Equal(RecallTask.Pairs, values.Count);
            Assert.All(values.Keys, key => Assert.InRange(key, 0, RecallTask.Keys - 1));
            Assert.All(values.Values, value => Assert.InRange(value, RecallTask.Keys, RecallTask.VocabularySize - 1));
            Assert.Equal(values.Keys.Order(), row[Told..].Order());
            Assert.Equal(row[Told..].Select(key => values[key]), target);
        }

        Assert.Contains(inputs.Chunk(RecallTask.Length), row => !Values(row).Keys.SequenceEqual(row[Told..]));
        Assert.Equal(RecallTask.VocabularySize, inputs.Distinct().Count());
    }

    [Fact]
    public void Seeds_give_the_sequences()
    {
        Assert.Equal(Inputs(new SeededRandom(7)), Inputs(new SeededRandom(7)));
        Assert.NotEqual(Inputs(new SeededRandom(7)), Inputs(new SeededRandom(8)));
        Assert.NotEqual(Inputs(new SeededRandom(7)), Inputs(new SeededRandom(7, stream: 1)));

        static long[] Inputs(SeededRandom random) => RecallTask.Sequences(8, random).Inputs;
    }

    [Fact]
    public void The_answers_are_read_at_the_keys()
    {
        var task = new RecallTask(batch: 16, seed: 1);
        using var oracle = new Oracle(RecallTask.VocabularySize, row => [.. row[..Told], .. row[Told..].Select(key => Values(row)[key])]);
        using var late = new Oracle(RecallTask.VocabularySize, row => [.. row[..(Told + 1)], .. row[Told..^1].Select(key => Values(row)[key])]);

        foreach (var full in new[] { false, true })
        {
            Assert.Equal(1, task.Evaluate(oracle, full).Accuracy);
            Assert.InRange(task.Evaluate(late, full).Accuracy, 0, 0.1);
        }

        Assert.Equal(1, task.TrainingLoss(oracle, new SeededRandom(1)).Accuracy);
    }

    private static Dictionary<long, long> Values(long[] row) => row[..Told].Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]);
}
