using MinRnn.Generator.Differentiation;
using MinRnn.Generator.Recurrence;
using MinRnn.Tests.Common;

namespace MinRnn.Tests.Differentiation;

public class AffinityTests
{
    [Fact]
    public void BuiltInCellsAreAffineButTwo() =>
        Assert.All(CellGraphs.BuiltIn, type => Assert.Equal(
            type != typeof(Aaren) && type != typeof(IndRnn), Affinity.Prove(Simplifier.Run(CellGraphs.Of(type))).Holds));

    [Theory]
    [InlineData("tanh(add(h, p))", "tanh")]
    [InlineData("mul(h, h)", "mul")]
    [InlineData("div(p, h)", "div")]
    [InlineData("select(less(h, 0), p, h)", "less")]
    [InlineData("add(p, max(h, 0))", "max")]
    public void ObstacleIsNamed(string next, string obstacle)
    {
        var proof = Affinity.Prove(Simplifier.Run(GraphParser.Parse($"cell A.B\nstate h\nprojection p\nnext h = {next}\n")));
        Assert.False(proof.Holds);
        Assert.Equal(obstacle, proof.Obstacle!.Op.Name);
    }

    [Fact]
    public void CoefficientsAndOffsetsRebuildTheStep()
    {
        const string Text = "cell A.B\nstate a\nstate b\nprojection p\nprojection q\n"
            + "next a = sub(mul(p, add(a, mul(2, b))), select(less(p, q), b, q))\n"
            + "next b = div(neg(sub(a, mul(b, q))), 4)\n";
        var cell = GraphParser.Parse(Text);
        var proof = Affinity.Prove(cell);
        Assert.True(proof.Holds);
        var random = new Random(5);
        for (var trial = 0; trial < 20; trial++)
        {
            double a = random.NextDouble(), b = random.NextDouble(), p = random.NextDouble(), q = random.NextDouble();
            double Value(Expr node) => Interpreter.Double.Evaluate([node], s => s.Name switch { "a" => a, "b" => b, "p" => p, _ => q })[0];
            for (var i = 0; i < 2; i++)
            {
                var rebuilt = (Value(proof.Coefficients[i][0]) * a) + (Value(proof.Coefficients[i][1]) * b) + Value(proof.Offsets[i]);
                Assert.Equal(Value(cell.NextStates[i]), rebuilt, 12);
            }
        }
    }
}
