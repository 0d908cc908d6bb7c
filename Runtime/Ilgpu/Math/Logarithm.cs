using ILGPU;

namespace MinRnn.Ilgpu;

// x = 2^k (1 + f), ln x = k ln 2 + ln(1 + f), with f in ±1/3 (single) or 1 + f in √½..√2 (double). k comes from the bits and
// stays in the exponent's place. The polynomials are those of MinRnn.Kernels.VectorMath.
public static partial class GpuMath
{
    /// <summary>ln x; -infinity at 0, NaN below.</summary>
    public static float Log(float x)
    {
        var subnormal = x < 1.17549435e-38f;
        var bits = (int)Interop.FloatAsInt(subnormal ? x * 8388608f : x);
        var exponent = LogExponent(bits);
        var f = Interop.IntAsFloat((uint)(bits - exponent)) - 1f;
        return LogOrLimit(x, LogReduced(f, subnormal ? exponent - (23 << 23) : exponent));
    }

    /// <inheritdoc cref="Log(float)"/>
    public static double Log(double x)
    {
        var subnormal = x < 2.2250738585072014e-308;
        var bits = (long)Interop.FloatAsInt(subnormal ? x * 4503599627370496d : x);
        var exponent = LogExponent(bits);
        var f = Interop.IntAsFloat((ulong)(bits - exponent)) - 1d;
        return LogOrLimit(x, LogReduced(f, subnormal ? exponent - (52L << 52) : exponent));
    }

    /// <summary>ln(1 + x), to full relative accuracy near 0; -infinity at -1, NaN below.</summary>
    public static float Log1p(float x)
    {
        // 1 + x only picks k; f = x / 2^k + (1 / 2^k - 1) is rounded once, for both terms are exact. Four times as much, so
        // that the power of two is a normal number for the largest x.
        var sum = 1f + x;
        var exponent = LogExponent((int)Interop.FloatAsInt(sum));
        var scale = Interop.IntAsFloat((uint)(FloatBitsOfOne + (2 << 23) - exponent));
        var f = MultiplyAdd(x, scale, scale - 4f) * 0.25f;
        return LogOrLimit(sum, LogReduced(f, exponent));
    }

    /// <inheritdoc cref="Log1p(float)"/>
    public static double Log1p(double x)
    {
        var sum = 1d + x;
        var exponent = LogExponent((long)Interop.FloatAsInt(sum));
        var scale = Interop.IntAsFloat((ulong)(DoubleBitsOfOne + (2L << 52) - exponent));
        var f = MultiplyAdd(x, scale, scale - 4d) * 0.25;
        return LogOrLimit(sum, LogReduced(f, exponent));
    }

    /// <summary>ln(1 + x) for x in 0..1.</summary>
    private static float Log1pOfUnit(float x)
    {
        var exponent = LogExponent((int)Interop.FloatAsInt(1f + x));
        var scale = Interop.IntAsFloat((uint)(FloatBitsOfOne - exponent));
        return LogReduced(MultiplyAdd(x, scale, scale - 1f), exponent);
    }

    private static double Log1pOfUnit(double x)
    {
        var exponent = LogExponent((long)Interop.FloatAsInt(1d + x));
        var scale = Interop.IntAsFloat((ulong)(DoubleBitsOfOne - exponent));
        return LogReduced(MultiplyAdd(x, scale, scale - 1d), exponent);
    }

    private const int FloatBitsOfOne = 0x3F800000;
    private const long DoubleBitsOfOne = 0x3FF0000000000000;

    /// <summary>k in the exponent's place: the distance to the least 1 + f (2/3 here), its mantissa cleared.</summary>
    private static int LogExponent(int bits) => (bits - 0x3F2AAAAB) & unchecked((int)0xFF800000);

    /// <summary>k in the exponent's place: the distance to the least 1 + f (√½ here), its mantissa cleared.</summary>
    private static long LogExponent(long bits) => (bits - 0x3FE6A09E667F3BCD) & unchecked((long)0xFFF0000000000000);

    private static float LogReduced(float f, int exponent)
    {
        const float Unit = 1f / (1 << 23);
        var k = (float)exponent;
        var square = f * f;
        var even = MultiplyAdd(square, -0.153956327f, -0.164148047f);
        even = MultiplyAdd(even, square, -0.250078691f);
        even = MultiplyAdd(even, square, -0.499999356f);
        var odd = MultiplyAdd(square, 0.140358799f, 0.139938491f);
        odd = MultiplyAdd(odd, square, 0.200112948f);
        odd = MultiplyAdd(odd, square, 0.333331956f);
        var p = MultiplyAdd(odd, f, even);
        var low = MultiplyAdd(p, square, k * (1.42860682e-6f * Unit));
        return MultiplyAdd(k, 0.693145751953125f * Unit, f + low);
    }

    private static double LogReduced(double f, long exponent)
    {
        var k = (double)(exponent >> 52);
        var s = f / (2d + f);
        var z = s * s;
        var square = z * z;
        var even = MultiplyAdd(square, 0.1479751838620693, 0.18183569785645112);
        even = MultiplyAdd(even, square, 0.2857142874327207);
        even = MultiplyAdd(even, square, 0.6666666666666735);
        var odd = MultiplyAdd(square, 0.15313902129783952, 0.22222198475060173);
        odd = MultiplyAdd(odd, square, 0.3999999999941105);
        var p = MultiplyAdd(odd, z, even);
        var low = MultiplyAdd(k, 1.9082149292705878e-10, s * MultiplyAdd(p, z, -f));
        return MultiplyAdd(k, 0.69314718036912382, f + low);
    }

    /// <summary>The logarithm of x where x is positive and finite, else its limit.</summary>
    private static float LogOrLimit(float x, float value)
    {
        value = x < float.PositiveInfinity ? value : x;
        value = x < 0f ? float.NaN : value;
        return x == 0f ? float.NegativeInfinity : value;
    }

    private static double LogOrLimit(double x, double value)
    {
        value = x < double.PositiveInfinity ? value : x;
        value = x < 0d ? double.NaN : value;
        return x == 0d ? double.NegativeInfinity : value;
    }
}
