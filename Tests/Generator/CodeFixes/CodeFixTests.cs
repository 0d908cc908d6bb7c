using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Testing;
using Microsoft.CodeAnalysis.Testing;
using MinRnn.CodeFixes;
using MinRnn.Generator;
using MinRnn.Tests.Generator.Harness;

namespace MinRnn.Tests.Generator.CodeFixes;

/// <summary>What an editor offers at a diagnostic, and that nothing is left to say after it.</summary>
public class CodeFixTests
{
    [Fact]
    public Task A_layer_becomes_partial() => Mends<MakePartial>(
        """
        /// <summary>An encoder.</summary>
        [RecurrentLayer(typeof(MinGru), InputSize = 4, HiddenSize = 4)]
        public sealed class {|MRNN1001:Encoder|};
        """,
        """
        /// <summary>An encoder.</summary>
        [RecurrentLayer(typeof(MinGru), InputSize = 4, HiddenSize = 4)]
        public sealed partial class Encoder;
        """);

    [Fact]
    public Task So_do_the_types_it_stands_in_all_at_once() => Mends<MakePartial>(
        """
        // Where it stands.
        class {|MRNN1001:Outer|}
        {
            [RecurrentLayer(typeof(MinGru), InputSize = 4, HiddenSize = 4)]
            public partial class Encoder;
        }

        [RecurrentCell]
        static class {|MRNN1001:Half|}
        {
            public static float Step([State] float h, float x) => 0.5f * h + x;
        }
        """,
        """
        // Where it stands.
        partial class Outer
        {
            [RecurrentLayer(typeof(MinGru), InputSize = 4, HiddenSize = 4)]
            public partial class Encoder;
        }

        [RecurrentCell]
        static partial class Half
        {
            public static float Step([State] float h, float x) => 0.5f * h + x;
        }
        """);

    [Fact]
    public Task A_cell_becomes_static() => Mends<MakeStatic>(
        Cell("public static float Step([State] float h, float x) => 0.5f * h + x;").Replace("public static partial class Tested", "public partial class {|MRNN2001:Tested|}"),
        Cell("public static float Step([State] float h, float x) => 0.5f * h + x;"));

    [Theory]
    [InlineData("public partial class {|MRNN2001:Tested|}", "public float Rate = 0.5f;", "")]
    [InlineData("public partial class {|MRNN2001:Tested|}(float rate)", "public static float Twice(float x) => x + x;", "")]
    [InlineData("public partial class {|MRNN2001:Tested|}", "", "sealed partial class Tested;")]
    [InlineData("public partial class {|MRNN2001:Tested|} : System.IDisposable", "public void Dispose() { }", "")]
    public Task A_class_that_cannot_be_static_is_left_as_it_is(string head, string members, string part)
    {
        var source = Cell("public static float Step([State] float h, float x) => 0.5f * h + x;", members).Replace("public static partial class Tested", head) + "\n" + part;
        return Mends<MakeStatic>(source, source);
    }

    [Fact]
    public Task So_is_a_step_that_cannot_be()
    {
        var source = Cell("public virtual float Step([State] float h, float x) => 0.5f * h + x;").Replace("public static partial class Tested", "public partial class {|MRNN2001:{|MRNN2002:Tested|}|}");
        return Mends<MakeStatic>(source, source);
    }

    [Fact]
    public Task A_step_becomes_static() => Mends<MakeStatic>(
        """
        [RecurrentCell]
        static partial class {|MRNN2002:Tested|}
        {
            // The step.
            float {|CS0708:Step|}([State] float h, float x) => 0.5f * h + x;
        }
        """,
        """
        [RecurrentCell]
        static partial class Tested
        {
            // The step.
            static float Step([State] float h, float x) => 0.5f * h + x;
        }
        """);

    [Theory]
    [InlineData(0, "[State] float h, float x")]
    [InlineData(1, "float h, [State] float x")]
    public Task A_parameter_becomes_the_state(int choice, string parameters) => Mends<MarkState>(
        Cell("public static float {|MRNN2005:Step|}(float h, float x) => 0.5f * h + 0.5f * x;"),
        Cell($"public static float Step({parameters}) => 0.5f * h + 0.5f * x;"), choice);

    [Theory]
    [InlineData("(float){|MRNN2010:System.Math.Exp(x)|} + h * 0.5f", "Exp(x) + h * 0.5f")]
    [InlineData("(float)({|MRNN2010:System.Math.Max(x, 0.5)|}) + h * 0.5f", "Max(x, 0.5f) + h * 0.5f")]
    [InlineData("{|MRNN2009:Elsewhere.Sigmoid(x)|} * h", "Sigmoid(x) * h")]
    [InlineData("(float){|MRNN2010:System.Math.Sqrt(System.Math.Abs(System.Math.Exp(x) - 0.5))|} + h * 0.5f", "Sqrt(Abs(Exp(x) - 0.5f)) + h * 0.5f")]
    public Task A_call_becomes_one_of_CellMath(string before, string after) => Mends<UseCellMath>(
        Cell($"public static float Step([State] float h, float x) => {before};"), Cell($"public static float Step([State] float h, float x) => {after};"));

    [Theory]
    [InlineData("(float){|MRNN2010:System.Math.Sqrt(System.Math.Cbrt(x))|} + h")]
    [InlineData("(float){|MRNN2010:System.Math.Exp(x * Half)|} + h")]
    [InlineData("(float){|MRNN2010:System.Math.Max(x, 1e300)|} + h")]
    public Task A_call_whose_arguments_cannot_be_floats_is_left_as_it_is(string step)
    {
        var source = Cell($"public static float Step([State] float h, float x) => {step};", "private const double Half = 0.5;");
        return Mends<UseCellMath>(source, source);
    }

    [Theory]
    [InlineData("(float)(h * {|MRNN2010:0.5|}) + x", "(h * 0.5f) + x")]
    [InlineData("(float)(h * {|MRNN2010:.5e-1d|}) * x", "(h * .5e-1f) * x")]
    [InlineData("x * (float)({|MRNN2010:1.0|} - h)", "x * (1.0f - h)")]
    public Task Literals_become_floats(string before, string after) => Mends<UseFloatLiterals>(
        Cell($"public static float Step([State] float h, float x) => {before};"), Cell($"public static float Step([State] float h, float x) => {after};"));

    [Fact]
    public Task A_cast_stays_around_what_is_no_float_yet() => Mends<UseFloatLiterals>(
        Cell("public static float Step([State] float h, float x) => (float)({|MRNN2010:0.5|} * System.Math.Exp(x)) + h;"),
        Cell("public static float Step([State] float h, float x) => (float)(0.5f * {|MRNN2010:System.Math.Exp(x)|}) + h;"));

    [Theory]
    [InlineData("1e300")]
    [InlineData("1e-300")]
    public Task A_literal_that_no_float_can_be_is_left_as_it_is(string literal)
    {
        var source = Cell($"public static float Step([State] float h, float x) => (float)(h * {{|MRNN2010:{literal}|}}) + x;");
        return Mends<UseFloatLiterals>(source, source);
    }

    [Theory]
    [InlineData("public static float Rate = 0.5f;")]
    [InlineData("public static volatile float Rate = 0.5f;")]
    public Task A_field_becomes_a_constant(string field) => Mends<MakeConstant>(
        Cell("public static float Step([State] float h, float x) => {|MRNN2012:Rate|} * h + x;", $"/// <summary>The rate.</summary>\n    {field}"),
        Cell("public static float Step([State] float h, float x) => Rate * h + x;", "/// <summary>The rate.</summary>\n    public const float Rate = 0.5f;"));

    [Theory]
    [InlineData("public static float Rate;")]
    [InlineData("public static float Rate = Half();\n    private static float Half() => 0.5f;")]
    [InlineData("public static float Rate = 0.5f;\n    public static void Set(float rate) => Rate = rate;")]
    [InlineData("public static float Rate = 0.5f;\n    public static void Set(float rate) => (Tested.Rate) += rate;")]
    [InlineData("public static float Rate = 0.5f;\n    public static ref float Ref() => ref Rate;")]
    [InlineData("public static float Rate = 0.5f;\n    public static float Next() => Rate++;")]
    [InlineData("public static readonly float Rate = 0.5f;\n    static Tested() { Rate = 0.25f; }")]
    public Task A_field_without_a_constant_value_is_left_to_its_owner(string field)
    {
        var source = Cell("public static float Step([State] float h, float x) => {|MRNN2012:Rate|} * h + x;", field);
        return Mends<MakeConstant>(source, source);
    }

    private static string Cell(string step, string members = "") =>
        $$"""
        [RecurrentCell]
        public static partial class Tested
        {
            {{step}}
            {{members}}
        }

        public static class Elsewhere { public static float Sigmoid(float x) => x; }
        """;

    private static Task Mends<TFix>(string before, string after, int choice = 0)
        where TFix : CodeFixProvider, new()
    {
        var test = new CSharpCodeFixTest<DeclarationAnalyzer, TFix, DefaultVerifier>
        {
            TestCode = Compiler.Usings + before,
            FixedCode = Compiler.Usings + after,
            ReferenceAssemblies = new ReferenceAssemblies("net10.0"),
            CodeActionIndex = choice,
            // A choice is made anew at each place; a type is reported for what stands in it.
            CodeFixTestBehaviors = CodeFixTestBehaviors.SkipLocalDiagnosticCheck | (choice == 0 ? CodeFixTestBehaviors.None : CodeFixTestBehaviors.SkipFixAllCheck),
        };
        // What is left to another fix is marked.
        test.FixedState.MarkupHandling = MarkupMode.Allow;
        test.TestState.AdditionalReferences.AddRange(References.Of(Targets.All));
        test.SolutionTransforms.Add((solution, project) => solution.WithProjectParseOptions(
            project, new Microsoft.CodeAnalysis.CSharp.CSharpParseOptions(Compiler.Language)));
        // Told of cells that are right.
        test.DisabledDiagnostics.AddRange(["MRNN3001", "MRNN3002", "MRNN3003", "MRNN3004", "MRNN3005", "MRNN3006"]);
        return test.RunAsync();
    }
}
