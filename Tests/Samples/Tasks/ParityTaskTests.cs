using MinRnn.Bench.Tasks;
using MinRnn.Samples.Common;
using Xunit;
using static TorchSharp.torch;

namespace MinRnn.Tests.Samples.Tasks;

public class ParityTaskTests
{
    [Fact]
    public void Sequences_are_bits_behind_a_start_token_and_padding()
    {
        var (inputs, lengths, parities) = ParityTask.Sequences(500, 1, 10, new SeededRandom(1));

        Assert.Equal(Enumerable.Range(1, 10), lengths.Distinct().Order());
        foreach (var (row, length, parity) in inputs.Chunk(11).Zip(lengths, parities))
        {
            Assert.Equal(ParityTask.Start, row[0]);
            Assert.All(row[1..], bit => Assert.InRange(bit, 0, 1));
            Assert.All(row[(1 + length)..], bit => Assert.Equal(0, bit));
            Assert.Equal(row[1..(1 + length)].Count(bit => bit == 1) % 2, parity);
        }

        Assert.InRange(parities.Average(), 0.4, 0.6);
    }

    [Fact]
    public void Seeds_give_the_sequences()
    {
        Assert.Equal(Inputs(new SeededRandom(7)), Inputs(new SeededRandom(7)));
        Assert.NotEqual(Inputs(new SeededRandom(7)), Inputs(new SeededRandom(8)));
        Assert.NotEqual(Inputs(new SeededRandom(7)), Inputs(new SeededRandom(7, stream: 1)));

        static long[] Inputs(SeededRandom random) => ParityTask.Sequences(8, 1, 10, random).Inputs;
    }

    [Fact]
    public void The_answer_is_read_at_the_last_bit()
    {
        var task = new ParityTask(longest: 10, heldOutLength: 20, batch: 64, seed: 1);
        using var oracle = new Oracle(ParityTask.VocabularySize, row => Counts(row, 0));
        using var late = new Oracle(ParityTask.VocabularySize, row => [0, .. Counts(row, 0)[..^1]]);
        using var liar = new Oracle(ParityTask.VocabularySize, row => Counts(row, 1));

        foreach (var full in new[] { false, true })
        {
            Assert.Equal(1, task.Evaluate(oracle, full).Accuracy);
            Assert.Equal(0, task.Evaluate(liar, full).Accuracy);
            Assert.InRange(task.Evaluate(late, full).Accuracy, 0.3, 0.7);
        }

        Assert.Equal(1, task.TrainingLoss(oracle, new SeededRandom(1)).Accuracy);
        Assert.True(task.TrainingLoss(oracle, new SeededRandom(1)).Loss.item<float>() < 1e-6);
        Assert.Equal(0, task.TrainingLoss(liar, new SeededRandom(1)).Accuracy);

        // The parity of the ones so far, at each step.
        static long[] Counts(long[] row, long start) =>
            [.. row.Select((_, step) => (start + row[1..(step + 1)].Sum()) % 2)];
    }

    [Fact]
    public void Signs_learn_it_and_hold_beyond_the_length_of_training()
    {
        var task = new ParityTask(longest: 12, heldOutLength: 48, batch: 64, seed: 1);
        var settings = new TrainingSettings(new WarmupCosine(0.01, 0, 250, FinalShare: 0), WeightDecay: 0.01, Clip: 1, Seed: 1);
        using var trainer = new Trainer(() => new SignedMinGruNarrow(ParityTask.VocabularySize, 1), task, settings);
        Assert.InRange(trainer.Evaluate(full: false).Accuracy, 0, 0.6);

        // Tensors are so small that libtorch's threads would wait for each other most of the time.
        var threads = get_num_threads();
        set_num_threads(1);
        try
        {
            for (var step = 0; step < settings.Schedule.Steps; step++)
                trainer.Step(step);
        }
        finally
        {
            set_num_threads(threads);
        }

        Assert.InRange(trainer.Evaluate(full: false).Accuracy, 0.95, 1);
    }
}
