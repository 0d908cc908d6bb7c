using System.Text;
using MinRnn.Generator.Recurrence;
using MinRnn.Kernels;
using MinRnn.Tests.Common;
using MinRnn.Tests.Conformance.Cells;
using Xunit.Abstractions;
using Cell = MinRnn.Generator.Recurrence.Cell;

namespace MinRnn.Tests.Conformance.Cpu;

/// <summary>The CPU kernels of every built-in cell and of the cells below against the interpreter, over shapes and options.</summary>
public class CpuConformanceTests(ITestOutputHelper log)
{
    /// <summary>Beyond the built-in cells: two states with an output of their own, an input channel, weights, branches, constants.</summary>
    private const string Cells = """
        using static MinRnn.CellMath;

        [MinRnn.RecurrentCell]
        public static partial class Spiral
        {
            private const float Half = 0.5f;

            public static (float, float) Step(
                [MinRnn.State] float real, [MinRnn.State(Initial = 1f)] float imaginary, float angle, float decay, [MinRnn.Input] float x)
            {
                var keep = Sigmoid(decay);
                var (sine, cosine) = (Sin(angle), Cos(angle));
                return (keep * (cosine * real - sine * imaginary) + Half * x, keep * (sine * real + cosine * imaginary));
            }

            public static float Output([MinRnn.State] float real, [MinRnn.State] float imaginary, float mix, [MinRnn.Weight(Initial = 0.5f)] float skip, [MinRnn.Input] float x)
                => Tanh(mix) * real + imaginary + skip * x;
        }

        [MinRnn.RecurrentCell]
        public static partial class Branching
        {
            private static readonly float Bound = System.MathF.Sqrt(2f);

            public static float Step([MinRnn.State] float h, float gate, float candidate, [MinRnn.Weight(Initial = -1f)] float slope)
            {
                var value = candidate;
                if (gate > 0 && candidate < Bound)
                    value = Log(1 + gate);
                else if (gate < -1)
                    return Clamp(h + slope * Soft(candidate), -2f, 2f);
                return 0.5f * h + Max(value, -Bound) * Sigmoid(slope);
            }

            private static float Soft(float x) => x >= 0 ? Sqrt(x) : -Sqrt(-x);
        }

        [MinRnn.RecurrentCell]
        public static partial class Averages
        {
            public static (float, float, float) Step(
                [MinRnn.State] float fast, [MinRnn.State(Initial = 0.5f)] float slow, [MinRnn.State] float apart,
                float gate, float candidate, [MinRnn.Weight(Initial = 1f)] float decay)
            {
                var next = Lerp(fast, candidate, Sigmoid(gate));
                var keep = Exp(-Softplus(decay));
                return (next, keep * slow + (1 - keep) * next, candidate - 0.75f * apart);
            }
        }

        [MinRnn.RecurrentCell(AllowUnboundedScan = true)]
        public static partial class Resetting
        {
            public static float Step([MinRnn.State] float h, float reset, float growth, float x) => reset > 3 ? x : 0.3f * Softplus(growth) * h + x;
        }

        [MinRnn.RecurrentCell(StateSize = 3)]
        public static partial class Ensemble
        {
            public static (float, float) Step(
                [MinRnn.State] float fast, [MinRnn.State(Initial = 0.5f)] float slow, float gate, [MinRnn.Projection(Shared = true)] float drive,
                [MinRnn.Weight(PerState = true, Initial = 0.5f)] float rate)
            {
                var keep = Sigmoid(gate) * Sigmoid(rate);
                return (keep * fast + (1 - keep) * Tanh(drive), 0.5f * slow + 0.5f * fast);
            }
        }

        """;

    private static readonly int[] Widths = [1, 5, 16, 41];

    private static readonly string[] OwnCells = ["Spiral", "Branching", "Averages", "Resetting", "Ensemble"];

    internal static readonly Lazy<IReadOnlyDictionary<string, LayerDescription>> Layers = new(() => LayerCompiler.Compile(Source()));

    private static readonly string[] AllCells = [.. CellGraphs.BuiltIn.Select(type => type.Name), .. OwnCells];

    public static TheoryData<string> CellNames => [.. AllCells];

    /// <summary>Cells with vector states are held to their formulas as layers, with the projections that they share.</summary>
    public static TheoryData<string> BuiltInCellNames => [.. CellGraphs.BuiltIn.Where(type => !CellGraphs.Of(type).IsVector).Select(type => type.Name)];

    [Theory]
    [MemberData(nameof(CellNames))]
    public void AgreesWithInterpreter(string cell)
    {
        (int Batch, int Time)[] shapes = [(0, 3), (2, 0), (1, 1), (3, 7), (2, 64)];
        foreach (var width in Widths)
        {
            foreach (var (batch, time) in shapes)
            {
                foreach (var reverse in new[] { false, true })
                {
                    Check(cell, width, batch, time, reverse, hasState: true, intoOutput: true, intoState: true);
                    Check(cell, width, batch, time, reverse, hasState: false, intoOutput: true, intoState: false);
                    Check(cell, width, batch, time, reverse, hasState: true, intoOutput: false, intoState: true);
                }
            }
        }
    }

    /// <summary>The graph and its interpreter come from the cell's text; these come from its paper.</summary>
    [Theory]
    [MemberData(nameof(BuiltInCellNames))]
    public void BuiltInCellsAgreeWithTheirFormulas(string cell)
    {
        var type = CellGraphs.BuiltIn.Single(type => type.Name == cell);
        foreach (var width in new[] { 5, 41 })
        {
            foreach (var (batch, time) in new[] { (1, 1), (3, 7), (2, 64) })
            {
                foreach (var reverse in new[] { false, true })
                {
                    Check(cell, width, batch, time, reverse, hasState: true, intoOutput: true, intoState: true, new EagerBackend(EagerCells.All[type]));
                    Check(cell, width, batch, time, reverse, hasState: false, intoOutput: true, intoState: false, new EagerBackend(EagerCells.All[type]));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(CellNames))]
    public void LongWideInputsStayAccurate(string cell)
    {
        var layer = Layers.Value[$"{cell}5Single"];
        var input = ScanInput.Random(layer, batch: 2, time: 4096, seed: 7, deviation: 4);
        var reference = Oracle(cell).Run(layer, input);
        foreach (var chunkSteps in new[] { 0, 100, 1000 })
        {
            var (error, tensor) = new CpuBackend(chunkSteps).Run(layer, input).ErrorAgainst(reference);
            log.WriteLine($"{cell}, chunks of {chunkSteps}: {error:e2} in {tensor}");
            if (error <= (CellGraphs.BuiltIn.Any(type => type.Name == cell) ? 5e-6 : 2e-5))
                continue;

            // A rotation that thousands of steps remember is off by as many times as float rounds its angle: the graph taken literally is too.
            Assert.Equal(nameof(S4D), cell);
            var (literal, _) = Literal(cell).Run(layer, input).ErrorAgainst(reference);
            Assert.True(error <= 2 * literal, $"{error:e2} in {tensor}, {literal:e2} of the graph in single precision");
        }
    }

    [Theory]
    [MemberData(nameof(CellNames))]
    public void SameBitsOnEveryRunAndThreadCount(string cell)
    {
        var layer = Layers.Value[$"{cell}41Single"];
        var input = ScanInput.Random(layer, batch: 70, time: 40, seed: 3);
        var threads = Workers.MaxThreads;
        try
        {
            var results = new List<ScanOutput>();
            foreach (var count in new[] { 1, 2, 3, 8, 2 })
            {
                Workers.MaxThreads = count;
                results.Add(new CpuBackend().Run(layer, input));
            }

            foreach (var other in results.Skip(1))
                Assert.All(results[0].Tensors.Zip(other.Tensors), pair => Assert.Equal(pair.First.Values, pair.Second.Values));
        }
        finally
        {
            Workers.MaxThreads = threads;
        }
    }

    [Theory]
    [MemberData(nameof(CellNames))]
    public void ExtremePreactivationsStayFinite(string cell)
    {
        if (cell == "Spiral")
            return; // An angle of thousands is no extreme.
        foreach (var magnitude in new[] { 20.0, 100, 4000 })
        {
            var layer = Layers.Value[$"{cell}16Single"];
            var input = ScanInput.Random(layer, batch: 2, time: 9, seed: 4);
            for (var i = 0; i < input.Preactivations.Length; i++)
                input.Preactivations[i] = magnitude * Math.Sign(input.Preactivations[i]);
            var result = new CpuBackend().Run(layer, input);
            Assert.All(result.Tensors, tensor => Assert.All(tensor.Values, value => Assert.True(double.IsFinite(value), tensor.Name)));
        }
    }

    /// <summary>Finite is not enough: gates that are open, shut, or shut both, and the gradients of all of it.</summary>
    [Theory]
    [MemberData(nameof(BuiltInCellNames))]
    public void ExtremePreactivationsAreExact(string cell)
    {
        var layer = Layers.Value[$"{cell}16NoBias"];
        foreach (var magnitude in new[] { 20.0, 45, 90, 4000 })
        {
            var input = ScanInput.Random(layer, batch: 4, time: 9, seed: 6);
            for (var i = 0; i < input.Preactivations.Length; i++)
                input.Preactivations[i] = magnitude * (Math.Sign(input.Preactivations[i]) + (i % 5 * 0.125));
            var reference = Oracle(cell).Run(layer, input);
            var (error, tensor) = new CpuBackend().Run(layer, input).ErrorAgainst(reference);
            Assert.True(error <= 2e-5, $"±{magnitude}: {error:e2} in {tensor}");
        }
    }

    [Theory]
    [MemberData(nameof(CellNames))]
    public void NaNStaysInItsRowAndChannel(string cell)
    {
        var layer = Layers.Value[$"{cell}41Single"];
        var shape = layer.Kernels.Shape;
        var input = ScanInput.Random(layer, batch: 3, time: 6, seed: 5);
        const int Row = 1, Step = 2, Channel = 17;
        var (width, ofChannels) = (shape.PreactivationWidth, shape.Projections * shape.Channels);
        var (values, rowWidth) = width > 0 ? (input.Preactivations, width) : (input.Input, shape.Channels);
        var at = (((Row * input.Time) + Step) * rowWidth) + Channel;
        var clean = new CpuBackend().Run(layer, input);
        values[at] = double.NaN;
        var result = new CpuBackend().Run(layer, input);

        var channels = shape.Channels;
        for (var i = 0; i < result.Output.Length; i++)
        {
            var (row, step, channel) = (i / channels / input.Time, i / channels % input.Time, i % channels);
            var mayDiffer = row == Row && channel == Channel && step >= Step;
            Assert.True(mayDiffer || result.Output[i].Equals(clean.Output[i]), $"output [{row}, {step}, {channel}]");
        }

        for (var i = 0; i < result.PreactivationGradient.Length; i++)
        {
            var mayDiffer = i / width / input.Time == Row && ((i % width) % channels == Channel || i % width >= ofChannels);
            Assert.True(mayDiffer || result.PreactivationGradient[i].Equals(clean.PreactivationGradient[i]), $"pre-activation gradient at {i}");
        }

        for (var i = 0; i < result.ParameterGradient.Length; i++)
            Assert.True(IsOfChannel(i) || result.ParameterGradient[i].Equals(clean.ParameterGradient[i]), $"parameter gradient at {i}");
        if (CellGraphs.BuiltIn.Any(type => type.Name == cell))
            Assert.Equal(double.NaN, result.Output[(((Row * input.Time) + Step) * channels) + Channel]);

        // What all channels share has a gradient from each of them.
        bool IsOfChannel(int parameter) => shape.HasBias && parameter >= ofChannels
            ? parameter < width || (parameter - width) % channels == Channel
            : parameter % channels == Channel;
    }

    private static void Check(string cell, int width, int batch, int time, bool reverse, bool hasState, bool intoOutput, bool intoState, IScanBackend? oracle = null)
    {
        foreach (var options in new[] { "Single", "Double", "NoBias" })
        {
            var layer = Layers.Value[$"{cell}{width}{options}"];
            var input = ScanInput.Random(layer, batch, time, seed: width + batch + time, 2, reverse, hasState, intoOutput, intoState);
            var reference = (oracle ?? Oracle(cell)).Run(layer, input);
            var tolerance = options == "Double" ? 1e-12 : 2e-5;
            foreach (var chunkSteps in CpuBackend.IsTimeParallel(layer) ? [0, 1, 3, 50] : new[] { 0 })
            {
                var (error, tensor) = new CpuBackend(chunkSteps).Run(layer, input).ErrorAgainst(reference);
                if (error <= tolerance)
                    continue;

                // A sum of a few terms that cancel: the kernels may be off as the graph taken literally is, of inputs that differ in the last place.
                var backend = Literal(cell);
                var literal = Enumerable.Range(0, 6).Max(draw => backend.Run(layer, InTheLastPlace(input, draw)).ErrorAgainst(reference).Error);
                Assert.True(width == 1 && error <= 2 * literal, $"{layer.Name}, batch {batch}, time {time}{(reverse ? ", reverse" : "")}, chunks of {chunkSteps}: {error:e2} in {tensor}");
            }
        }
    }

    /// <summary>The same input, its numbers over time up or down by a unit in the last place; unchanged for draw 0.</summary>
    private static ScanInput InTheLastPlace(ScanInput input, int draw)
    {
        var random = new Random(draw);
        double[] Near(double[] values) => draw == 0 ? values
            : [.. values.Select(value => (double)(random.Next(2) == 0 ? float.BitIncrement((float)value) : float.BitDecrement((float)value)))];
        return input with { Preactivations = Near(input.Preactivations), Input = Near(input.Input) };
    }

    internal static ReferenceBackend Oracle(string cell) => ReferenceBackend.Of(TypeOf(cell));

    /// <summary>The graph as it is written, in float.</summary>
    private static ReferenceBackend Literal(string cell) => new(CellGraphs.Of(TypeOf(cell)), Interpreter.Single);

    private static Type TypeOf(string cell) => CellGraphs.BuiltIn.FirstOrDefault(type => type.Name == cell)
        ?? Layers.Value[cell + "1Single"].Kernels.GetType().GetGenericArguments()[0].Assembly.GetType(cell)!;

    private static string Source()
    {
        var text = new StringBuilder(Cells);
        foreach (var cell in AllCells)
        {
            var name = OwnCells.Contains(cell) ? cell : "MinRnn." + cell;
            foreach (var width in Widths)
            {
                var layer = $"[MinRnn.RecurrentLayer(typeof({name}), InputSize = {width}, HiddenSize = {width}";
                text.AppendLine($"{layer})] public partial class {cell}{width}Single;");
                text.AppendLine($"{layer}, Precision = MinRnn.Precision.Double)] public partial class {cell}{width}Double;");
                text.AppendLine($"{layer}, Bias = false)] public partial class {cell}{width}NoBias;");
            }
        }

        return text.ToString();
    }
}
