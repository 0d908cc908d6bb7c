using MinRnn.Samples.Playground.Compilation;

namespace MinRnn.Tests.Playground;

/// <summary>What the compiler answers to sources, in this process.</summary>
public class AnswerTests
{
    private const string Usings = "using MinRnn; using static MinRnn.CellMath;\n";

    private const string Gru =
        """
        [RecurrentCell]
        public static partial class Gru
        {
            public static float Step([State] float h, float gate, float candidate) => Lerp(h, candidate, Sigmoid(gate));
        }
        """;

    [Fact]
    public void The_derivative_of_a_minimal_gru()
    {
        var lines = Compile(Gru).Layer!.Adjoint.Formulas.Select(line => $"{line.Name} = {line.Expression}");
        Assert.Equal(
            [
                "gateSigmoid = σ(gate)",
                "gateComplement = σ(−gate)",
                "gateGradient = hGradient·(candidate − h)·(gateSigmoid·gateComplement)",
                "candidateGradient = hGradient·gateSigmoid",
                "hGradient = hGradient·gateComplement",
            ],
            lines);
    }

    [Fact]
    public void A_value_without_a_name_is_called_by_the_result_that_it_is()
    {
        const string Layer = "\n[RecurrentLayer(typeof(Gru), InputSize = 8, HiddenSize = 8, Skip = true, Gate = true)] partial class Gated;";
        var lines = Compile(Gru + Layer).Layer!.Step.Formulas.Select(line => $"{line.Name} = {line.Expression}").ToList();
        Assert.Equal("output = (nextH + skip·skipInput)·(outputGate·σ(outputGate))", lines[^1]);
    }

    /// <summary>Brackets stand where they are needed to read a formula as it was meant.</summary>
    [Theory]
    [InlineData("h - (x - y)", "h − (x − y)")]
    [InlineData("h - x - y", "h − x − y")]
    [InlineData("h / (x * y)", "h / (x·y)")]
    [InlineData("h / x * y", "(h / x)·y")]
    [InlineData("h * x / y", "h·x / y")]
    [InlineData("-(h + x) * y", "−((h + x)·y)")]
    [InlineData("x > 0 ? h : y > h ? y : x", "0 < x ? h : h < y ? y : x")]
    [InlineData("x > 0 && y > 0 ? h : x", "0 < x and 0 < y ? h : x")]
    [InlineData("Abs(h + x) * Exp(-y)", "|h + x|·exp(−y)")]
    public void Formulas_read_as_they_are_meant(string code, string formula)
    {
        var compiled = Compile($"[RecurrentCell] static partial class Formula {{ public static float Step([State] float h, float x, float y) => {code}; }}");
        var line = compiled.Layer!.Step.Formulas[^1];
        Assert.Equal(("nextH", formula), (line.Name, line.Expression));
    }

    [Fact]
    public void The_response_is_that_of_the_cell()
    {
        var levels = new Dictionary<string, Level> { ["gate"] = new(-1, 2), ["candidate"] = new(0.5, -3) };
        var response = Compile(Gru, levels: levels).Layer!.Response;
        var output = response.Series.Single(series => series.Kind == "output").Values;
        var rest = response.Series.Single(series => series.Kind == "rest").Values;
        float disturbed = 0, calm = 0;
        for (var t = 0; t < output.Count; t++)
        {
            disturbed = t == response.ImpulseStep ? MinGru.Step(disturbed, 2, -3) : MinGru.Step(disturbed, -1, 0.5f);
            calm = MinGru.Step(calm, -1, 0.5f);
            Assert.Equal(disturbed, output[t]!.Value, 1e-5);
            Assert.Equal(calm, rest[t]!.Value, 1e-5);
        }
    }

    [Fact]
    public void Values_that_are_not_finite_are_told_apart()
    {
        var response = Compile(Examples.All.Single(example => example.Name == nameof(Aaren)).Source).Layer!.Response;
        Assert.Equal(["output", "without the impulse", "maximum", "total", "normalizer"], response.Series.Select(series => series.Name));
        var grows = "[RecurrentCell] static partial class Grows { public static float Step([State] float h, float x) => Exp(h * 1e9f) + x; }";
        Assert.Contains(null, Compile(grows).Layer!.Response.Series[0].Values);
    }

    [Fact]
    public void A_diagnostic_has_its_place()
    {
        const string Source = "[RecurrentCell]\nstatic partial class Round\n{\n    public static float Step([State] float h, float x) => h + MathF.Round(x);\n}\n";
        var note = Assert.Single(Compile(Source).Diagnostics, note => note.Severity == "error");
        Assert.Equal(("MRNN2009", 5, 63), (note.Id, note.Line, note.Column));
        Assert.StartsWith("MathF.Round", (Usings + Source).Substring(note.Start, note.Length), StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_of_the_language_are_told_too()
    {
        var compiled = Compile("[RecurrentCell] static partial class Broken { public static float Step([State] float h) => h + missing; }");
        Assert.Contains(compiled.Diagnostics, note => note.Id == "CS0103");
        Assert.Null(compiled.Layer);
    }

    [Theory]
    [InlineData("")]
    [InlineData("int")]
    [InlineData("}}}} class")]
    [InlineData("[RecurrentLayer(typeof(Nothing), InputSize = 1, HiddenSize = 1)] partial class L;")]
    [InlineData("[RecurrentCell] class { }")]
    [InlineData("[RecurrentCell] partial class P { class Inner<T> { [RecurrentCell] static partial class C { } } }")]
    [InlineData("#error \ud800")]
    public void Whatever_is_typed_is_answered(string source) => Assert.Null(Compile(source).Layer);

    [Fact]
    public void Layers_are_chosen_by_name()
    {
        const string Layers =
            """

            [RecurrentLayer(typeof(Gru), InputSize = 4, HiddenSize = 8, Direction = Direction.Bidirectional)] partial class Small;
            [RecurrentLayer(typeof(Gru), InputSize = 64, HiddenSize = 64, Precision = Precision.Double)] partial class Precise;
            [SequenceModel(typeof(Gru), VocabularySize = 10, Width = 16, Layers = 2, Expansion = 2)] partial class Model;
            """;
        Assert.Equal(["Small", "Precise", "Model"], Compile(Gru + Layers).Layers);
        Assert.Equal("Gru, 4 → 8, bidirectional, float, 160 parameters", Compile(Gru + Layers).Layer!.Summary);
        var precise = Compile(Gru + Layers, "Precise").Layer!;
        Assert.Equal(("Precise", 8), (precise.Name, precise.Budget.ElementBytes));
        Assert.Equal("Gru, 16 → 32, float, 1,088 parameters", Compile(Gru + Layers, "Model").Layer!.Summary);
        foreach (var (name, kernels) in new[] { ("Small", 12), ("Precise", 10), ("Model", 12) })
            Assert.Equal(kernels, Answers.Ptx(new Question(QuestionKind.Ptx, Usings + Gru + Layers, name)).Kernels.Count);
    }

    /// <summary>Neither the module's initialiser nor any static constructor is reached, PTX or not.</summary>
    [Fact]
    public void Typed_code_is_not_run()
    {
        const string Sign = "MinRnn.Tests.Playground.Ran";
        const string Source =
            $$"""
            static class Startup
            {
                [System.Runtime.CompilerServices.ModuleInitializer]
                internal static void Run() => AppContext.SetData("{{Sign}}", true);
            }

            [RecurrentCell]
            public static partial class Spy
            {
                static Spy() => AppContext.SetData("{{Sign}}", true);

                public static float Step([State] float h, float x, [Weight(InitializeWith = nameof(Start))] float decay) => h * Sigmoid(decay) + x;

                public static float Start(int channel, int state, int channels, Random random)
                {
                    AppContext.SetData("{{Sign}}", true);
                    return 0;
                }
            }

            [RecurrentLayer(typeof(Spy), InputSize = 4, HiddenSize = 4)]
            public partial class Spied
            {
                static Spied() => AppContext.SetData("{{Sign}}", true);
            }
            """;
        var compiled = Compile(Source);
        Assert.DoesNotContain(compiled.Diagnostics, note => note.Severity == "error");
        Assert.Contains("not run", compiled.Layer!.Response.Parameters.Single(parameter => parameter.Name == "decay").Remark, StringComparison.Ordinal);
        Assert.Equal(12, Answers.Ptx(new Question(QuestionKind.Ptx, Usings + Source)).Kernels.Count);
        Assert.Null(AppContext.GetData(Sign));
    }

    private static CompiledSource Compile(string source, string? layer = null, IReadOnlyDictionary<string, Level>? levels = null) =>
        Answers.Compile(new Question(QuestionKind.Compile, source.StartsWith("using ", StringComparison.Ordinal) ? source : Usings + source, layer, levels));
}
