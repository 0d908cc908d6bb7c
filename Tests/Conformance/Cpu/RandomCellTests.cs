using System.Text;
using MinRnn.Generator.Recurrence;
using MinRnn.Tests.Common;
using Cell = MinRnn.Generator.Recurrence.Cell;

namespace MinRnn.Tests.Conformance.Cpu;

/// <summary>
/// Hundreds of random contractive cells, written as C#, compiled by the generator and run: values and gradients against the
/// interpreter in double. (The interpreter's own gradients are held to finite differences in the differentiation tests.)
/// </summary>
public class RandomCellTests
{
    private const int CellsACompilation = 100;
    private const int Channels = 9;

    [Theory]
    [InlineData(10_000)]
    [InlineData(20_000)]
    [InlineData(30_000)]
    public void CompiledKernelsAgreeWithInterpreter(int firstSeed) => Check(firstSeed, RandomCells.Make);

    [Theory]
    [InlineData(40_000)]
    [InlineData(50_000)]
    [InlineData(60_000)]
    public void SoDoThoseOfVectorStates(int firstSeed) => Check(firstSeed, RandomCells.MakeVector);

    private static void Check(int firstSeed, Func<int, string, Cell> make)
    {
        var cells = Enumerable.Range(firstSeed, CellsACompilation).Select(seed => make(seed, "Cell" + seed)).ToList();
        var source = new StringBuilder();
        foreach (var cell in cells)
        {
            source.AppendLine(CellSource.Write(cell));
            source.AppendLine($"[MinRnn.RecurrentLayer(typeof({cell.Name}), InputSize = {Channels}, HiddenSize = {Channels})] public partial class {cell.Name}Layer;");
        }

        var layers = LayerCompiler.Compile(source.ToString());
        for (var i = 0; i < cells.Count; i++)
            Check(cells[i], layers[cells[i].Name + "Layer"], firstSeed + i);
    }

    private static void Check(Cell cell, Kernels.LayerDescription layer, int seed)
    {
        var input = ScanInput.Random(layer, batch: 2, time: 11, seed, hasState: seed % 3 > 0, reverse: seed % 5 == 0);
        var exact = new ReferenceBackend(cell, Interpreter.Double).Run(layer, input);
        foreach (var chunkSteps in new[] { 0, 3 })
        {
            var (error, tensor) = new CpuBackend(chunkSteps).Run(layer, input).ErrorAgainst(exact);
            if (error <= 2e-5)
                continue;

            // Where float itself is far off, the kernels may be as far as the graph taken literally.
            var (literal, _) = new ReferenceBackend(cell, Interpreter.Single).Run(layer, input).ErrorAgainst(exact);
            Assert.True(error <= 8 * literal, $"seed {seed}: {error:e2} in {tensor}, the literal graph {literal:e2}\n{GraphPrinter.Print(cell)}\n{CellSource.Write(cell)}");
        }
    }
}
