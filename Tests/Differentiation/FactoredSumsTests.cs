using MinRnn.Generator.Planning.VectorStates;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Tests.Differentiation;

/// <summary>Sums with what stays the same taken out of them, against adding up value by value.</summary>
public class FactoredSumsTests
{
    private const int Count = 5;

    private static readonly Symbol[] Still = [.. Enumerable.Range(0, 3).Select(i => new Symbol(SymbolKind.Weight, i, "s" + i))];
    private static readonly Symbol[] Moving = [.. Enumerable.Range(0, 3).Select(i => new Symbol(SymbolKind.State, i, "x" + i, IsIndexed: true))];

    [Theory]
    [InlineData(Count)]
    [InlineData(0)]
    public void AreTheSumsOfTheirValues(int count)
    {
        var random = new Random(11);
        for (var trial = 0; trial < 500; trial++)
        {
            var graph = new GraphBuilder();
            var value = Some(graph, random, depth: 5);
            var sums = new FactoredSums(graph, SymbolKind.StepSum, symbol => !symbol.IsIndexed, count);
            var total = sums.Of(value, "v");

            var still = Still.Select(_ => random.NextDouble() + 0.5).ToArray();
            var moving = Enumerable.Range(0, Count).Select(_ => Moving.Select(_ => random.NextDouble() - 0.5).ToArray()).ToArray();
            double At(Expr root, int i) => Interpreter.Double.Evaluate([root], symbol => symbol.IsIndexed ? moving[i][symbol.Index] : still[symbol.Index])[0];
            var added = sums.Sums.Select(sum => Enumerable.Range(0, Count).Sum(i => At(sum.Term, i))).ToArray();
            var actual = Interpreter.Double.Evaluate([total], symbol => symbol.Kind == SymbolKind.StepSum ? added[symbol.Index] : still[symbol.Index])[0];
            var expected = Enumerable.Range(0, Count).Sum(i => At(value, i));
            Assert.True(Math.Abs(actual - expected) <= 1e-11 * (1 + Math.Abs(expected)), $"{value}: {actual:R}, not {expected:R}, by {total}");
        }
    }

    [Theory]
    [InlineData("mul(s, mul(add(mul(a, x), y), b))", "mul(mul(s, b), add(mul(a, vSum), vPart2Sum))", "x|y")]
    [InlineData("add(mul(x, y), sigmoid(x))", "vSum", "add(mul(x, y), sigmoid(x))")]
    [InlineData("div(mul(a, s), 5)", "mul(a, s)", "")]
    [InlineData("neg(div(mul(x, x), a))", "neg(div(vSum, a))", "mul(x, x)")]
    [InlineData("mul(a, sub(x, s))", "mul(a, vSum)", "sub(x, s)")]
    [InlineData("add(mul(x, y), div(mul(a, s), 5))", "add(vSum, mul(a, s))", "mul(x, y)")]
    [InlineData("add(add(x, s), mul(a, y))", "add(vSum, mul(a, vPart2Sum))", "add(x, s)|y")]
    [InlineData("add(mul(s, x), mul(a, x))", "add(mul(s, vSum), mul(a, vSum))", "x")]
    public void AddUpNoMoreThanWhatMoves(string value, string total, string terms)
    {
        var cell = GraphParser.Parse($"cell A.B\nstate x\nstate y\nweight a\nweight b\nweight s\nnext x = {value}\nnext y = y\n");
        var graph = new GraphBuilder();
        var sums = new FactoredSums(graph, SymbolKind.ElementSum, symbol => symbol.Kind == SymbolKind.Weight, Count);
        Assert.Equal(total, sums.Of(graph.Importer(_ => null)(cell.NextStates[0]), "v").ToString());
        Assert.Equal(terms, string.Join("|", sums.Sums.Select(sum => sum.Term)));
    }

    private static Expr Some(GraphBuilder graph, Random random, int depth)
    {
        if (depth == 0 || random.Next(6) == 0)
            return random.Next(7) == 0 ? graph.Constant(random.Next(1, 4)) : graph.Symbol((random.Next(2) == 0 ? Still : Moving)[random.Next(3)]);
        Expr Next() => Some(graph, random, depth - 1);
        return random.Next(7) switch
        {
            0 => graph.Add(Next(), Next()),
            1 => graph.Subtract(Next(), Next()),
            2 or 3 => graph.Multiply(Next(), Next()),
            4 => graph.Negate(Next()),
            5 => graph.Divide(Next(), random.Next(2) == 0 ? graph.Constant(Count) : graph.Symbol(Still[random.Next(3)])),
            _ => graph.Sigmoid(Next()),
        };
    }
}
