using System.Text.RegularExpressions;
using MinRnn.Generator.Recurrence;
using MinRnn.Tests.Generator.Harness;

namespace MinRnn.Tests.Generator;

/// <summary>
/// What the language of cells has. Each body is read into a graph, and the graph gives what the method itself gives when
/// it is called.
/// </summary>
public partial class LanguageTests
{
    public static TheoryData<string, string> Bodies => new()
    {
        // Bodies.
        { "=> gate * h + (1 - gate) * candidate;", "" },
        { "{ return h; }", "" },
        { "{ checked { h *= 2; } unchecked { return h; } }", "" },
        { "{ float a = gate, b = candidate; var c = a * b; return c - h; }", "" },
        { "{ float a; a = gate; { var b = a + h; a = b; } ; return a; }", "" },
        { "{ const float Half = 0.5f; return Half * h; }", "" },
        { "{ h = h * 2; gate += h; gate -= 1; gate *= 3; gate /= 2; return gate; }", "" },
        { "{ float a; float b; a = b = gate; return a + b * h; }", "" },
        { "{ var a = gate; a++; ++a; a--; return a * h; }", "" },
        { "{ var a = gate; var b = a++; var c = --a; return b + 2 * c + 4 * h; }", "" },

        // Arithmetic.
        { "=> -h + +gate - (candidate * 2) / 3;", "" },
        { "=> (float)1 / 3 * h + 1e-3f + (1 << 3) + 7 % 4;", "" },
        { "=> (float)(2 * System.Math.PI) * h;", "" },
        { "=> h * (float)0.1;", "" },
        { "=> unchecked(h + gate) * checked(candidate);", "" },
        { "=> 'a' * h;", "" },
        { "=> candidate! + h;", "" },
        { "=> default(float) + h;", "" },

        // Conditions.
        { "=> h > gate ? candidate : -candidate;", "" },
        { "=> h >= gate && gate < candidate || !(h <= candidate) ? h : h == gate ? 1 : h != candidate ? 2 : 3;", "" },
        { "{ var open = gate > 0; var shut = !open; return open & !shut ? h : candidate; }", "" },
        { "{ bool open = gate > 0 | candidate > 0; open = open ^ (h > 0); return open ? h : candidate; }", "" },
        { "{ bool open = gate > 0 == candidate > 0; return open ? h : candidate; }", "" },
        { "{ bool open = gate > 0 != candidate > 0; return open ? h : candidate; }", "" },
        { "{ bool open = gate > 0; open &= h > 0; open |= candidate > 0; return open ? h : gate; }", "" },
        { "{ bool open = gate > 0 ? candidate > 0 : h > 0; return open ? h : gate; }", "" },
        { "=> (gate > 0 ? true : false) ? h : candidate;", "" },
        { "=> (gate > 0 && true) ? h : (false ? gate : candidate);", "" },
        { "=> float.IsNaN(h) || !float.IsNaN(gate) ? gate : h;", "" },
        { "=> 0 < gate ? h : 0 >= candidate ? 1 : 2;", "" },

        // Statements that branch.
        { "{ float a; if (gate > 0) a = h; else a = candidate; return a; }", "" },
        { "{ var a = h; if (gate > 0) a = candidate; return a; }", "" },
        { "{ if (gate > 0) return h; return candidate; }", "" },
        { "{ if (gate > 0) return h; else if (candidate > 0) return gate; else return candidate; }", "" },
        { "{ if (gate > 0) { if (candidate > 0) return 1; h *= 2; } else { h *= 3; if (h > candidate) return 2; } return h; }", "" },
        { "{ float a = 0; if (gate > 0) { var b = h; a = b * b; } else { if (h > 0) a = 1; } return a + h; }", "" },
        { "{ if (gate > 0) { } else { h = 2 * h; } return h; }", "" },
        { "{ if (gate > 0) { float a; a = 1; h += a; } float c; c = h; return c; }", "" },
        { "{ if ((gate += 1) > 0) return gate; return h; }", "" },
        { "{ var a = gate > 0 ? (h = 2) : (h = 3); return a * h; }", "" },
        { "{ var open = gate > 0 && (h = 5) > 4; return open ? h : h + candidate; }", "" },

        // What one way alone assigns.
        { "{ float x; if (gate > 0 && (x = h) > -1) return x; return candidate; }", "" },
        { "{ float x; if (gate > 0 || (x = h) > -1) return candidate; return x; }", "" },
        { "{ float y; return candidate > 0 && (y = h * candidate) > 1 ? y : h; }", "" },
        { "{ float x; if (true) x = gate; return x * h; }", "" },
        { "{ float x; if (gate > 0) { x = h; } else { return candidate; } return x * gate; }", "" },

        // Constants and fields.
        { "=> Rate * h + Half;", "private const float Rate = 0.1f; private static readonly float Half = Rate * 5;" },
        { "=> Table * h;", "private static readonly float Table = Twice(3) + CellMath.Exp(1); private static float Twice(float x) => 2 * x;" },
        { "=> Count * h + Wide;", "private const int Count = 3; private const double Precise = 0.25; private const float Wide = (float)Precise;" },
        { "=> Pair.a * h + Pair.b;", "private static readonly (float a, float b) Pair = (2, 3);" },
        { "=> System.MathF.PI * h + System.MathF.E + float.Epsilon + float.MaxValue * 0;", "" },
        { "=> Second * h;", "private static readonly float First = 2, Second = First + 1;" },
        { "=> Other.Rate * h;", "public static class Other { public const float Rate = 3; }" },

        // Calls.
        { "=> Sigmoid(h) + Tanh(gate) + CellMath.Relu(candidate);", "" },
        { "=> System.MathF.Tanh(h) + System.MathF.Max(gate, 0) + System.MathF.Abs(candidate) + System.MathF.Exp(h);", "" },
        { "=> System.Math.Max(h, gate) + System.Math.Abs(candidate) + System.Math.Clamp(gate, -1f, 1f) + System.Math.Min(h, 1);", "" },
        { "=> float.Exp(h) + float.Tanh(gate) + float.Max(h, gate) + float.Abs(h) + float.ExpM1(h) + float.Clamp(h, -1, 1);", "" },
        { "=> System.MathF.Cos(h) + System.MathF.Sin(gate) + System.MathF.Pow(2, candidate) + System.MathF.Log(System.MathF.Abs(h) + 1);", "" },
        { "=> float.Lerp(h, gate, 0.3f) + Lerp(h, candidate, 0.7f);", "" },
        { "=> Lerp(amount: 0.3f, to: gate, from: h);", "" },
        { "=> Weighted(b: h += gate, a: h);", "private static float Weighted(float a, float b) => a + 10 * b;" },
        { "=> Scale(gate) * Scale(h, by: 3);", "private static float Scale(float x, float by = 2) => x * by;" },
        { "{ return Pick(gate, h, candidate); }", "private static float Pick(float x, float a, float b) { if (x > 0) return a; return b; }" },
        { "=> IsOpen(gate) ? h : candidate;", "private static bool IsOpen(float x) { if (x > 1) return true; return x < -1; }" },
        { "=> Choose(gate > 0, h, candidate);", "private static float Choose(bool which, float a, float b) => which ? a : b;" },
        { "=> Sum((h, gate)) + candidate;", "private static float Sum((float a, float b) pair) => pair.a + pair.b;" },
        { "=> Tested.Square(h) + Square(Square(gate));", "internal static float Square(float x) => x * x;" },
        { "=> CellMath.Log1p(CellMath.Abs(h)) + Sqrt(Abs(gate)) + Sign(candidate) + Reciprocal(2 + Abs(h));", "" },

        // Tuples.
        { "{ var (a, b) = (h, gate); return a * b; }", "" },
        { "{ (float a, var b) = (h, gate); (a, b) = (b, a); return a - b; }", "" },
        { "{ (h, gate) = (gate, h); return h - gate * candidate; }", "" },
        { "{ var pair = Both(h, gate); return pair.low + 2 * pair.Item2; }", "private static (float low, float high) Both(float a, float b) => a < b ? (a, b) : (b, a);" },
        { "{ (float a, float b) pair; pair = (h, gate); pair.a = candidate; pair.Item2 += 1; return pair.a * pair.b; }", "" },
        { "{ var ((a, b), c) = ((h, gate), candidate); return a - b * c; }", "" },
        { "{ var (a, _) = (h, gate); _ = Sigmoid(a); return a; }", "" },
        { "{ var (a, b) = gate > 0 ? (h, candidate) : (candidate, h); return a - 2 * b; }", "" },
        { "{ float a, b; if (gate > 0) (a, b) = (h, candidate); else (a, b) = (1, 2); return a - 2 * b; }", "" },
        { "{ (int, float) mixed = (1, h); return mixed.Item2; }", "" },
        { "{ (float, float) pair = (default, h); var (a, b) = pair; return a + 2 * b; }", "" },

        // Zeros, infinities and what a float does not hold.
        { "=> gate + 1e20f * (1e20f * (h - h)) + 1e-30f * (1e-30f * (1 / (h - h)));", "" },
        { "=> 1 / (0f - (h - h)) + 0 * gate;", "" },
        { "=> 1 / (gate > 0 ? gate : -0f);", "" },
        { "{ var a = 0.1f; var b = 0.2f; return a + b == 0.3f ? h : gate; }", "" },
        { "{ var big = 1e30f; return big * big / big / big * h + gate; }", "" },
        { "{ var small = 1e-30f; return small * small * 1e38f > 0 ? h : gate; }", "" },
        { "=> Huge * h + gate;", "private static readonly float Huge = Log(Exp(100f));" },

        // Names.
        { "{ var @class = h; var @if = @class + gate; return @if; }", "" },
        { "{ var größe = h; return größe * gate; }", "" },
        { "{ { var a = h; gate += a; } { var a = candidate; gate *= a; } return gate; }", "" },
        { "{ float Infinity = gate * h; return h < float.PositiveInfinity ? Infinity + 1 : h + Infinity; }", "" },
        { "{ bool Infinity = gate > 0; return Infinity && h < float.PositiveInfinity ? h : candidate; }", "" },
        { "{ var next = h; var let = next * gate; var NaN = let + 1; var Infinity = NaN * h; return Infinity * NaN; }", "" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public void A_graph_and_what_it_is_simplified_to_give_what_the_method_gives(string body, string members)
    {
        var source = Cells.WithStep(body, members);
        var build = Compiler.Build(Cells.WithLayer(source), Targets.Core).AssertAddsNoError();
        Assert.Empty(build.Errors);
        Assert.Empty(build.Analysis.Where(diagnostic => diagnostic.Id[4] < '3'));
        var cell = GraphParser.Parse(GraphOf(build));
        var simplified = Simplifier.Run(cell);
        var method = build.Load().GetType("Tested")!.GetMethod("Step")!;
        var random = new Random(1);
        for (var i = 0; i < 200; i++)
        {
            var arguments = new float[3];
            foreach (ref var argument in arguments.AsSpan())
                argument = random.Next(6) == 0 ? random.Next(-2, 3) : (6 * random.NextSingle()) - 3;
            var expected = (float)method.Invoke(null, [.. arguments.Cast<object>()])!;
            foreach (var graph in new[] { cell, simplified })
            {
                var actual = Interpreter.Single.Evaluate(graph.NextStates, symbol => symbol.Kind == SymbolKind.State ? arguments[0] : arguments[1 + symbol.Index])[0];
                var close = float.IsNaN(expected) ? double.IsNaN(actual) : expected == actual || Math.Abs(expected - actual) <= 1e-4 * (1 + Math.Abs(expected));
                Assert.True(close, $"{expected} from the method, {actual} from the graph at ({string.Join("; ", arguments)})\n{GraphPrinter.Print(graph)}");
            }
        }
    }

    [Fact]
    public void Values_go_by_the_names_of_locals()
    {
        var build = Compiler.Build(Cells.WithStep("{ var keep = Sigmoid(gate); var value = keep * h; return value + keep; }"));
        Assert.Contains("let keep = sigmoid(gate)\nlet value = mul(keep, h)\nnext h = add(value, keep)", GraphOf(build), StringComparison.Ordinal);
    }

    /// <summary>The graph that the generator recorded for the cell <c>Tested</c>.</summary>
    private static string GraphOf(Build build) => RecordedGraph().Match(build["Tested.Cell.g.cs"]).Groups[1].Value;

    [GeneratedRegex("\"\"\"\n(.*)\n\"\"\"", RegexOptions.Singleline)]
    private static partial Regex RecordedGraph();
}
