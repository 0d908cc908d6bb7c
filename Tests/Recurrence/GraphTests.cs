using MinRnn.Generator.Recurrence;
using MinRnn.Tests.Common;

namespace MinRnn.Tests.Recurrence;

public class GraphTests
{
    [Fact]
    public void EqualExpressionsAreOneNode()
    {
        var graph = new GraphBuilder(simplify: false);
        var (x, y) = (graph.Symbol(new Symbol(SymbolKind.Projection, 0, "x")), graph.Symbol(new Symbol(SymbolKind.Projection, 1, "y")));
        Assert.Same(graph.Add(x, y), graph.Add(y, x));
        Assert.NotSame(graph.Subtract(x, y), graph.Subtract(y, x));
        Assert.NotSame(graph.Constant(0.0), graph.Constant(-0.0));
    }

    [Fact]
    public void PrintedCellsReadBackTheSame()
    {
        var cells = CellGraphs.BuiltIn.Select(CellGraphs.Of).Concat(Enumerable.Range(0, 200).Select(seed => RandomCells.Make(seed, "A.B")));
        foreach (var cell in cells)
        {
            var text = GraphPrinter.Print(cell);
            Assert.Equal(text, GraphPrinter.Print(GraphParser.Parse(text)));
        }
    }

    [Theory]
    [InlineData("state h\nprojection x\nlet other = sigmoid(x)\nnext h = mul(other, h)", true)]
    [InlineData("state h\nprojection x initial 1\nnext h = mul(sigmoid(x), h)", true)]
    [InlineData("state h\nprojection y\nnext h = mul(sigmoid(y), h)", false)]
    [InlineData("state h initial 1\nprojection x\nnext h = mul(sigmoid(x), h)", false)]
    [InlineData("state h\nweight x\nnext h = mul(sigmoid(x), h)", false)]
    [InlineData("state h\nprojection x\nnext h = mul(tanh(x), h)", false)]
    [InlineData("state h\nprojection x\nnext h = mul(sigmoid(x), h)\noutput = h", false)]
    public void A_fingerprint_tells_what_decides_the_meaning_of_parameters(string text, bool same)
    {
        var fingerprint = GraphPrinter.Fingerprint(GraphParser.Parse("cell A.B\nstate h\nprojection x\nlet gate = sigmoid(x)\nnext h = mul(gate, h)\n"));
        Assert.Matches("^[0-9a-f]{16}$", fingerprint);
        Assert.Equal(same, fingerprint == GraphPrinter.Fingerprint(GraphParser.Parse($"cell C\n{text}\n")));
    }

    [Fact]
    public void SimplificationKeepsValues()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var cell = RandomCells.Make(seed, "A.B");
            var simple = Simplifier.Run(cell);
            Verifier.Check(simple);
            var random = new Random(seed);
            var at = cell.Parameters.ToDictionary(p => p.Symbol, _ => (6 * random.NextDouble()) - 3);
            var expected = Interpreter.Double.Evaluate([.. cell.Roots], symbol => at[symbol]);
            var actual = Interpreter.Double.Evaluate([.. simple.Roots], symbol => at[symbol]);
            for (var i = 0; i < expected.Count; i++)
                Assert.True(Math.Abs(expected[i] - actual[i]) < 1e-12, $"seed {seed}: {actual[i]} not {expected[i]}\n{GraphPrinter.Print(cell)}");
        }
    }

    [Theory]
    [InlineData("sub(1, sigmoid(x))", "sigmoid(neg(x))")]
    [InlineData("sub(1, mul(tanh(x), tanh(x)))", "sech2(x)")]
    [InlineData("exp(neg(softplus(x)))", "sigmoid(neg(x))")]
    [InlineData("log(sigmoid(x))", "neg(softplus(neg(x)))")]
    [InlineData("exp(mul(2, x))", "mul(exp(x), exp(x))")]
    [InlineData("mul(mul(-8, x), neg(h))", "mul(mul(8, x), h)")]
    [InlineData("add(x, 0)", "x")]
    [InlineData("mul(1, neg(neg(x)))", "x")]
    [InlineData("mul(2, mul(3, x))", "mul(6, x)")]
    [InlineData("add(x, neg(h))", "sub(x, h)")]
    [InlineData("select(less(1, 2), x, h)", "x")]
    [InlineData("select(less(x, h), x, x)", "x")]
    [InlineData("pow(x, 2)", "mul(x, x)")]
    [InlineData("mul(0, x)", "mul(0, x)")]
    [InlineData("sub(x, x)", "sub(x, x)")]
    [InlineData("add(1, add(1, 1))", "3")]
    public void RulesRewrite(string from, string to)
    {
        var cell = GraphParser.Parse($"cell A.B\nstate h\nprojection x\nnext h = {from}\n");
        Assert.Equal(to, GraphPrinter.Inline(Simplifier.Run(cell).NextStates[0]));
    }

    [Theory]
    [InlineData("state h\nnext h = foo(h)\n", "unknown operator 'foo'")]
    [InlineData("state h\nnext h = add(h)\n", "takes 2 operands")]
    [InlineData("state h\nnext h = y\n", "'y' is neither")]
    [InlineData("state h\nnext h = h)\n", "goes on after its end")]
    [InlineData("state h\nwobble\n", "'wobble'")]
    [InlineData("state h\n", "gives a value to each of its states")]
    [InlineData("projection x\n", "has a state")]
    [InlineData("state h\nnext h = less(h, 1)\n", "numbers, not conditions")]
    [InlineData("state h\nnext h = select(h, 1, 2)\n", "operands of the right kind")]
    [InlineData("state h\nnext h = add(less(h, 1), 2)\n", "operands of the right kind")]
    public void BrokenTextIsRefused(string text, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => GraphParser.Parse("cell A.B\n" + text)).Message);

    [Theory]
    [InlineData(0.1)]
    [InlineData(1.0 / 3)]
    [InlineData(double.Epsilon)]
    [InlineData(double.MaxValue)]
    [InlineData(-0.0)]
    [InlineData(double.NegativeInfinity)]
    public void NumbersReadBackTheSame(double value)
    {
        var cell = GraphParser.Parse($"cell A.B\nstate h initial {Numbers.Print(value)}\nnext h = h\n");
        Assert.Equal(BitConverter.DoubleToInt64Bits(value), BitConverter.DoubleToInt64Bits(cell.Parameters[0].Initial!.Value));
    }
}
