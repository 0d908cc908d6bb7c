using MinRnn.Generator.Recurrence;

namespace MinRnn.Tests.Recurrence;

/// <summary>Every operator's interval holds every value that its operands' intervals allow, in double and rounded to float.</summary>
public class RangeTests
{
    private const int Trials = 400;
    private const int Samples = 40;

    public static TheoryData<string> Names => [.. Operators.All.Select(op => op.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void HoldsEverySampledValue(string name)
    {
        var op = Operators.Find(name)!;
        var random = new Random(17);
        for (var trial = 0; trial < Trials; trial++)
        {
            var graph = new GraphBuilder(simplify: false);
            var symbols = Enumerable.Range(0, op.Arity).Select(i => graph.Symbol(new Symbol(SymbolKind.Projection, i, "x" + i))).ToArray();

            // An operator may look at whether its operands are one.
            var node = graph.Apply(op, [.. symbols.Select(symbol => random.Next(6) == 0 ? symbols[0] : symbol)]);
            var intervals = symbols.Select(_ => Some(random)).ToArray();
            var range = op.Range(node, operand => intervals[operand.Symbol!.Index]);
            Assert.True(range.Low <= range.High);
            for (var sample = 0; sample < Samples; sample++)
            {
                var at = intervals.Select(interval => Inside(interval, random)).ToArray();
                var value = op.Evaluate([.. node.Operands.Select(operand => at[operand.Symbol!.Index])]);
                var single = (float)op.Evaluate([.. node.Operands.Select(operand => (double)(float)at[operand.Symbol!.Index])]);
                Assert.True(Holds(range, value) && Holds(range, single), $"{name}: {value:R} outside {range} at {string.Join(", ", at)} in {string.Join(", ", intervals)}");
            }
        }
    }

    [Theory]
    [InlineData("div(exp(x), add(exp(x), exp(y)))", 0, 1)]
    [InlineData("div(exp(x), add(add(exp(y), 1), exp(x)))", 0, 1)]
    [InlineData("div(x, add(1, abs(x)))", -1, 1)]
    [InlineData("div(x, max(1, abs(x)))", -1, 1)]
    [InlineData("mul(x, x)", 0, double.PositiveInfinity)]
    [InlineData("exp(neg(softplus(x)))", 0, 1)]
    [InlineData("exp(mul(-8, mul(softplus(x), sigmoid(y))))", 0, 1)]
    [InlineData("sub(1, mul(2, sigmoid(x)))", -1, 1)]
    [InlineData("add(mul(sigmoid(x), 0.5), mul(sub(1, sigmoid(x)), 0.75))", 0.5, 0.75)]
    [InlineData("add(0.25, mul(sigmoid(x), sub(sigmoid(y), 0.25)))", 0, 1)]
    [InlineData("sqrt(sub(1, mul(tanh(x), tanh(x))))", 0, 1)]
    [InlineData("select(less(x, 0), sigmoid(x), clamp(y, -0.5, 2))", -0.5, 2)]
    [InlineData("add(x, y)", double.NegativeInfinity, double.PositiveInfinity)]
    [InlineData("div(1, x)", double.NegativeInfinity, double.PositiveInfinity)]
    [InlineData("pow(sigmoid(x), softplus(y))", 0, 1)]
    public void KnowsTheFormsThatCellsAreWrittenIn(string expression, double low, double high)
    {
        var cell = Simplifier.Run(GraphParser.Parse($"cell A.B\nstate h\nprojection x\nprojection y\nnext h = {expression}\n"));
        var range = new Generator.Differentiation.Bounds()[cell.NextStates[0]];
        Assert.Equal((low, high), (Near(range.Low), Near(range.High)));

        static double Near(double bound) => double.IsInfinity(bound) ? bound : Math.Round(bound, 5) + 0.0;
    }

    [Fact]
    public void HoldsEveryNodeOfRandomCells()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var cell = Simplifier.Run(Common.RandomCells.Make(seed, "A.B"));
            var nodes = cell.Roots.Reachable();
            var bounds = new Generator.Differentiation.Bounds();
            var random = new Random(seed);
            for (var sample = 0; sample < 30; sample++)
            {
                var at = cell.Parameters.ToDictionary(parameter => parameter.Symbol, _ => Spread(random));
                var values = Interpreter.Single.Evaluate(nodes, symbol => (float)at[symbol]);
                for (var i = 0; i < nodes.Count; i++)
                    Assert.True(Holds(bounds[nodes[i]], values[i]), $"seed {seed}: {nodes[i]} is {values[i]:R}, not in {bounds[nodes[i]]}");
            }
        }
    }

    private static bool Holds(Interval range, double value) => double.IsNaN(value) || (range.Low <= value && value <= range.High);

    private static Interval Some(Random random)
    {
        var (a, b) = (Bound(random), Bound(random));
        return Interval.Of(Math.Min(a, b), Math.Max(a, b));
    }

    private static double Bound(Random random) => random.Next(8) switch
    {
        0 => double.NegativeInfinity,
        1 => double.PositiveInfinity,
        2 => 0,
        3 => random.Next(-2, 3),
        _ => Spread(random),
    };

    private static double Inside(Interval interval, Random random)
    {
        if (random.Next(5) == 0)
            return random.Next(2) == 0 ? interval.Low : interval.High;
        var (low, high) = (Math.Max(interval.Low, -1e30), Math.Min(interval.High, 1e30));
        var value = random.Next(2) == 0 ? Spread(random) : low + (random.NextDouble() * (high - low));
        return Math.Clamp(value, interval.Low, interval.High);
    }

    /// <summary>Of either sign, from tiny to huge.</summary>
    private static double Spread(Random random) => (random.Next(2) == 0 ? -1 : 1) * Math.Exp((random.NextDouble() * 24) - 14);
}
