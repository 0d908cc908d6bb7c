using MinRnn.Inference.Sampling;

namespace MinRnn.Tests.Runtime;

public class TokenSamplerTests
{
    private static readonly float[] Logits = [1, 3, 2, float.NegativeInfinity, 3, float.NaN];

    private static double[] Softmax(double temperature, params int[] kept)
    {
        var weights = Logits.Select((logit, token) => kept.Contains(token) ? Math.Exp((logit - 3) / temperature) : 0).ToArray();
        return [.. weights.Select(weight => weight / weights.Sum())];
    }

    [Theory]
    [InlineData(1, 0, 1.0, new[] { 0, 1, 2, 4 })]
    [InlineData(0.5, 0, 1.0, new[] { 0, 1, 2, 4 })]
    [InlineData(1, 1, 1.0, new[] { 1 })]
    [InlineData(1, 2, 1.0, new[] { 1, 4 })]
    [InlineData(2, 3, 1.0, new[] { 1, 2, 4 })]
    [InlineData(1, 100, 1.0, new[] { 0, 1, 2, 4 })]
    [InlineData(1, 0, 0.1, new[] { 1 })]
    [InlineData(1, 0, 0.5, new[] { 1, 4 })]
    [InlineData(1, 0, 0.9, new[] { 1, 2, 4 })]
    [InlineData(1, 3, 0.9, new[] { 1, 2, 4 })]
    [InlineData(1, 3, 0.8, new[] { 1, 4 })]
    [InlineData(1, 1, 0.8, new[] { 1 })]
    public void Tokens_come_as_often_as_they_should(double temperature, int topK, double topP, int[] kept)
    {
        const int Draws = 20_000;
        var sampler = new TokenSampler(6, new SamplingOptions { Temperature = temperature, TopK = topK, TopP = topP, Seed = 7 });
        var counts = new int[6];
        for (var i = 0; i < Draws; i++)
            counts[sampler.Next<float>(Logits)]++;
        var expected = Softmax(temperature, kept);
        for (var token = 0; token < 6; token++)
        {
            // Five standard deviations.
            var spread = 5 * Math.Sqrt(Draws * expected[token] * (1 - expected[token]));
            Assert.InRange(counts[token], (expected[token] * Draws) - spread, (expected[token] * Draws) + spread);
        }
    }

    [Fact]
    public void Temperature_0_takes_the_first_of_the_likeliest() =>
        Assert.Equal(1, new TokenSampler(6, new SamplingOptions { Temperature = 0 }).Next<float>(Logits));

    [Fact]
    public void A_seed_decides_the_tokens()
    {
        int[] Run(ulong seed)
        {
            var sampler = new TokenSampler(6, new SamplingOptions { Seed = seed });
            return [.. Enumerable.Range(0, 20).Select(_ => sampler.Next<float>(Logits))];
        }

        Assert.Equal([4, 1, 0, 4, 1, 1, 1, 4, 1, 4, 1, 4, 2, 2, 4, 2, 2, 4, 1, 4], Run(0));
        Assert.Equal(Run(5), Run(5));
        Assert.NotEqual(Run(5), Run(6));
    }

    [Fact]
    public void The_likeliest_of_many_are_found()
    {
        var random = new Random(1);
        for (var round = 0; round < 50; round++)
        {
            var logits = Enumerable.Range(0, 300).Select(_ => (double)random.Next(40)).ToArray();
            var topK = random.Next(1, 300);
            var wanted = logits.Select((logit, token) => (logit, token)).OrderByDescending(entry => entry.logit).ThenBy(entry => entry.token)
                .Take(topK).Select(entry => entry.token).ToHashSet();
            var sampler = new TokenSampler(300, new SamplingOptions { TopK = topK, Temperature = 50, Seed = (ulong)round });
            for (var i = 0; i < 100; i++)
                Assert.Contains(sampler.Next<double>(logits), wanted);
        }
    }

    [Fact]
    public void Infinite_logits_win_and_none_at_all_is_refused()
    {
        var sampler = new TokenSampler(3, new SamplingOptions());
        Assert.Equal(2, sampler.Next<float>([1, 2, float.PositiveInfinity]));
        Assert.Throws<ArgumentException>("logits", () => sampler.Next<float>([float.NaN, float.NegativeInfinity, float.NaN]));
        Assert.Throws<ArgumentException>("logits", () => sampler.Next<float>([1, 2]));
    }

    [Fact]
    public void Options_out_of_range_are_named()
    {
        Assert.Throws<ArgumentOutOfRangeException>("Temperature", () => new TokenSampler(3, new SamplingOptions { Temperature = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>("Temperature", () => new TokenSampler(3, new SamplingOptions { Temperature = double.NaN }));
        Assert.Throws<ArgumentOutOfRangeException>("TopK", () => new TokenSampler(3, new SamplingOptions { TopK = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>("TopP", () => new TokenSampler(3, new SamplingOptions { TopP = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>("TopP", () => new TokenSampler(3, new SamplingOptions { TopP = 1.1 }));
        Assert.Throws<ArgumentOutOfRangeException>("vocabularySize", () => new TokenSampler(0, new SamplingOptions()));
    }
}
