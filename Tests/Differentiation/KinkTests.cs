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

    private static double Gradient(string expression, double x)
    {
        var cell = GraphParser.Parse($"cell Test.Cell\nstate h\nprojection x\nnext h = add(h, {expression})\n");
        return Evaluate(cell, x) is var raw && Evaluate(Simplifier.Run(cell), x) is var simplified && raw.Equals(simplified)
            ? raw
            : throw new InvalidOperationException($"Simplification changed the gradient from {raw} to {simplified}.");
    }

    private static double Evaluate(Cell cell, double x) => Interpreter.Double.Evaluate(
        [Adjoint.Differentiate(cell).Parameters[1].Gradient],
        symbol => symbol.Kind switch { SymbolKind.StateGradient => 1, SymbolKind.Projection => x, _ => 0.25 })[0];
}
