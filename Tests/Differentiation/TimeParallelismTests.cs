using MinRnn.Generator.Differentiation;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;
using MinRnn.Tests.Common;

namespace MinRnn.Tests.Differentiation;

/// <summary>Which steps may be split in time, and what is said of the others.</summary>
public class TimeParallelismTests
{
    [Fact]
    public void BuiltInCellsAreTimeParallelOrSayWhyNot() => Assert.All(CellGraphs.BuiltIn, type => Assert.Equal(
        type.Name switch
        {
            nameof(Rotation) or nameof(S4D) => "The step is affine in its states, |coefficients| <= 1 in some norm: time may be split.",
            nameof(IndRnn) => "The step is not affine in its state, for relu(add(drive, mul(recurrent, h))) is not: time is not split.",
            nameof(Aaren) => "The step is not affine in its state, for max(maximum, logit) is not: time is not split.",
            _ => "The step is affine in its state, |coefficient| <= 1: time may be split.",
        },
        KernelPlan.Make(CellGraphs.Of(type)).TimeParallel.ToString()));

    [Theory]
    [InlineData("add(mul(mul(sigmoid(p), exp(neg(softplus(w)))), h), q)")]
    [InlineData("add(mul(div(sigmoid(p), add(sigmoid(p), sigmoid(q))), h), q)")]
    [InlineData("add(mul(div(exp(p), add(exp(q), exp(p))), h), q)")]
    [InlineData("add(mul(sub(1, mul(2, sigmoid(p))), h), q)")]
    [InlineData("add(mul(exp(mul(-8, mul(softplus(w), sigmoid(p)))), h), q)")]
    [InlineData("add(h, mul(sigmoid(p), sub(q, h)))")]
    [InlineData("mul(0.5, add(mul(tanh(p), h), sub(h, q)))")]
    [InlineData("add(mul(add(mul(sub(1, sigmoid(p)), 0.9), mul(sigmoid(p), 0.99)), h), q)")]
    [InlineData("select(less(p, 0), mul(sigmoid(q), h), q)")]
    [InlineData("add(h, q)")]
    [InlineData("sub(q, h)")]
    [InlineData("q")]
    public void BoundedCoefficientIsProved(string next) => Assert.True(Prove(next).Holds, Prove(next).ToString());

    [Theory]
    [InlineData("tanh(add(h, p))", "The step is not affine in its state, for tanh(add(h, p)) is not: time is not split.")]
    [InlineData("mul(p, h)", "The step is affine in its state, but the coefficient p in [-Infinity, Infinity] is not bounded by 1: time is not split.")]
    [InlineData("add(q, mul(exp(p), h))", "The step is affine in its state, but the coefficient exp(p) in [0, Infinity] is not bounded by 1: time is not split.")]
    [InlineData("mul(1.0625, h)", "The step is affine in its state, but the coefficient 1.0625 in [1.0625, 1.0625] is not bounded by 1: time is not split.")]
    [InlineData("add(h, mul(sigmoid(p), h))", "The step is affine in its state, but the coefficient add(1, sigmoid(p)) in [1, 2] is not bounded by 1: time is not split.")]
    public void ObstacleIsSaid(string next, string said)
    {
        Assert.False(Prove(next).Holds);
        Assert.Equal(said, Prove(next).ToString());
    }

    [Fact]
    public void CellMayAllowWhatIsNotProved()
    {
        Assert.True(Prove("mul(p, h)", " unbounded").Holds);
        Assert.Equal(
            "The step is affine in its state, the coefficient p in [-Infinity, Infinity], which the cell allows: time may be split.",
            Prove("mul(p, h)", " unbounded").ToString());
        Assert.False(Prove("mul(h, h)", " unbounded").Holds);
    }

    [Theory]
    // A rotation, also as the user may write it, and with a factor.
    [InlineData(true, "sub(mul(cos(p), a), mul(sin(p), b))", "add(mul(sin(p), a), mul(cos(p), b))")]
    [InlineData(true, "mul(sigmoid(q), sub(mul(cos(p), a), mul(sin(p), b)))", "add(mul(mul(sigmoid(q), sin(p)), a), mul(mul(cos(p), sigmoid(q)), b))")]
    [InlineData(true, "add(mul(sin(p), a), mul(cos(p), b))", "sub(mul(cos(p), a), mul(sin(p), b))")]
    [InlineData(false, "add(mul(cos(p), a), mul(sin(p), b))", "add(mul(sin(p), a), mul(cos(p), b))")]
    [InlineData(false, "sub(mul(cos(p), a), mul(sin(q), b))", "add(mul(sin(p), a), mul(cos(p), b))")]
    [InlineData(false, "mul(q, sub(mul(cos(p), a), mul(sin(p), b)))", "mul(q, add(mul(sin(p), a), mul(cos(p), b)))")]
    // Rows, columns, squares.
    [InlineData(true, "add(mul(0.5, a), mul(0.5, b))", "mul(sigmoid(p), b)")]
    [InlineData(true, "mul(0.5, a)", "add(mul(0.5, a), mul(sigmoid(p), b))")]
    [InlineData(true, "add(mul(0.5, a), mul(0.25, b))", "add(mul(0.75, a), mul(0.25, b))")]
    [InlineData(false, "add(mul(0.9, a), mul(0.5, b))", "sub(mul(0.9, a), mul(0.5, b))")]
    // States that are apart.
    [InlineData(true, "mul(sigmoid(p), a)", "mul(tanh(q), b)")]
    [InlineData(false, "mul(sigmoid(p), a)", "mul(q, b)")]
    // One average of another: a gate and its complement weigh the row.
    [InlineData(true, "mul(sigmoid(p), a)", "add(mul(sigmoid(q), b), mul(sub(1, sigmoid(q)), mul(sigmoid(p), a)))")]
    [InlineData(true, "b", "a")]
    [InlineData(false, "add(a, b)", "b")]
    public void NormOfMatrixIsProved(bool holds, string first, string second)
    {
        var cell = Simplifier.Run(GraphParser.Parse($"cell A.B\nstate a\nstate b\nprojection p\nprojection q\nnext a = {first}\nnext b = {second}\n"));
        var proof = TimeParallelism.Prove(cell);
        Assert.Equal(holds, proof.Holds);
        if (holds)
            AssertProductsStaySmall(proof.Affinity);
    }

    private static void AssertProductsStaySmall(Affinity affinity)
    {
        var random = new Random(3);
        double[] product = [1, 0, 0, 1];
        for (var step = 0; step < 500; step++)
        {
            var at = new[] { (8 * random.NextDouble()) - 4, (8 * random.NextDouble()) - 4 };
            var a = Interpreter.Double.Evaluate([.. affinity.Coefficients.SelectMany(row => row)], symbol => at[symbol.Index]);
            product =
            [
                (a[0] * product[0]) + (a[1] * product[2]), (a[0] * product[1]) + (a[1] * product[3]),
                (a[2] * product[0]) + (a[3] * product[2]), (a[2] * product[1]) + (a[3] * product[3]),
            ];
            Assert.All(product, entry => Assert.InRange(entry, -1.5, 1.5));
        }
    }

    private static TimeParallelism Prove(string next, string option = "") => TimeParallelism.Prove(Simplifier.Run(
        GraphParser.Parse($"cell A.B{option}\nstate h\nprojection p\nprojection q\nweight w\nnext h = {next}\n")));
}
