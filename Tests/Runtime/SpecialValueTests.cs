using System.Numerics;
using MinRnn.Kernels;

namespace MinRnn.Tests.Runtime;

/// <summary>Limits, signs of zero, NaN and ties, in both precisions.</summary>
public class SpecialValueTests
{
    private const float Inf = float.PositiveInfinity;
    private const float Denormal = 1e-42f;

    /// <summary>Function, argument, result in single and in double precision.</summary>
    public static TheoryData<string, float, double> Limits => new()
    {
        { "Exp", 0f, 1 }, { "Exp", -0f, 1 }, { "Exp", Inf, Inf }, { "Exp", -Inf, 0 }, { "Exp", 4000f, Inf }, { "Exp", -4000f, 0 },
        { "ExpOfNegative", 0f, 1 }, { "ExpOfNegative", -0f, 1 }, { "ExpOfNegative", -Inf, 0 }, { "ExpOfNegative", -4000f, 0 }, { "ExpOfNegative", float.MinValue, 0 },
        { "Exp2OfNegative", 0f, 1 }, { "Exp2OfNegative", -0f, 1 }, { "Exp2OfNegative", -Inf, 0 }, { "Exp2OfNegative", -4000f, 0 }, { "Exp2OfNegative", -1f, 0.5 },
        { "Exp2ByPolynomial", 0f, 1 }, { "Exp2ByPolynomial", -Inf, 0 }, { "Exp2ByPolynomial", -4000f, 0 }, { "Exp2ByPolynomial", -1f, 0.5 },
        { "Exp", float.MaxValue, Inf }, { "Exp", float.MinValue, 0 },
        { "Expm1", 0f, 0 }, { "Expm1", Inf, Inf }, { "Expm1", -Inf, -1 }, { "Expm1", 4000f, Inf }, { "Expm1", -4000f, -1 },
        { "Expm1", Denormal, Denormal }, { "Expm1", -Denormal, -Denormal },
        { "Log", 1f, 0 }, { "Log", 0f, -Inf }, { "Log", -0f, -Inf }, { "Log", Inf, Inf }, { "Log", -1f, float.NaN },
        { "Log", -Inf, float.NaN }, { "Log", -Denormal, float.NaN },
        { "Log1p", 0f, 0 }, { "Log1p", -1f, -Inf }, { "Log1p", Inf, Inf }, { "Log1p", -1.5f, float.NaN },
        { "Log1p", -Inf, float.NaN }, { "Log1p", Denormal, Denormal }, { "Log1p", -Denormal, -Denormal },
        { "Sigmoid", 0f, 0.5 }, { "Sigmoid", Inf, 1 }, { "Sigmoid", -Inf, 0 }, { "Sigmoid", 4000f, 1 }, { "Sigmoid", -4000f, 0 },
        { "SigmoidValue", 0f, 0.5 }, { "SigmoidValue", Inf, 1 }, { "SigmoidValue", -Inf, 0 },
        { "SigmoidValue", 4000f, 1 }, { "SigmoidValue", -4000f, 0 },
        { "SigmoidComplement", 0f, 0.5 }, { "SigmoidComplement", Inf, 0 }, { "SigmoidComplement", -Inf, 1 },
        { "SigmoidComplement", 4000f, 0 }, { "SigmoidComplement", -4000f, 1 },
        { "Tanh", 0f, 0 }, { "Tanh", -0f, -0d }, { "Tanh", Inf, 1 }, { "Tanh", -Inf, -1 }, { "Tanh", 4000f, 1 },
        { "Tanh", Denormal, Denormal }, { "Tanh", -Denormal, -Denormal },
        { "TanhValue", 0f, 0 }, { "TanhValue", -0f, -0d }, { "TanhValue", Inf, 1 }, { "TanhValue", -4000f, -1 },
        { "TanhValue", Denormal, Denormal },
        { "TanhSlope", 0f, 1 }, { "TanhSlope", Inf, 0 }, { "TanhSlope", -4000f, 0 },
        { "SechSquared", 0f, 1 }, { "SechSquared", Inf, 0 }, { "SechSquared", -Inf, 0 }, { "SechSquared", 4000f, 0 },
        { "Softplus", Inf, Inf }, { "Softplus", -Inf, 0 }, { "Softplus", 4000f, 4000 }, { "Softplus", -4000f, 0 },
        { "NormalCdf", Inf, 1 }, { "NormalCdf", -Inf, 0 }, { "NormalCdf", 4000f, 1 },
        { "NormalCdf", -4000f, 0 },
        { "NormalDensity", Inf, 0 }, { "NormalDensity", -4000f, 0 },
        { "Sin", 0f, 0 }, { "Sin", Inf, float.NaN }, { "Sin", -Inf, float.NaN },
        { "Cos", 0f, 1 }, { "Cos", Inf, float.NaN },
        { "Sqrt", 0f, 0 }, { "Sqrt", Inf, Inf }, { "Sqrt", -1f, float.NaN },
        { "Abs", -0f, 0 }, { "Abs", -Inf, Inf },
        { "Sign", 0f, 0 }, { "Sign", -0f, -0d }, { "Sign", -Denormal, -1 }, { "Sign", Inf, 1 }, { "Sign", -Inf, -1 },
        { "Relu", -Inf, 0 }, { "Relu", Inf, Inf }, { "Relu", -0f, 0 }, { "Relu", 3f, 3 },
    };

    [Theory]
    [MemberData(nameof(Limits))]
    public void SinglePrecision(string name, float x, double expected)
    {
        var actual = Float(name, Vector.Create(x));
        for (var lane = 0; lane < Vector<float>.Count; lane++)
            Same(expected, actual[lane]);
    }

    [Theory]
    [MemberData(nameof(Limits))]
    public void DoublePrecision(string name, float x, double expected)
    {
        // The product takes arguments that are at the limit in single precision there in double too.
        var actual = Double(name, Vector.Create(MathF.Abs(x) == float.MaxValue ? x * 1e200 : x));
        for (var lane = 0; lane < Vector<double>.Count; lane++)
            Same(expected, actual[lane]);
    }

    [Fact]
    public void NaNPassesWhateverItsBits()
    {
        foreach (var name in Limits.Select(row => (string)row[0]).Distinct())
        {
            foreach (var bits in new[] { 0x7FC00000u, 0xFFC00000u, uint.MaxValue, 0x7FC00001u, 0x7FFFFFFFu, 0x7FC000FFu, 0x7F800001u })
            {
                var value = Float(name, Vector.Create(BitConverter.UInt32BitsToSingle(bits)));
                Assert.True(float.IsNaN(value[0]), $"{name} {bits:x}");
            }
            foreach (var bits in new[] { 0x7FF8000000000000u, ulong.MaxValue, 0x7FF8000000000001u, 0x7FF80000000007FFu })
            {
                var value = Double(name, Vector.Create(BitConverter.UInt64BitsToDouble(bits)));
                Assert.True(double.IsNaN(value[0]), $"{name} {bits:x}");
            }
        }
    }

    [Fact]
    public void PowHasTheLimitsOfTheScalarOne()
    {
        float[] values =
        [
            0f, -0f, 1f, -1f, 2f, -2f, 3f, -3f, 0.5f, -0.5f, 1.5f, -1.5f, 7f, -7f, 1e30f, -1e30f, 16777216f,
            -16777215f, 8388607.5f, Inf, -Inf, float.NaN, Denormal, -Denormal, 1e-38f, float.MaxValue, 1.0000001f, 0.99999994f,
        ];
        foreach (var x in values)
        {
            foreach (var y in values)
            {
                var expected = (float)Math.Pow(x, y);
                var actual = VectorMath.Pow(Vector.Create(x), Vector.Create(y))[0];
                var exact = expected.Equals(actual) && (float.IsNaN(expected) || float.IsNegative(expected) == float.IsNegative(actual));
                var close = float.IsNormal(expected)
                    ? Math.Abs(actual / (double)expected - 1) < 2e-7
                    : float.IsSubnormal(expected) && MathF.Abs(actual - expected) < 1.2e-38f;
                Assert.True(exact || close, $"{x}^{y}: {actual}, not {expected}");
            }
        }
    }

    [Fact]
    public void MinMaxAndClampHandNaNOn()
    {
        const float NaN = float.NaN;
        foreach (var (x, y) in new[] { (NaN, 1f), (1f, NaN), (NaN, NaN), (NaN, -Inf), (Inf, NaN) })
        {
            var (a, b) = (Vector.Create(x), Vector.Create(y));
            Assert.True(float.IsNaN(VectorMath.Min(a, b)[0]));
            Assert.True(float.IsNaN(VectorMath.Max(a, b)[0]));
            Assert.True(float.IsNaN(VectorMath.Clamp(a, b, Vector.Create(2f))[0]));
            var (c, d) = (Vector.Create((double)x), Vector.Create((double)y));
            Assert.True(double.IsNaN(VectorMath.Min(c, d)[0]));
            Assert.True(double.IsNaN(VectorMath.Max(c, d)[0]));
            Assert.True(double.IsNaN(VectorMath.Clamp(c, Vector.Create(-2d), d)[0]));
        }
        Assert.True(float.IsNaN(VectorMath.Clamp(Vector.Create(float.NaN), Vector.Create(-1f), Vector.Create(1f))[0]));
        Assert.Equal(-1f, VectorMath.Clamp(Vector.Create(-3f), Vector.Create(-1f), Vector.Create(1f))[0]);
        Assert.Equal(1f, VectorMath.Clamp(Vector.Create(3f), Vector.Create(-1f), Vector.Create(1f))[0]);
        Assert.Equal(2f, VectorMath.Max(Vector.Create(2f), Vector.Create(2f))[0]);
    }

    [Fact]
    public void MasksSelect()
    {
        var x = Vector.CreateSequence(-2f, 1f);
        var zero = Vector<float>.Zero;
        var inside = VectorMath.And(VectorMath.LessOrEqual(zero, x), VectorMath.Not(VectorMath.Equal(x, Vector.Create(1f))));
        var value = VectorMath.Select(VectorMath.Or(inside, VectorMath.Less(x, Vector.Create(-1f))), x, Vector.Create(9f));
        for (var lane = 0; lane < Vector<float>.Count; lane++)
            Assert.Equal(lane - 2f is < -1f or 0f or > 1f ? lane - 2f : 9f, value[lane]);
        Assert.Equal(zero, VectorMath.Less(zero, Vector.Create(float.NaN)));
    }

    private static void Same(double expected, double actual)
    {
        Assert.Equal(expected, actual);
        if (expected == 0 && double.IsNegative(expected))
            Assert.True(double.IsNegative(actual));
    }

    private static Vector<float> Float(string name, Vector<float> x) => name switch
    {
        "Exp" => VectorMath.Exp(x),
        "ExpOfNegative" => VectorMath.ExpOfNegative(x),
        "Exp2OfNegative" => VectorMath.Exp2OfNegative(x),
        "Exp2ByPolynomial" => VectorMath.Exp2ByPolynomial(x),
        "Expm1" => VectorMath.Expm1(x),
        "Log" => VectorMath.Log(x),
        "Log1p" => VectorMath.Log1p(x),
        "Sigmoid" => VectorMath.Sigmoid(x),
        "SigmoidValue" => VectorMath.SigmoidPair(x).Value,
        "SigmoidComplement" => VectorMath.SigmoidPair(x).Complement,
        "Softplus" => VectorMath.Softplus(x),
        "Tanh" => VectorMath.Tanh(x),
        "TanhValue" => VectorMath.TanhPair(x).Tanh,
        "TanhSlope" => VectorMath.TanhPair(x).SechSquared,
        "SechSquared" => VectorMath.SechSquared(x),
        "NormalCdf" => VectorMath.NormalCdf(x),
        "NormalDensity" => VectorMath.NormalDensity(x),
        "Sin" => VectorMath.Sin(x),
        "Cos" => VectorMath.Cos(x),
        "Sqrt" => VectorMath.Sqrt(x),
        "Abs" => VectorMath.Abs(x),
        "Sign" => VectorMath.Sign(x),
        "Relu" => VectorMath.Relu(x),
        _ => throw new ArgumentException(name),
    };

    private static Vector<double> Double(string name, Vector<double> x) => name switch
    {
        "Exp" => VectorMath.Exp(x),
        "ExpOfNegative" => VectorMath.ExpOfNegative(x),
        "Exp2OfNegative" => VectorMath.Exp2OfNegative(x),
        "Exp2ByPolynomial" => VectorMath.Exp2OfNegative(x),
        "Expm1" => VectorMath.Expm1(x),
        "Log" => VectorMath.Log(x),
        "Log1p" => VectorMath.Log1p(x),
        "Sigmoid" => VectorMath.Sigmoid(x),
        "SigmoidValue" => VectorMath.SigmoidPair(x).Value,
        "SigmoidComplement" => VectorMath.SigmoidPair(x).Complement,
        "Softplus" => VectorMath.Softplus(x),
        "Tanh" => VectorMath.Tanh(x),
        "TanhValue" => VectorMath.TanhPair(x).Tanh,
        "TanhSlope" => VectorMath.TanhPair(x).SechSquared,
        "SechSquared" => VectorMath.SechSquared(x),
        "NormalCdf" => VectorMath.NormalCdf(x),
        "NormalDensity" => VectorMath.NormalDensity(x),
        "Sin" => VectorMath.Sin(x),
        "Cos" => VectorMath.Cos(x),
        "Sqrt" => VectorMath.Sqrt(x),
        "Abs" => VectorMath.Abs(x),
        "Sign" => VectorMath.Sign(x),
        "Relu" => VectorMath.Relu(x),
        _ => throw new ArgumentException(name),
    };
}
