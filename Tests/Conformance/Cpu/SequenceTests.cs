using MinRnn.Generator.Recurrence;
using MinRnn.Kernels;

namespace MinRnn.Tests.Conformance.Cpu;

/// <summary>The CPU kernels on lengths, offsets and resets against running each sequence alone.</summary>
public class SequenceTests
{
    public static TheoryData<string> CellNames => CpuConformanceTests.CellNames;

    /// <summary>Against the interpreter in double. Padding is NaN throughout.</summary>
    [Theory]
    [MemberData(nameof(CellNames))]
    public void AgreesWithInterpreter(string cell)
    {
        var reference = new AloneBackend(CpuConformanceTests.Oracle(cell));
        foreach (var form in SequenceForm.All)
        {
            foreach (var (options, tolerance) in new[] { ("Single", 2e-5), ("Double", 1e-12), ("NoBias", 2e-5) })
            {
                var layer = CpuConformanceTests.Layers.Value[$"{cell}5{options}"];
                foreach (var (reverse, hasState, intoOutput, intoState) in Cases())
                {
                    var input = ScanInput.Random(layer, form, seed: form.Rows, 2, reverse, hasState, intoOutput, intoState);
                    var expected = reference.Run(layer, input);
                    foreach (var chunkSteps in CpuBackend.IsTimeParallel(layer) ? [0, 1, 3, 50] : new[] { 0 })
                    {
                        var (error, tensor) = new CpuBackend(chunkSteps).Run(layer, input).ErrorAgainst(expected);
                        Assert.True(error <= tolerance, $"{layer.Name}, {form}{(reverse ? ", reverse" : "")}, chunks of {chunkSteps}: {error:e2} in {tensor}");
                    }
                }
            }
        }
    }

    /// <summary>Against the same kernels on one sequence at a time: the same bits, but for sums over sequences.</summary>
    [Theory]
    [MemberData(nameof(CellNames))]
    public void SameBitsAsAlone(string cell)
    {
        foreach (var width in new[] { 16, 41 })
        {
            var layer = CpuConformanceTests.Layers.Value[$"{cell}{width}Single"];
            foreach (var form in SequenceForm.All)
            {
                foreach (var (reverse, hasState, intoOutput, intoState) in Cases())
                {
                    var input = ScanInput.Random(layer, form, seed: width + form.Rows, 1, reverse, hasState, intoOutput, intoState);
                    var expected = new AloneBackend(new CpuBackend()).Run(layer, input);
                    var actual = new CpuBackend().Run(layer, input);
                    Assert.InRange(actual.ErrorAgainst(expected).Error, 0, 2e-6);
                    foreach (var ((name, one), (_, other)) in expected.Tensors.Zip(actual.Tensors))
                    {
                        if (name != "parameter gradient")
                            Assert.Equal(one, other);
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(CellNames))]
    public void SameBitsOnEveryThreadCount(string cell)
    {
        var layer = CpuConformanceTests.Layers.Value[$"{cell}41Single"];
        var threads = Workers.MaxThreads;
        try
        {
            // Enough work for threads, in many sequences and in one that is cut.
            SequenceForm[] forms =
            [
                Repeated("short", [3, 0, 1, 7], 100), Repeated("cut", [2000, 1, 40, 0], 1),
                new("padded", 70, 40) { Lengths = [.. Enumerable.Range(0, 70).Select(row => (long)(row % 41))] },
            ];
            foreach (var form in forms)
            {
                foreach (var chunkSteps in new[] { 0, 100 })
                {
                    var input = ScanInput.Random(layer, form, seed: 3);
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
        }
        finally
        {
            Workers.MaxThreads = threads;
        }
    }

    /// <summary>A shape that cuts time of its own accord: one sequence far longer than all others.</summary>
    [Theory]
    [MemberData(nameof(CellNames))]
    public void LongSequencesAreCut(string cell)
    {
        var layer = CpuConformanceTests.Layers.Value[$"{cell}5Single"];
        var form = Repeated("cut", [3, 30_000, 0, 5000, 1], 1) with { Resets = [.. Enumerable.Range(0, 35_004).Select(row => row is 9000 or 9001 or 33_000)] };
        var partition = new ScanPartition(new ScanSegments(1, form.Rows, form.Build()), 5, cutsTime: true);
        Assert.Contains(Enumerable.Range(1, partition.Groups - 1), partition.BeginsWithin);
        foreach (var reverse in new[] { false, true })
        {
            var input = ScanInput.Random(layer, form, seed: 8, reverse: reverse);
            var (error, tensor) = new CpuBackend().Run(layer, input).ErrorAgainst(new AloneBackend(new CpuBackend(1 << 20)).Run(layer, input));
            Assert.True(error <= 2e-6, $"{error:e2} in {tensor}");
        }
    }

    /// <summary>NaN behind a reset or in another sequence goes nowhere, wherever time is cut.</summary>
    [Theory]
    [MemberData(nameof(CellNames))]
    public void NaNStaysInItsSequence(string cell)
    {
        var layer = CpuConformanceTests.Layers.Value[$"{cell}5Single"];
        var shape = layer.Kernels.Shape;
        var form = new SequenceForm("three", 1, 300) { Offsets = [0, 100, 200, 300], Resets = [.. Enumerable.Range(0, 300).Select(row => row is 130 or 170)] };
        foreach (var reverse in new[] { false, true })
        {
            foreach (var chunkSteps in new[] { 0, 20 })
            {
                var input = ScanInput.Random(layer, form, seed: 5, reverse: reverse);
                input.Preactivations.AsSpan(130 * shape.PreactivationWidth, 40 * shape.PreactivationWidth).Fill(double.NaN);
                var result = new CpuBackend(chunkSteps).Run(layer, input);
                void Clean(double[] values, bool states)
                {
                    var rows = states ? 3 : 300;
                    var (from, to) = states ? (1, 1) : (130, 170);
                    for (var i = 0; i < values.Length; i++)
                        Assert.True((i / (values.Length / rows) >= from && i / (values.Length / rows) < to) || double.IsFinite(values[i]));
                }

                Clean(result.Output, states: false);
                Clean(result.PreactivationGradient, states: false);
                Clean(result.FinalState, states: true);
                Clean(result.InitialStateGradient, states: true);
            }
        }
    }

    private static IEnumerable<(bool Reverse, bool HasState, bool IntoOutput, bool IntoState)> Cases() =>
        from reverse in new[] { false, true }
        from given in new[] { (true, true, true), (false, true, false), (true, false, true) }
        select (reverse, given.Item1, given.Item2, given.Item3);

    private static SequenceForm Repeated(string name, int[] lengths, int times)
    {
        var offsets = new List<long> { 0 };
        for (var i = 0; i < lengths.Length * times; i++)
            offsets.Add(offsets[^1] + lengths[i % lengths.Length]);
        return new SequenceForm(name, 1, (int)offsets[^1]) { Offsets = [.. offsets] };
    }
}
