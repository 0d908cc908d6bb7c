using MinRnn.Kernels;
using MinRnn.Tests.Common;

namespace MinRnn.Tests.Conformance.Cpu;

/// <summary>Chunks of time run at once: who may, and what a chunk's summary cannot see. Agreement is tested with all else.</summary>
public class TimeParallelTests
{
    private static readonly string[] Sequential = ["Aaren", "IndRnn"];

    private static readonly string[] Cells = [.. CellGraphs.BuiltIn.Select(type => type.Name).Except(Sequential), "Spiral", "Averages", "Resetting", "Ensemble"];

    public static TheoryData<string> CellNames => [.. Cells];

    [Fact]
    public void AffineCellsAreTimeParallel()
    {
        Assert.All(Cells, cell => Assert.True(CpuBackend.IsTimeParallel(Layer(cell, 5)), cell));
        Assert.All(Sequential.Append("Branching"), cell => Assert.False(CpuBackend.IsTimeParallel(Layer(cell, 5)), cell));
    }

    [Theory]
    [MemberData(nameof(CellNames))]
    public void SameBitsOnEveryThreadCount(string cell)
    {
        var layer = Layer(cell, 41);
        var threads = Workers.MaxThreads;
        try
        {
            // Batches beyond the number of groups too; and a shape that cuts time of its own accord.
            foreach (var (batch, time, chunkSteps) in new[] { (1, 700, 100), (70, 40, 7), (1, 9000, 0) })
            {
                var input = ScanInput.Random(layer, batch, time, seed: 3);
                var results = new List<ScanOutput>();
                foreach (var count in new[] { 1, 2, 3, 8, 2 })
                {
                    Workers.MaxThreads = count;
                    results.Add(new CpuBackend(chunkSteps).Run(layer, input));
                }

                foreach (var other in results.Skip(1))
                    Assert.All(results[0].Tensors.Zip(other.Tensors), pair => Assert.Equal(pair.First.Values, pair.Second.Values));
            }
        }
        finally
        {
            Workers.MaxThreads = threads;
        }
    }

    /// <summary>
    /// Gates that keep a state for thousands of steps, cut or not: no step may be low, and nothing that a summary adds may be lost.
    /// </summary>
    [Theory]
    [InlineData("MinGru", -6)]
    [InlineData("MinGru", -9)]
    [InlineData("LogMinGru", -8)]
    [InlineData("SignedMinGru", -8)]
    [InlineData("Averages", -8)]
    public void SlowGatesStayAccurate(string cell, double mean)
    {
        var layer = Layer(cell, 5);
        var input = ScanInput.SlowGates(layer, 30_000, mean);
        var exact = CpuConformanceTests.Oracle(cell).Run(layer, input);
        foreach (var chunkSteps in new[] { 0, 1_000_000, 5000 })
        {
            var (error, tensor) = new CpuBackend(chunkSteps).Run(layer, input).ErrorAgainst(exact);
            Assert.True(error < 1e-5, $"{error:e2} in {tensor}, chunks of {chunkSteps}");
        }
    }

    [Theory]
    [MemberData(nameof(CellNames))]
    public void NaNAndInfinityStandWhereOneSpanHasThem(string cell)
    {
        var layer = Layer(cell, 5);
        var shape = layer.Kernels.Shape;
        const int Time = 300, ChunkSteps = 100;
        foreach (var value in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity })
        {
            // At a chunk's edges, and where its summary no longer looks.
            foreach (var step in new[] { 0, 5, 99, 100, 105, 199, 299 })
            {
                for (var projection = 0; projection < shape.Projections; projection++)
                {
                    var input = ScanInput.Random(layer, batch: 2, Time, seed: step, deviation: 0.5, reverse: step % 2 == 1);
                    input.Preactivations[((Time + step) * shape.PreactivationWidth) + (projection * shape.Channels) + 2] = value;
                    var whole = new CpuBackend(Time).Run(layer, input);
                    var chunked = new CpuBackend(ChunkSteps).Run(layer, input);
                    foreach (var (expected, actual) in whole.Tensors.Zip(chunked.Tensors))
                    {
                        for (var i = 0; i < expected.Values.Length; i++)
                        {
                            Assert.True(
                                expected.Values[i].Equals(actual.Values[i]) || Math.Abs(expected.Values[i] - actual.Values[i]) <= 1e-4
                                || IsGradientOfNothing(expected.Name, expected.Values[i], actual.Values[i]),
                                $"{value} in projection {projection} of step {step}: {actual.Values[i]}, not {expected.Values[i]}, in {expected.Name} at {i}");
                        }
                    }
                }
            }
        }
    }

    /// <summary>An infinite state times a gradient that has all but faded, or has faded to 0.</summary>
    private static bool IsGradientOfNothing(string tensor, double expected, double actual) =>
        tensor.EndsWith("gradient", StringComparison.Ordinal) && double.IsInfinity(expected) && double.IsNaN(actual);

    [Theory]
    [MemberData(nameof(CellNames))]
    public void ExtremePreactivationsStayFinite(string cell)
    {
        if (cell is "Spiral" or "Resetting")
            return; // An angle of thousands is no extreme, and a growth of thousands is meant to grow.
        var layer = Layer(cell, 16);
        foreach (var magnitude in new[] { 20.0, 100, 4000 })
        {
            var input = ScanInput.Random(layer, batch: 2, time: 50, seed: 4);
            for (var i = 0; i < input.Preactivations.Length; i++)
                input.Preactivations[i] = magnitude * Math.Sign(input.Preactivations[i]);
            var (error, tensor) = new CpuBackend(7).Run(layer, input).ErrorAgainst(new CpuBackend().Run(layer, input));
            Assert.True(error <= 1e-5, $"{magnitude}: {error:e2} in {tensor}");
        }
    }

    private static LayerDescription Layer(string cell, int width) => CpuConformanceTests.Layers.Value[$"{cell}{width}Single"];
}
