using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using MinRnn.Tests.Generator.Harness;

namespace MinRnn.Tests.Generator;

/// <summary>A declaration that gets one diagnostic.</summary>
/// <param name="Id">The diagnostic.</param>
/// <param name="Source">The declaration, with the diagnostic's place between <c>[|</c> and <c>|]</c>.</param>
/// <param name="Message">The whole message.</param>
/// <param name="Language">The C# version it is compiled as.</param>
/// <param name="Optimization">Whether it is compiled for Debug.</param>
/// <param name="Packaged">Source of an assembly that it references, compiled without the generator.</param>
/// <param name="Stands">Whether the type can be completed, so that code that uses it still compiles.</param>
internal sealed record DiagnosticCase(
    string Id,
    string Source,
    string Message,
    LanguageVersion Language = Compiler.Language,
    OptimizationLevel Optimization = OptimizationLevel.Release,
    string? Packaged = null,
    bool Stands = true)
{
    public override string ToString() => $"{Id} {Source.Split('\n')[0]}";
}

/// <summary>One declaration or more for each descriptor.</summary>
internal static class DiagnosticCases
{
    private const string Sizes = "InputSize = 4, HiddenSize = 4";

    public static IEnumerable<DiagnosticCase> All => [.. Shapes, .. Options, .. Roles, .. Language, .. TargetsAndPerformance];

    private static IEnumerable<DiagnosticCase> Shapes =>
    [
        new("MRNN1001", $"[RecurrentLayer(typeof(MinGru), {Sizes})] public class [|Encoder|];",
            "'Encoder' must be declared partial, for the build adds a part to it", Stands: false),
        new("MRNN1001", $"public class [|Outer|] {{ [RecurrentLayer(typeof(MinGru), {Sizes})] public partial class Encoder; }}",
            "'Outer' must be declared partial, for the build adds a part to it", Stands: false),
        new("MRNN1001", "[RecurrentCell] public static class [|Tested|] { public static float Step([State] float h, float x) => h * x; }",
            "'Tested' must be declared partial, for the build adds a part to it"),
        new("MRNN1002", $"[RecurrentLayer(typeof(MinGru), {Sizes})] public partial class [|Encoder|]<T>;",
            "'Encoder' must not be generic or stand inside a generic type: its kernels are compiled once", Stands: false),
        new("MRNN1002", $"public partial class Outer<T> {{ [RecurrentLayer(typeof(MinGru), {Sizes})] public partial class [|Encoder|]; }}",
            "'Encoder' must not be generic or stand inside a generic type: its kernels are compiled once", Stands: false),
        new("MRNN1003", "[RecurrentLayer(typeof(MinGru), InputSize = 4, [|HiddenSize = 0|])] public partial class Encoder;",
            "HiddenSize of 'Encoder' is 0, but must be from 1 to 1048576"),
        new("MRNN1003", "[[|RecurrentLayer(typeof(MinGru), HiddenSize = 4)|]] public partial class Encoder;",
            "InputSize of 'Encoder' is 0, but must be from 1 to 1048576"),
        new("MRNN1003", $"[RecurrentLayer(typeof(MinGru), {Sizes}, [|Direction = (Direction)3|])] public partial class Encoder;",
            "Direction of 'Encoder' is 3, but must be one of Forward, Reverse, Bidirectional"),
        new("MRNN1003", $"[RecurrentLayer(typeof(MinGru), {Sizes}, [|Precision = (Precision)(-1)|])] public partial class Encoder;",
            "Precision of 'Encoder' is -1, but must be one of Single, Double"),
        new("MRNN1003", "[SequenceModel(typeof(MinGru), VocabularySize = 9, Width = 8, [|Normalization = (Normalization)3|])] public partial class Model;",
            "Normalization of 'Model' is 3, but must be one of Rms, Layer, None"),
        new("MRNN1003", "[SequenceModel(typeof(MinGru), VocabularySize = 9, Width = 8, [|Dropout = 1.5|])] public partial class Model;",
            "Dropout of 'Model' is 1.5, but must be at least 0 and below 1"),
        new("MRNN1003", "[SequenceModel(typeof(MinGru), VocabularySize = 9, Width = 1048576, [|Expansion = 4096|])] public partial class Model;",
            "Expansion of 'Model' is 4096, but must be such that Width times Expansion is at most 1048576"),
        new("MRNN1004", $"[RecurrentLayer([|typeof(string)|], {Sizes})] public partial class Encoder;",
            "'String' is not a recurrent cell: it needs [RecurrentCell], and its assembly must have been built with the MinRnnGen generator"),
        new("MRNN1004", $"[RecurrentLayer([|null!|], {Sizes})] public partial class Encoder;",
            "'null' is not a recurrent cell: it needs [RecurrentCell], and its assembly must have been built with the MinRnnGen generator"),
        new("MRNN1004", $"[RecurrentLayer([|typeof(int[])|], {Sizes})] public partial class Encoder;",
            "'int[]' is not a recurrent cell: it needs [RecurrentCell], and its assembly must have been built with the MinRnnGen generator"),
        new("MRNN1005", $"{Cells.Oscillator}[RecurrentLayer(typeof(Oscillator), [|InputSize = 3|], HiddenSize = 4)] public partial class Encoder;",
            "'Encoder' reads the layer's own input channel ([Input] x), so InputSize (3) must equal HiddenSize (4)"),
        new("MRNN1005", $"{Cells.Oscillator}[SequenceModel(typeof(Oscillator), VocabularySize = 9, Width = 8, [|Expansion = 2|])] public partial class Model;",
            "'Model' reads the layer's own input channel ([Input] x), so Width × Expansion (16) must equal Width (8): set Expansion = 1"),
        new("MRNN1006", $"[RecurrentLayer(typeof(MinGru), {Sizes})] public partial class Encoder {{ public int [|Description|] => 1; }}",
            "The name 'Description' collides with a member that the build adds to the class; choose another"),
        new("MRNN1006", $"[RecurrentLayer(typeof(MinGru), {Sizes})] public partial class Encoder {{ public class [|Inference|]; }}",
            "The name 'Inference' collides with a member that the build adds to the class; choose another", Stands: false),
        new("MRNN1006", $"[RecurrentLayer(typeof(MinGru), {Sizes})] public partial class Encoder {{ public int [|DeviceKernels|] => 1; }}",
            "The name 'DeviceKernels' collides with a member that the build adds to the class; choose another"),
        new("MRNN1006", "[SequenceModel(typeof(MinGru), VocabularySize = 9, Width = 8)] public partial class Model { public int [|Description|] => 1; }",
            "The name 'Description' collides with a member that the build adds to the class; choose another"),
        new("MRNN1006", $"[RecurrentLayer(typeof(MinGru), {Sizes})] public partial class [|Inference|];",
            "The name 'Inference' collides with a member that the build adds to the class; choose another", Stands: false),
        new("MRNN1006", Step("[State] float h, [Weight] float [|bias|]", "=> h * bias;"),
            "The name 'bias' collides with a parameter that every layer has; choose another"),
        new("MRNN1006", Step("[State] float h, [Weight] float [|decay_reverse|]", "=> h * decay_reverse;"),
            "The name 'decay_reverse' collides with a parameter that every layer has; choose another"),
        new("MRNN1007", $"[RecurrentLayer([|typeof(Packaged)|], {Sizes})] public partial class Encoder;",
            "The cell 'Packaged' was compiled to graph format 99, but this generator reads format 1: build both with the same MinRnnGen",
            Packaged: "[MinRnn.RecurrentCell, MinRnn.CellGraph(99, \"cell Packaged\")] public static class Packaged;"),
        new("MRNN1008", $"public class Base; [RecurrentLayer(typeof(MinGru), {Sizes})] public partial class [|Encoder|] : Base;",
            "'Encoder' must not name the base class 'Base': the generated part gives it one", Stands: false),
        new("MRNN1009", $"[RecurrentLayer(typeof(MinGru), {Sizes}), SequenceModel(typeof(MinGru), VocabularySize = 9, Width = 8)] public partial class [|Encoder|];",
            "'Encoder' is declared as a cell, layer or model more than once; use a class for each"),
        new("MRNN1009", $"[RecurrentLayer(typeof(MinGru), {Sizes})] public partial class [|Encoder|]; [RecurrentLayer(typeof(MinGru), {Sizes})] public partial class Encoder;",
            "'Encoder' is declared as a cell, layer or model more than once; use a class for each"),
        new("MRNN1010", $"[RecurrentLayer(typeof(MinGru), {Sizes})] public partial class [|Encoder|];",
            "Generated code needs C# 13 or later, and this project uses C# 12.0; remove <LangVersion> or raise it", LanguageVersion.CSharp12),
        new("MRNN1010", $"[RecurrentLayer(typeof(MinGru), {Sizes})] public partial class [|Encoder|] {{ }}",
            "Generated code needs C# 13 or later, and this project uses C# 9.0; remove <LangVersion> or raise it", LanguageVersion.CSharp9),
        new("MRNN1011", $"[RecurrentLayer([|typeof(Packaged)|], {Sizes})] public partial class Encoder;",
            "The recorded graph of the cell 'Packaged' cannot be read: A line of a cell's graph is not understood: 'nonsense'.",
            Packaged: "[MinRnn.RecurrentCell, MinRnn.CellGraph(1, \"cell Packaged\\nnonsense\\n\")] public static class Packaged;"),
        new("MRNN1012", $"[RecurrentLayer(typeof(MinGru), {Sizes})] public static partial class [|Encoder|];",
            "'Encoder' must not be static: the part that the build adds could not join it", Stands: false),
        new("MRNN1012", $"[RecurrentLayer(typeof(MinGru), {Sizes})] public partial class Encoder {{ public [|Encoder|]() {{ }} }}",
            "'Encoder' must not be declared with a constructor without parameters, or one that does not call another by ': this(...)': the part that the build adds could not join it", Stands: false),
        new("MRNN1012", $"[RecurrentLayer(typeof(MinGru), {Sizes})] public partial class Encoder {{ public [|Encoder|](string path) {{ }} }}",
            "'Encoder' must not be declared with a constructor without parameters, or one that does not call another by ': this(...)': the part that the build adds could not join it", Stands: false),
        new("MRNN1012", $"[RecurrentLayer(typeof(MinGru), {Sizes})] public partial class [|Encoder|]() {{ }}",
            "'Encoder' must not be declared with a primary constructor: the part that the build adds could not join it", Stands: false),
        new("MRNN1012", $"[RecurrentLayer(typeof(MinGru), {Sizes})] file partial class [|Encoder|];",
            "'Encoder' must not be local to its file: the part that the build adds could not join it", Stands: false),
        new("MRNN1012", $"[RecurrentLayer(typeof(MinGru), {Sizes})] public partial record [|Encoder|];",
            "'Encoder' must not be a record: the part that the build adds could not join it", Stands: false),
    ];

    private static IEnumerable<DiagnosticCase> Options =>
    [
        new("MRNN1013", $"[RecurrentLayer(typeof(MinGru), {Sizes}, [|ForgetBias = 1|])] public partial class Encoder;",
            "'Encoder' sets ForgetBias, but the cell 'MinGru' has no projection 'forget'"),
        new("MRNN1013", "[SequenceModel(typeof(MinLstm), VocabularySize = 9, Width = 8, Bias = false, [|ForgetBias = 1|])] public partial class Model;",
            "'Model' sets ForgetBias, but its Bias is false"),
        new("MRNN1003", $"[RecurrentLayer(typeof(MinLstm), {Sizes}, [|ForgetBias = double.PositiveInfinity|])] public partial class Encoder;",
            "ForgetBias of 'Encoder' is Infinity, but must be finite"),
        new("MRNN1006", $"[RecurrentLayer(typeof(SelectiveSsm), {Sizes}, [|Skip = true|])] public partial class Encoder;",
            "The name 'skip' collides with a parameter of the cell 'SelectiveSsm', and Skip adds another; choose another"),
        new("MRNN1006", $"[RecurrentCell] public static partial class Gated {{ public static float Step([State] float h, float outputGate) => Sigmoid(outputGate) * h; }} [RecurrentLayer(typeof(Gated), {Sizes}, [|Gate = true|])] public partial class Encoder;",
            "The name 'outputGate' collides with a parameter of the cell 'Gated', and Gate adds another; choose another"),
        new("MRNN1005", "[RecurrentLayer(typeof(MinGru), [|InputSize = 3|], HiddenSize = 4, Skip = true)] public partial class Encoder;",
            "'Encoder' reads the layer's own input channel (Skip = true), so InputSize (3) must equal HiddenSize (4)"),
    ];

    private static IEnumerable<DiagnosticCase> Roles =>
    [
        new("MRNN2001", "[RecurrentCell] public partial class [|Tested|] { public static float Step([State] float h, float x) => h * x; }",
            "The cell 'Tested' must be a static class: a step has no state but its [State] parameters"),
        new("MRNN2002", "[RecurrentCell] public static partial class [|Tested|];",
            "The cell 'Tested' needs exactly one method 'static float Step([State] float h, ...)', and has none"),
        new("MRNN2002", Step("[State] float h", "=> h;", "public static float Step([State] float h, float x) => h * x;").Replace("class Tested", "class [|Tested|]"),
            "The cell 'Tested' needs exactly one method 'static float Step([State] float h, ...)', and has 2"),
        new("MRNN2002", Step("[State] float h", "=> h;", "public static float Output<T>([State] float h) => h;").Replace("class Tested", "class [|Tested|]"),
            "The cell 'Tested' needs exactly one method 'static float Step([State] float h, ...)', and has a generic Output"),
        new("MRNN2002", Step("[State] float h", "=> h;", "public static float Output([State] float h) => h; public static float Output([State] float h, float x) => h * x;")
                .Replace("class Tested", "class [|Tested|]"),
            "The cell 'Tested' needs exactly one method 'static float Step([State] float h, ...)', and has more than one Output"),
        new("MRNN2003", "[RecurrentCell] public static partial class Tested { public static double [|Step|]([State] float h) => h; }",
            "'Step' must return 'float'"),
        new("MRNN2003", "[RecurrentCell] public static partial class Tested { public static float [|Step|]([State] float h, [State] float g) => h; }",
            "'Step' must return a tuple of 2 floats, one for each [State] in their order"),
        new("MRNN2003", "[RecurrentCell] public static partial class Tested { public static void [|Step|]([State] float h) { } }",
            "'Step' must return 'float'"),
        new("MRNN2004", Step("[State] float h, double [|x|]", "=> h;"), "The parameter 'x' must be a plain 'float', not 'double'"),
        new("MRNN2004", Step("[State] float h, ref float [|x|]", "=> h;"), "The parameter 'x' must be a plain 'float', not 'ref float'"),
        new("MRNN2004", Step("[State] float h, params float[] [|x|]", "=> h;"), "The parameter 'x' must be a plain 'float', not 'float[]'"),
        new("MRNN2005", "[RecurrentCell] public static partial class Tested { public static float [|Step|](float x) => x; }",
            "'Step' has no [State] parameter: mark the value that is carried from step to step"),
        new("MRNN2006", Step("[State] float h, [Projection([|Shared = true|])] float b", "=> h * b;"),
            "The parameter 'b' is Shared, which needs states of several elements: [RecurrentCell(StateSize = ...)]"),
        new("MRNN2006", Step("[State] float h, [Weight([|PerState = true|])] float w", "=> h * w;"),
            "The parameter 'w' is PerState, which needs states of several elements: [RecurrentCell(StateSize = ...)]"),
        new("MRNN2006", "[RecurrentCell(StateSize = 4)] public static partial class Tested { public static float Step([State] float h, [Projection(Shared = true, [|Rank = 2|])] float b) => h * b; }",
            "The parameter 'b' is Shared, and so few rows are not split: drop Rank"),
        new("MRNN2006", Step("[State] float h, [Weight([|Initial = 1|], InitializeWith = \"Spread\")] float decay", "=> h * decay;", Spread),
            "The parameter 'decay' sets both Initial and InitializeWith; keep one"),
        new("MRNN2006", Step("[State] float h, [Projection(InitializeBiasWith = \"Spread\", [|BiasInitial = 0|])] float p", "=> h * p;", Spread),
            "The parameter 'p' sets both BiasInitial and InitializeBiasWith; keep one"),
        new("MRNN1003", "[RecurrentCell([|StateSize = 300|])] public static partial class Tested { public static float Step([State] float h, float b) => h * b; }",
            "StateSize of 'Tested' is 300, but must be from 1 to 256"),
        new("MRNN1003", Step("[State] float h, [Projection([|Rank = 0|])] float p", "=> h * p;"),
            "Rank of 'p' is 0, but must be from 1 to 1048576"),
        new("MRNN1006", Step("[State] float h, [Projection(Rank = 2)] float p, [Weight] float [|p_up|]", "=> h * p * p_up;"),
            "The name 'p_up' collides with a half of the linear map of 'p'; choose another"),
        new("MRNN2006", Step("[State] float h, float x", "=> h * x;", "public static float Output(float h, [Projection(Rank = 2)] float [|x|]) => h * x;"),
            "The parameter 'x' has other options here than in 'Step'"),
        new("MRNN2006", Step("[State] float h, [Input, Weight] float [|x|]", "=> h * x;"),
            "The parameter 'x' has more than one role; keep one of [State], [Input], [Weight], [Projection]"),
        new("MRNN2006", Step("[State] float h, [Input] float x, [Input] float [|y|]", "=> h * x * y;"),
            "The parameter 'y' is a second [Input]; a channel has one"),
        new("MRNN2006", Step("[State] float h, float x", "=> h * x;", "public static float Output([State] float [|x|]) => x;"),
            "The parameter 'x' is a [Projection] in 'Step' and must be one here"),
        new("MRNN2006", Step("[State] float h", "=> h;", "public static float Output([State] float [|g|]) => g;"),
            "The parameter 'g' is no state of 'Step'; 'Output' sees the states that 'Step' carries"),
        new("MRNN2014", Step("[State] float h, [Weight([|InitializeWith = \"Spread\"|])] float decay", "=> h * decay;", "private static float Spread(int a, int b, int c, System.Random d) => 0;"),
            "'Spread' must be a method of the cell, as visible as the cell: 'public static float Spread(int channel, int state, int channels, Random random)'"),
        new("MRNN2014", Step("[State] float h, [Weight([|InitializeWith = \"Spread\"|])] float decay", "=> h * decay;", "public static float Spread(int a, ref int b, int c, System.Random d) => 0;"),
            "'Spread' must be a method of the cell, as visible as the cell: 'public static float Spread(int channel, int state, int channels, Random random)'"),
    ];

    private static IEnumerable<DiagnosticCase> Language =>
    [
        new("MRNN2007", Body("{ [|for (var i = 0; i < 3; i++) h *= x;|] return h; }"), "A cell has no loops; write the repetition out, or use more states"),
        new("MRNN2007", Body("{ [|switch (x) { default: return h; }|] }"), "A cell has no switch statements; use if and else, or '?:'"),
        new("MRNN2007", Body("{ if (x > 0) [|throw new System.Exception();|] return h; }"), "A cell has no exceptions; give a value for every input; NaN marks what is not valid"),
        new("MRNN2007", Body("=> x > 0 ? h : [|throw new System.Exception()|];"), "A cell has no exceptions; give a value for every input; NaN marks what is not valid"),
        new("MRNN2007", Body("{ [|using System.IDisposable none = null!;|] return h * x; }"), "A cell has no 'using'; use locals, assignments, if and else, and return"),
        new("MRNN2007", Body("{ [|float Inner(float y) => y * y;|] return h * x; }"), "A cell has no local functions; make it a static method of the cell"),
        new("MRNN2007", Body("{ [|lock (string.Empty) { }|] return h; }"), "A cell has no 'LockStatement'; use locals, assignments, if and else, and return"),
        new("MRNN2008", Body("=> h * [|(new[] { x })[0]|];"), "'(new[] { x })[0]' is outside the cell language; use arithmetic, comparisons, '?:' and calls of CellMath"),
        new("MRNN2008", Body("=> [|x switch { > 0 => h, _ => x }|];"), "'x switch { > 0 => h, _ => x }' is outside the cell language; use arithmetic, comparisons, '?:' and calls of CellMath"),
        new("MRNN2008", Body("{ if (x > 0) { if (h > 0) return x; } if (x > 1) { if (h > 1) return x; } return [|h % x|]; }"), "'h % x' is outside the cell language; use + - * /, comparisons of floats, && || and !"),
        new("MRNN2008", Body("=> [|h % x|];"), "'h % x' is outside the cell language; use + - * /, comparisons of floats, && || and !"),
        new("MRNN2009", Body("=> [|System.MathF.Cbrt(h)|] * x;"), "A cell cannot call 'MathF.Cbrt'; use the functions of CellMath (" + Functions + "), or a static method of the cell"),
        new("MRNN2009", Body("=> [|System.MathF.Log(h, 2f)|] * x;"), "A cell cannot call 'MathF.Log'; write CellMath.Log with one argument"),
        new("MRNN2009", Body("{ return [|Inner(x)|] * h; float Inner(float y) => y * y; }"), "A cell cannot call 'Tested.Inner'; make it a static method of the cell"),
        new("MRNN2009", Body("=> [|h.CompareTo(x)|];"), "A cell cannot call 'Single.CompareTo'; use the functions of CellMath (" + Functions + "), or a static method of the cell"),
        new("MRNN2009", Step("[State] float h", "=> h * Rate;", "private static readonly float Rate = [|float.Parse(\"1\")|];"),
            "A cell cannot call 'Single.Parse'; use the functions of CellMath (" + Functions + "), or a static method of the cell"),
        new("MRNN2009", Step("[State] float h, float x", "=> [|Sum(h, x)|];", "private static float Sum(params float[] numbers) => numbers[0];"),
            "A cell cannot call 'Tested.Sum'; give it a parameter for each number, not 'params'"),
        new("MRNN2009", Step("[State] float h, float x", "=> [|Sum(h, x)|];", "private static float Sum(params System.ReadOnlySpan<float> numbers) => numbers[0];"),
            "A cell cannot call 'Tested.Sum'; give it a parameter for each number, not 'params'"),
        new("MRNN2009", Body("=> [|h.Twice()|] * x;") + " public static class Extensions { public static float Twice(this float x) => 2 * x; }",
            "A cell cannot call 'Extensions.Twice'; use the functions of CellMath (" + Functions + "), or a static method of the cell"),
        new("MRNN2009", Body("=> [|h.Twice()|] * x;") + " public static class Extensions { extension(float x) { public float Twice() => 2 * x; } }",
            "A cell cannot call 'Extensions.Twice'; use the functions of CellMath (" + Functions + "), or a static method of the cell", LanguageVersion.Preview),
        new("MRNN2009", Step("[State] float h, float x", "=> [|h.Twice()|] * x;", "extension(float x) { public float Twice() => 2 * x; }"),
            "A cell cannot call 'Tested.Twice'; make it a static method of the cell", LanguageVersion.Preview),
        new("MRNN2009", Step("[State] float h, float x", "=> [|Elsewhere.Read(\"1\", h % x)|];") + " public static class Elsewhere { public static float Read(string text, float x) => x; }",
            "A cell cannot call 'Elsewhere.Read'; use the functions of CellMath (" + Functions + "), or a static method of the cell"),
        new("MRNN2010", Body("=> (float)(h * [|0.5|]) * x;"), "This is computed in 'double', but cells compute in float; write float literals (0.5f) and the functions of CellMath or MathF"),
        new("MRNN2010", Body("=> ([|1.0|] - Sigmoid(x)) * h + x;"), "This is computed in 'double', but cells compute in float; write float literals (0.5f) and the functions of CellMath or MathF", Stands: false),
        new("MRNN2010", Body("=> (float)[|System.Math.Exp(h)|] * x;"), "This is computed in 'double', but cells compute in float; write CellMath.Exp with float arguments"),
        new("MRNN2010", Body("{ var n = 3; return h * ([|n / 2|]) * x; }"), "This is computed in 'int', but cells compute in float; write float literals (0.5f) and the functions of CellMath or MathF"),
        new("MRNN2011", Step("[State] float h", "=> Twice(h);", "private static float Twice(float x) => x > 0 ? [|Twice(x - 1)|] : x;"), "'Twice' calls itself; methods of a cell are inlined, so write the repetition out"),
        new("MRNN2008", Step("[State] float h", "{ (float, float) p = [|new Pair()|]; return p.Item1 * h; }", "private struct Pair { public static implicit operator (float, float)(Pair pair) => (1, 2); }"),
            "'new Pair()' is outside the cell language; use the operators and conversions that C# has of its own"),
        new("MRNN2008", Step("[State] float h, float x", "{ Pair p = [|(h, x)|]; var (a, b) = p; return a * b; }",
                "private struct Pair { public static implicit operator Pair((float, float) pair) => default; public void Deconstruct(out float a, out float b) => a = b = 1; }"),
            "'(h, x)' is outside the cell language; use the operators and conversions that C# has of its own"),
        new("MRNN2008", Step("[State] float h, float x", "{ (float, float) p = (h, x); var q = [|((int, int))p|]; return q.Item1 * 0.5f; }"),
            "'((int, int))p' is outside the cell language; cells compute in float alone"),
        new("MRNN2012", Step("[State] float h", "=> h * [|Rate|];", "public static float Rate = 0.5f;"),
            "'Rate' is not a constant: make it 'const', or 'static readonly' with an initialiser of constants, or pass it as a [Weight]"),
        new("MRNN2013", Body("{ " + string.Concat(Enumerable.Repeat("h += x; ", 600)) + "return h; }").Replace("class Tested", "class [|Tested|]"),
            "The cell 'Tested' unfolds to more than 500 operations one after another; methods are inlined and branches followed both ways, so simplify it"),
        new("MRNN2015", Step("[State] float h", "=> h;").Replace("float Step([State] float h)\n=> h;", "extern float [|Step|]([State] float h);"),
            "'Step' has no body in this compilation, so it cannot be compiled into the cell"),
    ];

    private static IEnumerable<DiagnosticCase> TargetsAndPerformance =>
    [
        new("MRNN3001", "[RecurrentCell] public static partial class Tested { public static float [|Step|]([State] float h, float x) => Tanh(h + x); }",
            "The step of 'Tested' is not affine in its state because of 'tanh(add(h, x))': time cannot be split among processors"),
        new("MRNN3003", "[RecurrentCell] public static partial class Tested { public static float [|Step|]([State] float h, float x) => Exp(x) * h; }",
            "The step of 'Tested' multiplies its state by 'exp(x)', which can be anything in [0, Infinity]: time cannot be split among processors; keep it within [-1, 1] (Sigmoid, Tanh, Clamp), or allow it with AllowUnboundedScan"),
        new("MRNN3003", "[RecurrentCell] public static partial class Tested { public static float [|Step|]([State] float h, float x) => 2 * h + x; }",
            "The step of 'Tested' multiplies its state by '2': time cannot be split among processors; keep it within [-1, 1] (Sigmoid, Tanh, Clamp), or allow it with AllowUnboundedScan"),
        new("MRNN3003", "[RecurrentCell] public static partial class Tested { public static (float, float) [|Step|]([State] float a, [State] float b, float x, float y) => (Sigmoid(x) * a + Sigmoid(y) * b, b * 0.5f); }",
            "The step of 'Tested' multiplies its states by coefficients that together can exceed 1, of which 'sigmoid(x)' is the largest: time cannot be split among processors; keep their sums, over what a state takes or over what it gives, within [-1, 1] (Sigmoid, Tanh, Clamp), or allow it with AllowUnboundedScan"),
        new("MRNN3004", "[RecurrentCell(StateSize = 4)] public static partial class Tested { public static float [|Step|]([State] float h, float gate) => Sigmoid(gate) * h; public static float Output([State] float h) => Tanh(h); }",
            "The gradients of the vector states of 'Tested' need the states themselves: time is not split among the processors of a CPU"),
        new("MRNN3001", "[RecurrentCell(StateSize = 4)] public static partial class Tested { public static float [|Step|]([State] float h, float x) => Tanh(h + x); }",
            "The step of 'Tested' is not affine in its state because of 'tanh(add(h, x))': time cannot be split among processors"),
        new("MRNN3005", "[RecurrentCell(StateSize = 256)] public static partial class Tested { public static float [|Step|]([State] float h, [Projection(Shared = true)] float a, [Projection(Shared = true)] float b) => Sigmoid(a) * h + b; }",
            "A group of a GPU's threads cannot hold the vector states of 'Tested' and what they share: its layers have kernels for the CPU alone"),
        new("MRNN3006", "[RecurrentCell] public static partial class Tested { public static float Step([State] float h, float x, float [|y|]) => Sigmoid(x) * h; }",
            "Nothing that 'Tested' computes depends on 'y', which its layers carry all the same"),
        new("MRNN3006", "[RecurrentCell] public static partial class Tested { public static float Step([State] float h, float x) => Sigmoid(x) * h; public static float Output([State] float h, [Weight] float [|scale|]) => h; }",
            "Nothing that 'Tested' computes depends on 'scale', which its layers carry all the same"),
        new("MRNN3002", $"[RecurrentLayer(typeof(MinGru), {Sizes})] public partial class [|Encoder|];",
            "The kernels of 'Encoder' are compiled into this project without optimisation, some twenty times slower; set <Optimize>true</Optimize> or build with -c Release",
            Optimization: OptimizationLevel.Debug),
    ];

    private const string Functions =
        "Sigmoid Tanh Exp Expm1 Log Log1p Softplus LogSigmoid Relu Silu Gelu Sqrt SqrtBounded Reciprocal Pow Sin Cos Abs Sign Min Max Clamp Lerp PositiveG StopGradient";

    private const string Spread = "public static float Spread(int channel, int state, int channels, System.Random random) => 0;";

    private static string Body(string body) => Step("[State] float h, float x", body);

    private static string Step(string parameters, string body, string members = "") =>
        $"[RecurrentCell] public static partial class Tested {{ public static float Step({parameters})\n{body}\n{members} }}";
}
