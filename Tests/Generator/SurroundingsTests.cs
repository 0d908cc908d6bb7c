using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using MinRnn.Tests.Generator.Harness;

namespace MinRnn.Tests.Generator;

/// <summary>Generated code compiles without a warning whatever stands around it, and whatever the user calls things.</summary>
public class SurroundingsTests
{
    private const string Layer = "[MinRnn.RecurrentLayer(typeof(MinRnn.MinGru), InputSize = 4, HiddenSize = 4)]";

    private const string Model = "[MinRnn.SequenceModel(typeof(MinRnn.MinGru), VocabularySize = 9, Width = 8)]";

    public static TheoryData<string> Sources => new()
    {
        $"{Layer} public partial class Vector;",
        $"{Layer} public partial class Lanes; {Layer} public partial class Buffers; {Model} public partial class Model;",
        $"namespace N {{ {Layer} public partial class System; }} {Layer} public partial class TLanes; {Layer} public partial class Float;",
        $"{Layer} public partial class @class; {Model} public partial class @void; {Layer} public partial class record1;",
        $"{Layer} public partial class Größe; {Layer} public partial class _;",
        $"{Layer} public partial class encoder; {Layer} public partial class Encoder;",
        $"{Layer} public partial class Leaky; {Layer} public partial class LEAKY; {Layer} public partial class leaky; {Layer} public partial class LeaKy;",
        $"namespace Foo.Bar.A {{ {Layer} public partial class Encoder; }} namespace FOO.BAR.A {{ {Layer} public partial class Encoder; }} namespace Foo.BAR.A {{ {Layer} public partial class Encoder; }}",
        $"{Layer} public partial class @required; {Layer} public partial class @scoped; {Layer} public partial class @file; {Model} public partial class @extension; {Layer} public partial class @record;",
        "using MinRnn; [RecurrentCell] public static partial class Half { public static partial float Step([State] float h, [Weight] float w, float x); "
            + "public static partial float Step(float h, float w, float x) => 0.5f * h + w * x; } [RecurrentLayer(typeof(Half), InputSize = 4, HiddenSize = 4)] public partial class Encoder;",
        $"{Layer} internal partial class Hidden; {Model} internal sealed partial class Sealed;",
        $"namespace @namespace.@class {{ {Layer} public partial class Encoder; }}",
        $"namespace Foo.System {{ {Layer} public partial class Encoder; {Model} public partial class CharModel; }}",
        $"namespace Foo.MinRnn {{ {Layer.Replace("MinRnn.", "global::MinRnn.")} public partial class Encoder; {Model.Replace("MinRnn.", "global::MinRnn.")} public partial class CharModel; }}",
        $"namespace Foo.TorchSharp {{ {Layer} public partial class Encoder; }} namespace Foo.ILGPU {{ {Layer} public partial class Encoder; }}",
        $"namespace MinRnn.Generated.Mine {{ {Layer} public partial class Encoder; }}",
        $"namespace First {{ {Layer} public partial class Encoder; }} namespace Second {{ {Layer} public partial class Encoder; }} {Layer} public partial class Encoder;",
        $"public partial class Outer {{ {Layer} public partial class Encoder; private partial struct Inner {{ {Layer} private partial class Encoder; }} }}",
        $"public partial interface IOuter {{ {Layer} public partial class Encoder; }} public partial record Rec {{ {Layer} protected internal partial class Encoder; }}",
        $"public partial record struct Rec {{ {Layer} public partial class Encoder; }} public static partial class Outer {{ {Model} public partial class Net; }}",
        $"public abstract partial class Outer {{ {Layer} protected partial class Encoder; }} public readonly partial struct Value {{ {Layer} public partial class Encoder; }}",
        $"public class Vector; public class Exp; public class Sigmoid; public class Lanes; public class Buffers; public class TLanes; {Layer} public partial class Encoder;",
        $"public class ScanBlock; public class Float; public class MethodImpl; public class MinGru; {Layer} public partial class Encoder;",
        $"public interface IScanKernels; public class EncoderKernels; public class TorchLoading; {Layer} public partial class Encoder;",
        $"namespace N {{ class System; class MinRnn2; class TorchSharp; {Layer} public partial class Encoder {{ public int Vector => 1; public int System => 1; }} }}",
        $"using MinRnn; [RecurrentLayer(typeof(MinGru), InputSize = 4, HiddenSize = 4)] public partial class MinGru2; class Direction; class Precision;",
        "namespace N; using MinRnn; [RecurrentCell] static partial class Cell { internal static float Step([State] float h, [Weight(InitializeWith = nameof(Start))] float w) => h * w; "
            + "internal static float Start(int channel, int state, int channels, System.Random random) => 1; } "
            + "[RecurrentLayer(typeof(Cell), InputSize = 4, HiddenSize = 4)] public partial class Encoder; public static partial class Outer { [RecurrentLayer(typeof(Cell), InputSize = 4, HiddenSize = 4)] public partial class Cell2; }",
        "using MinRnn; namespace A { [RecurrentCell] public static partial class Same { public static float Step([State] float h, float x) => h * x; } } "
            + "namespace B { [RecurrentLayer(typeof(A.Same), InputSize = 4, HiddenSize = 4)] public partial class Same; } "
            + "namespace C { [RecurrentCell] public static partial class Same { public static float Step([State] float h, float x) => h - x; } [RecurrentLayer(typeof(Same), InputSize = 4, HiddenSize = 4)] public partial class Layer; }",
        "using MinRnn; public partial class @class { [RecurrentCell] public static partial class @static { public static float Step([State] float h, [Weight(InitializeWith = \"@int\")] float x) => h * x; "
            + "public static float @int(int channel, int state, int channels, System.Random random) => 1; } [RecurrentLayer(typeof(@static), InputSize = 4, HiddenSize = 4)] public partial class @new; }",
    };

    /// <summary>Keywords, and the words that generated kernels use themselves; a line is compiled together.</summary>
    public static TheoryData<string> Names =>
    [
        "@class @ref @in @var @float @int channel lanes row state states output input time batch first end step block previous parameters preactivations offset index",
        "outputGradient stateGradient inputGradient preactivationGradient parameterGradient outputGradientRow savesStates initialState finalState inputRow carry inputs inputGradients inputsAhead",
        "Channels Lanes TLanes Vector Buffers System MinRnn Sigmoid Exp Tanh MultiplyAdd Select Less SigmoidPair Unsafe Math MathF XMath view stream Index1D groups group",
        "value field record @value @field @record required file scoped unmanaged notnull nint dynamic @await async partial where when and or not managed args global",
        "sharedBiasAt biasAt elementAt weightAt stagedAt",
        "span span0 span7 spans spanEnd part coefficient offset transition transitions transitionAt pieceAt isSplit StateWidth Transition State",
        "direction reverse Forward Backward nameof Step DeviceKernels scan stepRow local element rows origin prepared",
        "nextState hGradient gateGradient next sum product x1 _ __ _x größe ℎ NaN Infinity initial cell let projection count width height i j k n t b c d p s",
    ];

    [Theory]
    [MemberData(nameof(Sources))]
    public void Types_may_be_called_anything_and_stand_anywhere(string source)
    {
        foreach (var language in new[] { LanguageVersion.CSharp13, LanguageVersion.Preview })
        {
            var build = Compiler.Build(source, Targets.All, language).AssertRan();
            AssertNone(build.ErrorsAndWarnings.Where(found => found.Id is not ("CS1591" or "CS8981" or "CS0169")));
            AssertNone(build.Analysis.Where(found => found.Id[4] < '3'));
            Assert.DoesNotContain(build.FileNames, file => file.Contains(".Shell.", StringComparison.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void And_so_they_may_in_deployment(string source)
    {
        var build = Compiler.Build(source, Targets.Core).AssertRan();
        AssertNone(build.ErrorsAndWarnings.Where(found => found.Id is not ("CS1591" or "CS8981" or "CS0169")));
        Assert.Contains(build.FileNames, file => file.Contains(".Inference.", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Parameters_may_be_called_anything(string names)
    {
        string[] roles =
        [
            "[State] float {0}, float gate, float candidate",
            "[State] float h, float {0}, float candidate",
            "[State] float h, float gate, [Weight] float {0}",
            "[State] float h, float gate, [Input] float {0}",
            "[State] float h, float gate, [Projection(Shared = true)] float {0}",
            "[State] float {0}, float gate, [Weight(PerState = true)] float candidate",
            "[State] float h, float {0}, [Weight(PerState = true)] float candidate",
        ];
        var cells = names.Split(' ').SelectMany((name, place) => roles.Select((role, number) =>
            Cell($"{place}{(char)('A' + number)}", role.Replace("{0}", name), place % 2 == 0 ? "Single" : "Double")));
        var build = Compiler.Build(Compiler.Usings + string.Concat(cells)).AssertRan();
        AssertNone(build.ErrorsAndWarnings.Where(found => found.Id is not ("CS1591" or "CS8981")));
        AssertNone(build.Analysis.Where(found => found.Id[4] < '3'));
    }

    /// <summary>Steps and outputs that read next to nothing, or whose adjoint does.</summary>
    [Theory]
    [InlineData("", "[State] float h, float x, [Weight] float w", "StopGradient(Tanh(0.5f * h + x * w))")]
    [InlineData("", "[State] float h, float x", "x > 0 ? 1 : 0")]
    [InlineData("", "[State] float h, float x", "Sign(x)")]
    [InlineData("", "[State] float h, float x", "1f")]
    [InlineData("", "[State] float h, float x", "0.1f + 0.2f == 0.3f ? 1e30f * 1e30f * h : h")]
    [InlineData("(StateSize = 2)", "[State] float h, float x", "0.5f * h + x")]
    [InlineData("(StateSize = 2)", "[State] float h, float x", "StopGradient(h + x)")]
    [InlineData("(StateSize = 2)", "[State] float h, float x", "1")]
    [InlineData("(StateSize = 2)", "[State] float h", "0.5f * h")]
    public void Steps_may_read_next_to_nothing(string options, string parameters, string step)
    {
        string[] outputs = options.Length == 0 ? [""]
            : ["", "public static float Output([State] float h, [Projection(Shared = true)] float c) => h > c ? 1 : 0;", "public static float Output([State] float h) => 1;", "public static float Output([State] float h, [Input] float input) => h * input;"];
        var cells = outputs.Select((output, number) => $$"""
            [RecurrentCell{{options}}] public static partial class Cell{{number}}
            {
                public static float Step({{parameters}}) => {{step}};
                {{output}}
            }
            [RecurrentLayer(typeof(Cell{{number}}), InputSize = 8, HiddenSize = 8)] public partial class Layer{{number}};
            [RecurrentLayer(typeof(Cell{{number}}), InputSize = 8, HiddenSize = 8, Precision = Precision.Double)] public partial class Double{{number}};

            """);
        var build = Compiler.Build(Compiler.Usings + string.Concat(cells)).AssertRan();
        AssertNone(build.ErrorsAndWarnings.Where(found => found.Id is not "CS1591"));
        AssertNone(build.Analysis.Where(found => found.Id[4] < '3'));
    }

    /// <summary>Two states whose names differ in case alone, or are members of every structure.</summary>
    [Theory]
    [InlineData("state", "State")]
    [InlineData("a", "A")]
    [InlineData("equals", "toString")]
    [InlineData("getType", "getHashCode")]
    [InlineData("coefficient", "offset")]
    [InlineData("@float", "transition")]
    public void States_may_be_called_anything(string first, string second)
    {
        var cells = new[] { "", "(StateSize = 3)" }.Select((options, number) => $$"""
            [RecurrentCell{{options}}] public static partial class Cell{{number}}
            {
                public static (float, float) Step([State] float {{first}}, [State] float {{second}}, float gate) =>
                    (0.5f * {{first}} + 0.25f * {{second}}, 0.5f * {{second}} + 0.25f * {{first}} + gate);
            }
            [RecurrentLayer(typeof(Cell{{number}}), InputSize = 4, HiddenSize = 4)] public partial class Layer{{number}};

            """);
        var build = Compiler.Build(Compiler.Usings + string.Concat(cells)).AssertRan();
        AssertNone(build.ErrorsAndWarnings.Where(found => found.Id is not ("CS1591" or "CS8981")));
        Assert.All(new[] { "Layer0", "Layer1" }, layer => Assert.Contains("SummarizeForward", build[layer + ".Gpu.g.cs"], StringComparison.Ordinal));
    }

    private static void AssertNone(IEnumerable<Diagnostic> diagnostics)
    {
        var text = string.Join("\n", diagnostics);
        Assert.True(text.Length == 0, text);
    }

    /// <summary>A cell that uses its parameters in functions of every kind, and a local of an unlucky name.</summary>
    private static string Cell(string number, string parameters, string precision)
    {
        var names = parameters.Split(',').Select(parameter => parameter.Trim().Split(' ')[^1]).ToList();
        var (a, b, c) = (names[0], names[1], names[2]);
        var isVector = parameters.Contains("Shared", StringComparison.Ordinal) || parameters.Contains("PerState", StringComparison.Ordinal);
        var direction = number[^1] % 2 == 0 ? "Forward" : "Bidirectional";
        return $$"""
            [RecurrentCell{{(isVector ? "(StateSize = 3)" : "")}}] public static partial class Cell{{number}}
            {
                public static float Step({{parameters}})
                {
                    var keep = CellMath.Sigmoid({{b}}) * CellMath.Exp(-CellMath.Softplus({{c}}));
                    return keep * {{a}} + (1 - keep) * CellMath.Tanh({{c}} < {{b}} ? {{b}} : {{c}} * {{b}});
                }
            }
            [RecurrentLayer(typeof(Cell{{number}}), InputSize = 4, HiddenSize = 4, Precision = Precision.{{precision}}, Direction = Direction.{{direction}})] public partial class Layer{{number}};

            """;
    }
}
