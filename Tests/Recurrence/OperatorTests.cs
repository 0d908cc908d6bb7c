using MinRnn.Generator.Recurrence;

namespace MinRnn.Tests.Recurrence;

/// <summary>Every entry of the operator table: its derivative against differences of its value, its spelling, its name.</summary>
public class OperatorTests
{
    private static readonly double[][] Points = [[0.7, 1.3, 2.1], [-0.8, 0.4, 0.9], [2.5, -1.5, 0.25], [-3.1, 1.9, 2.2]];

    public static TheoryData<string> Names => [.. Operators.All.Select(op => op.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void DerivativeAgreesWithDifferences(string name)
    {
        var op = Operators.Find(name)!;
        if (op.Pull is null)
            return;
        foreach (var point in Points)
        {
            var at = point.Take(op.Arity).ToArray();
            if (double.IsNaN(op.Evaluate(at)))
                continue;
            for (var i = 0; i < op.Arity; i++)
            {
                var graph = new GraphBuilder();
                var operands = at.Select((_, j) => graph.Symbol(new Symbol(SymbolKind.Projection, j, "x" + j))).ToArray();
                var node = graph.Apply(op, operands);
                var gradient = op.Pull(graph, node, graph.Constant(1), i);
                if (gradient is null)
                    continue;
                var actual = Interpreter.Double.Evaluate([gradient], symbol => at[symbol.Index])[0];
                var expected = Difference(op, at, i);
                Assert.True(Math.Abs(actual - expected) < 1e-7 * Math.Max(1, Math.Abs(expected)), $"{name} at {string.Join(", ", at)}: {actual} not {expected}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ConditionsAreOneOrZero(string name)
    {
        var op = Operators.Find(name)!;
        if (op.IsCondition)
            Assert.All(Points, point => Assert.Contains(op.Evaluate([.. point.Take(op.Arity)]), new[] { 0.0, 1.0 }));
    }

    [Fact]
    public void NaNPassesThroughMinMaxAndRelu()
    {
        foreach (var op in new[] { Operators.Min, Operators.Max })
        {
            Assert.Equal(double.NaN, op.Evaluate([double.NaN, 1]));
            Assert.Equal(double.NaN, op.Evaluate([1, double.NaN]));
        }

        Assert.Equal(double.NaN, Operators.Relu.Evaluate([double.NaN]));
        Assert.Equal(double.NaN, Operators.Clamp.Evaluate([double.NaN, 0, 1]));
    }

    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(1, 0.841344746068543)]
    [InlineData(-2.5, 0.006209665325776)]
    [InlineData(-6, 9.865876450377e-10)]
    [InlineData(-20, 2.753624118606e-89)]
    public void NormalDistributionFunctionIsAccurate(double x, double expected) =>
        Assert.Equal(1, Reference.NormalCdf(x) / expected, 10);

    [Fact]
    public void SmallArgumentsOfExpm1AndLog1pKeepTheirDigits()
    {
        Assert.Equal(1, Reference.Expm1(1e-10) / (1e-10 * (1 + 5e-11)), 14);
        Assert.Equal(1, Reference.Log1p(1e-10) / (1e-10 * (1 - 5e-11)), 14);
        Assert.Equal(-1, Reference.Expm1(-1000));
        Assert.Equal(double.PositiveInfinity, Reference.Expm1(1000));
    }

    private static double Difference(Operator op, double[] at, int i)
    {
        const double Step = 1e-4;
        double At(double shift)
        {
            var moved = (double[])at.Clone();
            moved[i] += shift;
            return op.Evaluate(moved);
        }

        return ((8 * (At(Step) - At(-Step))) - (At(2 * Step) - At(-2 * Step))) / (12 * Step);
    }
}
