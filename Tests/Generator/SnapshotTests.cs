using MinRnn.Tests.Generator.Harness;
using Snapshooter;
using Snapshooter.Xunit;

namespace MinRnn.Tests.Generator;

/// <summary>
/// The exact text of generated files, one snapshot a file. How to accept a change is said at <see cref="GeneratedText"/>.
/// </summary>
public class SnapshotTests
{
    [Fact]
    public void Layer_of_MinGru() => Match(
        "[RecurrentLayer(typeof(MinGru), InputSize = 64, HiddenSize = 128)] public partial class Encoder;",
        "Encoder");

    [Fact]
    public void Layer_of_LogMinLstm() => Match(
        "[RecurrentLayer(typeof(LogMinLstm), InputSize = 16, HiddenSize = 32, Bias = false)] public partial class Memory;",
        "Memory");

    [Fact]
    public void Two_states_output_input_and_weights() => Match(
        Cells.Oscillator + "[RecurrentLayer(typeof(Oscillator), InputSize = 24, HiddenSize = 24)] public partial class Oscillating;",
        "Oscillator", "Oscillating");

    [Theory]
    [InlineData("Single", "mul(0.1, x)", "mul(-0.01, x)")]
    [InlineData("Double", "mul(0.10000000149011612, x)", "mul(-0.01, x)")]
    public void Comments_have_the_numbers_of_the_code(string precision, string formula, string coefficient)
    {
        var text = Compiler.Build(Compiler.Usings
            + "[RecurrentCell] public static partial class Tenth { public static float Step([State] float h, float x) => (-0.01f * x) * h + 0.1f * x; }"
            + $"[RecurrentLayer(typeof(Tenth), InputSize = 4, HiddenSize = 4, Precision = Precision.{precision})] public partial class Encoder;").AssertClean()["Encoder.Cpu.g.cs"];
        var comments = text.Split('\n').Where(line => line.TrimStart().StartsWith("//", StringComparison.Ordinal)).ToList();
        Assert.Contains(comments, line => line.Contains("/// next h =", StringComparison.Ordinal) && line.Contains(formula, StringComparison.Ordinal));
        Assert.Contains(comments, line => line.Contains($"the coefficient {coefficient} in", StringComparison.Ordinal));
    }

    [Fact]
    public void A_model_of_one_block_says_so()
    {
        var build = Compiler.Build(
            Compiler.Usings + "[SequenceModel(typeof(MinGru), VocabularySize = 9, Width = 8)] public partial class Model;").AssertClean();
        Assert.Contains("MinGru in 1 block of width 8:", build["Model.Torch.g.cs"], StringComparison.Ordinal);
        Assert.Contains("MinGru in 1 block of width 8:", build["Model.Inference.g.cs"], StringComparison.Ordinal);
        Assert.Contains("of one sequence: for the one block 8 of the recurrence", build["Model.Inference.g.cs"], StringComparison.Ordinal);
    }

    [Fact]
    public void Custom_cell_with_a_weight() => Match(
        Cells.Leaky + "[RecurrentLayer(typeof(LeakyCandidate), InputSize = 16, HiddenSize = 32)] public partial class Leaky;",
        "LeakyCandidate", "Leaky");

    /// <summary>The CPU's kernels of the built-in cells that no layer here has.</summary>
    [Theory]
    [InlineData(nameof(SignedMinGru))]
    [InlineData(nameof(Sru))]
    [InlineData(nameof(QrnnFo))]
    [InlineData(nameof(Hgrn))]
    [InlineData(nameof(RgLru))]
    [InlineData(nameof(IndRnn))]
    [InlineData(nameof(Rotation))]
    [InlineData(nameof(Aaren))]
    public void Kernels_of(string cell)
    {
        var build = Compiler.Build(Compiler.Usings
            + $"[RecurrentLayer(typeof({cell}), InputSize = 16, HiddenSize = 16)] public partial class {cell}Layer;").AssertClean();
        GeneratedText.Match($"{cell}Layer.Cpu.g.cs", build[$"{cell}Layer.Cpu.g.cs"]);
    }

    [Fact]
    public void Vector_states() => Match(
        "[RecurrentLayer(typeof(SelectiveSsm), InputSize = 32, HiddenSize = 32)] public partial class Selective;",
        "Selective");

    [Fact]
    public void Skip_gate_and_forget_bias() => Match(
        "[RecurrentLayer(typeof(MinLstm), InputSize = 16, HiddenSize = 16, Skip = true, Gate = true, ForgetBias = 1)] public partial class Gated;",
        "Gated");

    [Fact]
    public void Both_directions() => Match(
        "[RecurrentLayer(typeof(MinLstm), InputSize = 8, HiddenSize = 16, Direction = Direction.Bidirectional)] public partial class TwoWay;",
        "TwoWay");

    [Fact]
    public void Double_precision_in_reverse() => Match(
        "[RecurrentLayer(typeof(MinGru), InputSize = 8, HiddenSize = 16, Direction = Direction.Reverse, Precision = Precision.Double)] "
        + "public partial class Precise;",
        "Precise");

    [Fact]
    public void Sequence_model() => Match(
        """
        [SequenceModel(typeof(LogMinGru), VocabularySize = 65, Width = 384, Layers = 3,
                       Expansion = 2, ConvolutionWidth = 4, MlpRatio = 4, Dropout = 0.2)]
        public partial class CharModel;
        """,
        "CharModel");

    /// <summary>One block has two norms, and the head one.</summary>
    [Theory]
    [InlineData("Rms", 1, "")]
    [InlineData("Layer", 2, " { Normalization = global::MinRnn.Normalization.Layer }")]
    [InlineData("None", 0, " { Normalization = global::MinRnn.Normalization.None }")]
    public void Norms_of_a_sequence_model(string normalization, int parameters, string described)
    {
        var build = Compiler.Build(
            Compiler.Usings + $"[SequenceModel(typeof(MinGru), VocabularySize = 5, Width = 8, MlpRatio = 2, Normalization = Normalization.{normalization})] public partial class Model;")
            .AssertClean();
        const int Maps = (2 * 5 * 8) + 5 + (2 * 8 * 9) + (8 * 9) + (2 * 8 * 16) + 16 + 8;
        Assert.Contains($"/// {Maps + (3 * 8 * parameters)} parameters with 5 tokens.", build["Model.Torch.g.cs"], StringComparison.Ordinal);
        Assert.Contains($"Layer: Description){described};", build["Model.Cpu.g.cs"], StringComparison.Ordinal);
    }

    /// <summary>Without TorchSharp, the same declarations give kernels and inference classes alone, and nobody makes a module.</summary>
    [Fact]
    public void Deployment_of_a_layer_and_a_model()
    {
        const string Declarations =
            """
            [RecurrentLayer(typeof(MinGru), InputSize = 64, HiddenSize = 128)] public partial class Encoder;
            [SequenceModel(typeof(LogMinGru), VocabularySize = 65, Width = 384, Layers = 3,
                           Expansion = 2, ConvolutionWidth = 4, MlpRatio = 4, Dropout = 0.2)]
            public partial class CharModel;

            """;
        var build = Compiler.Build(Compiler.Usings + Declarations, Targets.Core).AssertClean();
        Assert.Equal(
            ["CharModel.Cpu.g.cs", "CharModel.Inference.g.cs", "Encoder.Cpu.g.cs", "Encoder.Inference.g.cs"], build.FileNames.Order(StringComparer.Ordinal));
        Assert.All(build.Sources, source => Assert.DoesNotContain("global::TorchSharp", source.SourceText.ToString()));
        Assert.DoesNotContain(build.Load().GetReferencedAssemblies(), reference => reference.Name is "TorchSharp" or "MinRnn.Torch" or "ILGPU" or "MinRnn.Ilgpu");
        GeneratedText.Match("Encoder.Inference.Deployment.g.cs", build["Encoder.Inference.g.cs"]);
        GeneratedText.Match("CharModel.Inference.Deployment.g.cs", build["CharModel.Inference.g.cs"]);

        var user = Compiler.Build(Compiler.Usings + Declarations + "public static class User { public static object Make() => new Encoder(); }", Targets.Core).AssertRan();
        Assert.Equal("CS0122", Assert.Single(user.Errors).Id);
    }

    /// <summary>What a group would share must fit its memory: else time is not split.</summary>
    [Theory]
    [InlineData(4, Precision.Single, true)]
    [InlineData(3, Precision.Double, true)]
    [InlineData(4, Precision.Double, false)]
    [InlineData(5, Precision.Single, false)]
    public void Time_is_split_where_groups_hold_what_they_share(int states, Precision precision, bool isSplit)
    {
        var all = Enumerable.Range(0, states).ToList();
        var build = Compiler.Build(
            Compiler.Usings + $$"""
            [RecurrentCell]
            public static partial class Several
            {
                public static ({{string.Join(", ", all.Select(_ => "float"))}}) Step(
                    {{string.Join(", ", all.Select(i => $"[State] float s{i}"))}}, {{string.Join(", ", all.Select(i => $"float p{i}"))}}) =>
                    ({{string.Join(", ", all.Select(i => $"Sigmoid(p{i}) * s{i} + p{i}"))}});
            }

            [RecurrentLayer(typeof(Several), InputSize = 8, HiddenSize = 8, Precision = Precision.{{precision}})]
            public partial class Split;
            """).AssertClean();
        Assert.Equal(isSplit, build["Split.Gpu.g.cs"].Contains("TimeParallel: new(", StringComparison.Ordinal));
    }

    [Fact]
    public void Shells_of_what_is_not_valid()
    {
        const string Invalid =
            """
            [RecurrentLayer(typeof(string), InputSize = 1, HiddenSize = 1)] public partial class NoLayer;
            [SequenceModel(typeof(MinGru), VocabularySize = 0, Width = 1)] public partial class NoModel;
            [RecurrentCell] public static partial class NoCell;
            """;
        var build = Compiler.Build(Compiler.Usings + Invalid).AssertClean();
        Match(build, "NoLayer", "NoModel", "NoCell");
        GeneratedText.Match("NoLayer.Shell.Deployment.g.cs", Compiler.Build(Compiler.Usings + Invalid, Targets.Core).AssertClean()["NoLayer.Shell.g.cs"]);
    }

    [Fact]
    public void Loading_of_libtorch() =>
        GeneratedText.Match("MinRnn.TorchLoading.g.cs", Compiler.Build(Compiler.Usings).AssertClean()["MinRnn.TorchLoading.g.cs"]);

    [Fact]
    public void A_missing_snapshot_is_a_failure()
    {
        if (GeneratedText.IsAccepting)
            return;
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            Assert.ThrowsAny<Exception>(() => Snapshot.Match("text", new SnapshotFullName("missing.snap", folder.FullName)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Match(string declarations, params string[] types) =>
        Match(Compiler.Build(Compiler.Usings + declarations).AssertClean(), types);

    /// <summary>Every file of each type, and no file but theirs and the one that loads libtorch.</summary>
    private static void Match(Build build, params string[] types)
    {
        var files = build.FileNames.Where(file => types.Contains(file.Split('.')[0])).ToList();
        Assert.Equal(build.FileNames.Where(file => file != "MinRnn.TorchLoading.g.cs").Order(), files.Order());
        foreach (var file in files)
            GeneratedText.Match(file, build[file]);
    }
}
