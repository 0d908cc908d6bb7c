using MinRnn.Samples.Common;
using MinRnn.Samples.SelectiveCopy;
using Xunit;

namespace MinRnn.Tests.Samples;

public class SelectiveCopyTaskTests
{
    private const int Length = 64;
    private const int DataTokens = 8;

    private static readonly SelectiveCopyTask CopyTask = new(Length, DataTokens, batch: 32, seed: 1);

    [Fact]
    public void Sequences_hold_the_data_in_order_among_noise_and_end_in_markers()
    {
        var (inputs, targets) = CopyTask.Sequences(200, new SeededRandom(1));

        foreach (var (row, target) in inputs.Chunk(Length).Zip(targets.Chunk(DataTokens)))
        {
            Assert.All(row[^DataTokens..], token => Assert.Equal(SelectiveCopyTask.Marker, token));
            var data = row[..^DataTokens].Where(token => token != SelectiveCopyTask.Noise).ToArray();
            Assert.Equal(target, data);
            Assert.All(data, token => Assert.InRange(token, 1, SelectiveCopyTask.Marker - 1));
        }
    }

    [Fact]
    public void Every_place_and_every_token_is_as_likely()
    {
        const int Rows = 20_000;
        var (inputs, targets) = CopyTask.Sequences(Rows, new SeededRandom(3));

        for (var place = 0; place < Length - DataTokens; place++)
        {
            var share = Enumerable.Range(0, Rows).Count(row => inputs[(row * Length) + place] != 0) / (double)Rows;
            Assert.InRange(share, (1 / 7.0) - 0.015, (1 / 7.0) + 0.015);
        }

        foreach (var count in targets.CountBy(token => token))
            Assert.InRange(count.Value / (double)targets.Length, (1 / 14.0) - 0.005, (1 / 14.0) + 0.005);
    }

    [Fact]
    public void The_same_state_gives_the_same_sequences_and_the_next_batch_is_another()
    {
        var random = new SeededRandom(7);
        var first = CopyTask.Sequences(4, random);
        var state = random.State;
        var second = CopyTask.Sequences(4, random);

        Assert.Equal(first.Inputs, CopyTask.Sequences(4, new SeededRandom(7)).Inputs);
        Assert.NotEqual(first.Inputs, second.Inputs);
        Assert.NotEqual(first.Inputs, CopyTask.Sequences(4, new SeededRandom(8)).Inputs);
        Assert.NotEqual(first.Inputs, CopyTask.Sequences(4, new SeededRandom(7, stream: 1)).Inputs);
        random.State = state;
        Assert.Equal(second.Inputs, CopyTask.Sequences(4, random).Inputs);
    }

    [Fact]
    public void A_sequence_may_be_data_and_markers_alone()
    {
        var (inputs, targets) = new SelectiveCopyTask(6, 3, 1, 1).Sequences(1, new SeededRandom(1));

        Assert.Equal(targets, inputs[..3]);
    }
}
