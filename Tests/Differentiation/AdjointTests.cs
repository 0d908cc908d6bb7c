using MinRnn.Generator.Differentiation;
using MinRnn.Generator.Recurrence;
using MinRnn.Tests.Common;
using Cell = MinRnn.Generator.Recurrence.Cell;

namespace MinRnn.Tests.Differentiation;

/// <summary>Reverse mode against finite differences of the interpreter, in double precision.</summary>
public class AdjointTests
{
    private const int RandomCellCount = 400;

    [Fact]
    public void BuiltInCellsAgreeWithFiniteDifferences()
    {
        foreach (var type in CellGraphs.BuiltIn)
        {
            for (var seed = 0; seed < 20; seed++)
                Check(CellGraphs.Of(type), seed, type.Name);
        }
    }

    [Fact]
    public void RandomCellsAgreeWithFiniteDifferences()
    {
        for (var seed = 0; seed < RandomCellCount; seed++)
        {
            var cell = RandomCells.Make(seed, "Random.Cell" + seed);
            Check(cell, seed, $"seed {seed}\n{GraphPrinter.Print(cell)}");
            Check(Simplifier.Run(cell), seed, $"seed {seed}, simplified\n{GraphPrinter.Print(cell)}");
        }
    }

    private static void Check(Cell cell, int seed, string what)
    {
        var random = new Random(1000 + seed);
        var at = cell.Parameters.ToDictionary(parameter => parameter.Symbol, _ => (3 * random.NextDouble()) - 1.5);
        var seeds = cell.NextStates.Select(_ => random.NextDouble() - 0.5).ToArray();
        var outputSeed = random.NextDouble() - 0.5;
        var gradients = Interpreter.Double.Evaluate(
            [.. Adjoint.Differentiate(cell).Parameters.Select(entry => entry.Gradient)],
            symbol => symbol.Kind switch
            {
                SymbolKind.StateGradient => seeds[symbol.Index],
                SymbolKind.OutputGradient => outputSeed,
                _ => at[symbol],
            });

        // What a gradient is stopped at stays as it is while a parameter moves.
        var graph = new GraphBuilder(simplify: false);
        var freeze = graph.Importer(node => node.Op == Operators.StopGradient
            ? graph.Constant(Interpreter.Double.Evaluate([node], symbol => at[symbol])[0])
            : null);
        IReadOnlyList<Expr> roots = [.. cell.Roots.Select(freeze)];

        for (var i = 0; i < cell.Parameters.Length; i++)
        {
            var symbol = cell.Parameters[i].Symbol;
            const double Step = 1e-5;
            var expected = (8 * (Loss(Step) - Loss(-Step)) - (Loss(2 * Step) - Loss(-2 * Step))) / (12 * Step);
            var scale = Math.Max(1, Math.Abs(expected));
            Assert.True(
                Math.Abs(gradients[i] - expected) < 1e-6 * scale || NearKink(),
                $"d/d{symbol.Name}: {gradients[i]:R}, by differences {expected:R}; {what}");

            double Loss(double shift) => At(shift).Take(seeds.Length).Zip(seeds, (x, s) => x * s).Sum()
                + (cell.Output is null ? 0 : outputSeed * At(shift)[^1]);

            IReadOnlyList<double> At(double shift) => Interpreter.Double.Evaluate(
                roots, other => at[other] + (other == symbol ? shift : 0));

            // Differences across a kink measure neither side.
            bool NearKink() => Math.Abs((Loss(Step) - Loss(0)) - (Loss(0) - Loss(-Step))) > 1e-2 * Step;
        }
    }
}
