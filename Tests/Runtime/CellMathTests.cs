using static MinRnn.CellMath;

namespace MinRnn.Tests.Runtime;

/// <summary>The scalar functions of cells: accuracy, kinks, limits and NaN.</summary>
public class CellMathTests
{
    private static readonly Dictionary<string, (Func<float, float> Function, Func<double, double> Reference)> Functions = new()
    {
        ["Sigmoid"] = (Sigmoid, Reference.Sigmoid),
        ["Tanh"] = (Tanh, Math.Tanh),
        ["Exp"] = (Exp, Math.Exp),
        ["Expm1"] = (Expm1, Reference.Expm1),
        ["Log"] = (Log, Math.Log),
        ["Log1p"] = (Log1p, Reference.Log1p),
        ["Softplus"] = (Softplus, Reference.Softplus),
        ["LogSigmoid"] = (LogSigmoid, x => -Reference.Softplus(-x)),
        ["Silu"] = (Silu, x => x * Reference.Sigmoid(x)),
        ["Gelu"] = (Gelu, x => x * Reference.NormalCdf(x)),
        ["PositiveG"] = (PositiveG, x => x >= 0 ? x + 0.5 : Reference.Sigmoid(x)),
        ["Sqrt"] = (Sqrt, Math.Sqrt),
        ["SqrtBounded"] = (SqrtBounded, Math.Sqrt),
        ["Reciprocal"] = (Reciprocal, x => 1 / x),
        ["Sin"] = (Sin, Math.Sin),
        ["Cos"] = (Cos, Math.Cos),
    };

    [Theory]
    [InlineData("Sigmoid", -87, 100)]
    [InlineData("Tanh", -20, 20)]
    [InlineData("Exp", -87, 88)]
    [InlineData("Expm1", -50, 88)]
    [InlineData("Log", 1e-40, 1e30)]
    [InlineData("Log1p", -0.99, 1e30)]
    [InlineData("Softplus", -87, 100)]
    [InlineData("LogSigmoid", -100, 87)]
    [InlineData("Silu", -87, 100)]
    [InlineData("Gelu", -13, 20)]
    [InlineData("PositiveG", -87, 100)]
    [InlineData("Sqrt", 0, 1e30)]
    [InlineData("SqrtBounded", 0, 1e30)]
    [InlineData("Reciprocal", 1e-30, 1e30)]
    [InlineData("Sin", -1e6, 1e6)]
    [InlineData("Cos", -1e6, 1e6)]
    public void RoundsTheExactValue(string name, double low, double high)
    {
        var (function, reference) = Functions[name];
        foreach (var argument in Sweep.Arguments(low, high))
        {
            var x = (float)argument;
            var exact = reference(x);
            var error = Math.Abs(function(x) - exact);
            Assert.True(error <= 7e-8 * Math.Abs(exact) + 1e-38, $"{name}({x}) = {function(x)}, not {exact}");
        }
    }

    [Fact]
    public void ExtremeArgumentsGiveLimits()
    {
        Assert.Equal((1f, 0f), (Sigmoid(4000f), Sigmoid(-4000f)));
        Assert.Equal((1f, -1f), (Tanh(4000f), Tanh(-4000f)));
        Assert.Equal((float.PositiveInfinity, 0f), (Exp(4000f), Exp(-4000f)));
        Assert.Equal((float.PositiveInfinity, -1f), (Expm1(4000f), Expm1(-4000f)));
        Assert.Equal((4000f, 0f), (Softplus(4000f), Softplus(-4000f)));
        Assert.Equal((-4000f, 0f), (LogSigmoid(-4000f), LogSigmoid(4000f)));
        Assert.Equal((4000f, 0f, float.NaN), (Silu(4000f), Silu(-4000f), Silu(float.NegativeInfinity)));
        Assert.Equal((4000f, 0f, float.NaN), (Gelu(4000f), Gelu(-4000f), Gelu(float.NegativeInfinity)));
        Assert.Equal((4000.5f, 0f), (PositiveG(4000f), PositiveG(-4000f)));
        Assert.Equal((float.NegativeInfinity, float.NaN), (Log(0f), Log(-1f)));
        Assert.Equal((float.NegativeInfinity, float.NaN), (Log1p(-1f), Log1p(-2f)));
        Assert.Equal(float.PositiveInfinity, Log1p(float.PositiveInfinity));
    }

    [Fact]
    public void KinksAndTies()
    {
        Assert.Equal((0f, 0f, 0.5f), (Relu(0f), Abs(-0f), PositiveG(0f)));
        Assert.Equal((1f, -1f, 0f), (Sign(3f), Sign(-1e-42f), Sign(0f)));
        Assert.Equal((2f, 2f), (Min(2f, 2f), Max(2f, 2f)));
        Assert.Equal((-1f, 0.5f, 1f), (Clamp(-5f, -1f, 1f), Clamp(0.5f, -1f, 1f), Clamp(5f, -1f, 1f)));
        Assert.Equal((1f, 3f, 1.5f), (Lerp(1f, 3f, 0f), Lerp(1f, 3f, 1f), Lerp(1f, 3f, 0.25f)));
        Assert.Equal(7f, StopGradient(7f));
        Assert.Equal((8f, -8f, 1f), (Pow(2f, 3f), Pow(-2f, 3f), Pow(0f, 0f)));
    }

    [Fact]
    public void NaNPasses()
    {
        foreach (var (name, (function, _)) in Functions)
            Assert.True(float.IsNaN(function(float.NaN)), name);
        Assert.All<float>(
            [
                Relu(float.NaN), Abs(float.NaN), Sign(float.NaN), Min(float.NaN, 1f), Min(1f, float.NaN), Max(float.NaN, 1f),
                Max(1f, float.NaN), Clamp(float.NaN, 0f, 1f), Lerp(float.NaN, 0f, 0f), PositiveG(float.NaN), Pow(float.NaN, 2f),
                StopGradient(float.NaN),
            ],
            value => Assert.True(float.IsNaN(value)));
    }
}
