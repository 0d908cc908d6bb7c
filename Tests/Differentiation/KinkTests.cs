using MinRnn.Generator.Differentiation;
using MinRnn.Generator.Recurrence;
using Cell = MinRnn.Generator.Recurrence.Cell;

namespace MinRnn.Tests.Differentiation;

/// <summary>Derivatives where they are a matter of convention, and branches whose other side has none.</summary>
public class KinkTests
{
    [Theory]
    [InlineData("abs(x)", 0, 0)]
    [InlineData("abs(x)", -2, -1)]
    [InlineData("relu(x)", 0, 0)]
    [InlineData("relu(x)", 1, 1)]
    [InlineData("max(x, 1)", 1, 0.5)]
    [InlineData("min(x, 1)", 1, 0.5)]
    [InlineData("max(x, 1)", 2, 1)]
    [InlineData("min(x, 1)", 2, 0)]
    [InlineData("max(x, x)", 1, 1)]
    [InlineData("clamp(x, -1, 1)", 1, 1)]
    [InlineData("clamp(x, -1, 1)", -1, 1)]
    [InlineData("clamp(x, -1, 1)", 1.5, 0)]
    [InlineData("clamp(0, x, 1)", 1.5, 0)]
    [InlineData("clamp(0, x, 1)", 0.5, 1)]
    [InlineData("clamp(0, 3, x)", 1, 1)]
    [InlineData("clamp(2, x, 3)", 1, 0)]
    [InlineData("pow(relu(sub(x, 5)), x)", 2, 0)]
    [InlineData("pow(x, mul(0, x))", 0, 0)]
    [InlineData("select(lessOrEqual(0, x), add(x, 0.5), sigmoid(x))", 0, 1)]
    [InlineData("sign(x)", 0.5, 0)]
    [InlineData("stopGradient(x)", 3, 0)]
    [InlineData("mul(stopGradient(x), x)", 3, 3)]
    [InlineData("sqrtBounded(x)", 0, 1000)]
    [InlineData("sqrtBounded(x)", 1, 0.5)]
    public void DerivativeFollowsTheConvention(string expression, double x, double expected) =>
        Assert.Equal(expected, Gradient(expression, x), 12);

    [Theory]
    [InlineData("select(less(0, x), sqrt(x), 0)", 0)]
    [InlineData("select(less(0, x), log(x), 0)", 0)]
    [InlineData("select(less(0, x), log(x), 0)", -1)]
    [InlineData("select(less(0, x), div(1, x), 2)", 0)]
    [InlineData("select(less(0, x), pow(x, 0.5), 2)", 0)]
    [InlineData("select(less(x, 700), 0, exp(x))", 650)]
    [InlineData("select(less(x, 10), 0, exp(exp(x)))", 9)]
    [InlineData("select(less(0, x), select(less(1, x), log(sub(x, 1)), 3), sqrt(mul(0, 1)))", 0.5)]
    public void BranchNotTakenAddsExactlyZero(string expression, double x) => Assert.Equal(0, Gradient(expression, x));

    [Fact]
    public void ConditionOnOneBranchAndPlainUseAddUp() =>
        Assert.Equal(1, Gradient("add(x, select(less(0, x), sqrt(x), 0))", 0));

    [Fact]
    public void SelectionOfBothSidesTakesTheRightOne()
    {
        Assert.Equal(2, Gradient("select(less(0, x), mul(2, x), mul(3, x))", 1));
        Assert.Equal(3, Gradient("select(less(0, x), mul(2, x), mul(3, x))", -1));
    }

    /// <summary>More uses than terms are kept for: they become one, which is guarded by all of their conditions.</summary>
    [Fact]
    public void ManyBranchesThatShareAValueAddUp()
    {
        var shared = string.Join("", Enumerable.Range(1, 6).Select(i => $"add(select(less({i}, x), sqrt(x), 0), ")) + "0" + new string(')', 6);
        Assert.Equal(0, Gradient($"select(less(0, x), {shared}, 0)", 0));
        Assert.Equal(4 * 0.5 / Math.Sqrt(4.5), Gradient($"select(less(0, x), {shared}, 0)", 4.5), 12);
        Assert.Equal(1 + (4 * 0.5 / Math.Sqrt(4.5)), Gradient($"add(x, {shared})", 4.5), 12);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(2.5)]
    [InlineData(-1)]
    public void ChainsOfBranchesHaveTheDerivativeOfTheWayTaken(double x)
    {
        // p = x > i ? p * x : sin(p), from p = x.
        var (value, derivative) = (x, 1.0);
        for (var i = 0; i < 4; i++)
            (value, derivative) = x > i ? (value * x, (derivative * x) + value) : (Math.Sin(value), derivative * Math.Cos(value));
        var (lets, expression) = Chain(4);
        Assert.Equal(derivative, Gradient(lets, expression, x), 12);
    }

    [Fact]
    public void AdjointsOfChainsOfBranchesGrowLinearly()
    {
        Assert.InRange(Size(40), 0, 2.2 * Size(20));

        static int Size(int branches)
        {
            var (lets, expression) = Chain(branches);
            return new[] { Adjoint.Differentiate(Parse(lets, expression)).Parameters[1].Gradient }.Reachable().Count();
        }
    }

    /// <summary>Branch after branch over one value, which the last one names.</summary>
    private static (string Lets, string Expression) Chain(int branches) => (
        "let p0 = x\n" + string.Concat(Enumerable.Range(0, branches).Select(i => $"let p{i + 1} = select(less({i}, x), mul(p{i}, x), sin(p{i}))\n")),
        "p" + branches);

    private static double Gradient(string expression, double x) => Gradient("", expression, x);

    private static double Gradient(string lets, string expression, double x)
    {
        var cell = Parse(lets, expression);
        return Evaluate(cell, x) is var raw && Evaluate(Simplifier.Run(cell), x) is var simplified && raw.Equals(simplified)
            ? raw
            : throw new InvalidOperationException($"Simplification changed the gradient from {raw} to {simplified}.");
    }

    private static Cell Parse(string lets, string expression) =>
        GraphParser.Parse($"cell Test.Cell\nstate h\nprojection x\n{lets}next h = add(h, {expression})\n");

    private static double Evaluate(Cell cell, double x) => Interpreter.Double.Evaluate(
        [Adjoint.Differentiate(cell).Parameters[1].Gradient],
        symbol => symbol.Kind switch { SymbolKind.StateGradient => 1, SymbolKind.Projection => x, _ => 0.25 })[0];
}
