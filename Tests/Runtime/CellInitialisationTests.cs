namespace MinRnn.Tests.Runtime;

/// <summary>Where the weights of built-in cells start.</summary>
public class CellInitialisationTests
{
    private const int Channels = 2000;

    [Fact]
    public void CoefficientsOfRgLruAreUniform()
    {
        var coefficients = Draw(RgLru.InitialLambda).Select(lambda => Math.Pow(CellMath.Sigmoid(lambda), 8)).Order().ToList();
        Assert.InRange(coefficients[0], 0.8999, 0.901);
        Assert.InRange(coefficients[^1], 0.998, 0.9991);
        for (var i = 0; i < Channels; i++)
            Assert.Equal(0.9 + (0.099 * (i + 0.5) / Channels), coefficients[i], 0.005);
    }

    [Fact]
    public void BoundsOfHgrnAreSpreadEvenly()
    {
        var bounds = Draw(Hgrn.InitialBound).Select(bound => (double)CellMath.Sigmoid(bound)).ToList();
        for (var i = 0; i < Channels; i++)
            Assert.Equal((i + 0.5) / Channels, bounds[i], 1e-6);
    }

    [Fact]
    public void RecurrentWeightsOfIndRnnAreUniform()
    {
        var weights = Draw(IndRnn.InitialRecurrent).Order().ToList();
        for (var i = 0; i < Channels; i++)
            Assert.Equal((i + 0.5) / Channels, weights[i], 0.05);
        Assert.All(weights, weight => Assert.InRange(weight, 0f, 1f));
    }

    [Fact]
    public void NoRandomIsNamed()
    {
        Assert.Equal("random", Assert.Throws<ArgumentNullException>(() => RgLru.InitialLambda(0, 0, 1, null!)).ParamName);
        Assert.Equal("random", Assert.Throws<ArgumentNullException>(() => IndRnn.InitialRecurrent(0, 0, 1, null!)).ParamName);
    }

    private static List<float> Draw(Func<int, int, int, Random, float> initial)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, Channels).Select(channel => initial(channel, 0, Channels, random))];
    }
}
