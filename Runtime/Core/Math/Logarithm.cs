using System.Numerics;
using System.Runtime.CompilerServices;

namespace MinRnn.Kernels;

// x = 2^k (1 + f), ln x = k ln 2 + ln(1 + f), with f in ±1/3 (single) or 1 + f in √½..√2 (double). k comes from the bits and
// stays in the exponent's place. ln(1 + f) is f + f² P(f) with a minimax P (Remez, relative error 2.7e-8) in single precision,
// and f - s (f - R) with s = f / (2 + f) in double, where R is a minimax polynomial in s² for 2 (atanh s - s) / s (error
// 1.3e-18 relative to the logarithm).
public static partial class VectorMath
{
    /// <summary>ln x; -infinity at 0, NaN below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Log(Vector<float> x)
    {
        var subnormal = Less(x, Vector.Create(1.17549435e-38f));
        var bits = Select(subnormal, x * Vector.Create(8388608f), x).As<float, int>();
        var exponent = LogExponent(bits);
        var f = (bits - exponent).As<int, float>() - Vector.Create(1f);
        exponent -= (subnormal & Vector.Create(23 << 23).As<int, float>()).As<float, int>();
        return LogOrLimit(x, LogReduced(f, exponent));
    }

    /// <inheritdoc cref="Log(Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> Log(Vector<double> x)
    {
        var subnormal = Less(x, Vector.Create(2.2250738585072014e-308));
        var bits = Select(subnormal, x * Vector.Create(4503599627370496d), x).As<double, long>();
        var exponent = LogExponent(bits);
        var f = (bits - exponent).As<long, double>() - Vector.Create(1d);
        exponent -= (subnormal & Vector.Create(52L << 52).As<long, double>()).As<double, long>();
        return LogOrLimit(x, LogReduced(f, exponent));
    }

    /// <summary>ln(1 + x), to full relative accuracy near 0; -infinity at -1, NaN below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Log1p(Vector<float> x)
    {
        // 1 + x only picks k; f = x / 2^k + (1 / 2^k - 1) is rounded once, for both terms are exact. Four times as much, so
        // that the power of two is a normal number for the largest x.
        var sum = Vector.Create(1f) + x;
        var exponent = LogExponent(sum.As<float, int>());
        var scale = (Vector.Create(4f).As<float, int>() - exponent).As<int, float>();
        var f = MultiplyAdd(x, scale, scale - Vector.Create(4f)) * Vector.Create(0.25f);
        return LogOrLimit(sum, LogReduced(f, exponent));
    }

    /// <inheritdoc cref="Log1p(Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> Log1p(Vector<double> x)
    {
        var sum = Vector.Create(1d) + x;
        var exponent = LogExponent(sum.As<double, long>());
        var scale = (Vector.Create(4d).As<double, long>() - exponent).As<long, double>();
        var f = MultiplyAdd(x, scale, scale - Vector.Create(4d)) * Vector.Create(0.25);
        return LogOrLimit(sum, LogReduced(f, exponent));
    }

    /// <summary>ln(1 + x) for x in 0..1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Log1pOfUnit(Vector<float> x)
    {
        var exponent = LogExponent((Vector.Create(1f) + x).As<float, int>());
        var scale = (Vector.Create(1f).As<float, int>() - exponent).As<int, float>();
        return LogReduced(MultiplyAdd(x, scale, scale - Vector.Create(1f)), exponent);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<double> Log1pOfUnit(Vector<double> x)
    {
        var exponent = LogExponent((Vector.Create(1d) + x).As<double, long>());
        var scale = (Vector.Create(1d).As<double, long>() - exponent).As<long, double>();
        return LogReduced(MultiplyAdd(x, scale, scale - Vector.Create(1d)), exponent);
    }

    /// <summary>k in the exponent's place: the distance to the least 1 + f (2/3 here), its mantissa cleared.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<int> LogExponent(Vector<int> bits) =>
        (bits - Vector.Create(0x3F2AAAAB)) & Vector.Create(unchecked((int)0xFF800000));

    /// <summary>k in the exponent's place: the distance to the least 1 + f (√½ here), its mantissa cleared.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<long> LogExponent(Vector<long> bits) =>
        (bits - Vector.Create(0x3FE6A09E667F3BCD)) & Vector.Create(unchecked((long)0xFFF0000000000000));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> LogReduced(Vector<float> f, Vector<int> exponent)
    {
        const float Unit = 1f / (1 << 23);
        var k = Vector.ConvertToSingle(exponent);
        var square = f * f;
        var even = MultiplyAdd(square, Vector.Create(-0.153956327f), Vector.Create(-0.164148047f));
        even = MultiplyAdd(even, square, Vector.Create(-0.250078691f));
        even = MultiplyAdd(even, square, Vector.Create(-0.499999356f));
        var odd = MultiplyAdd(square, Vector.Create(0.140358799f), Vector.Create(0.139938491f));
        odd = MultiplyAdd(odd, square, Vector.Create(0.200112948f));
        odd = MultiplyAdd(odd, square, Vector.Create(0.333331956f));
        var p = MultiplyAdd(odd, f, even);
        var low = MultiplyAdd(p, square, k * Vector.Create(1.42860682e-6f * Unit));
        return MultiplyAdd(k, Vector.Create(0.693145751953125f * Unit), f + low);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<double> LogReduced(Vector<double> f, Vector<long> exponent)
    {
        // k + 2048 fills the low bits of 2^52: no 64-bit conversion, which older processors lack.
        var biased = ((exponent + Vector.Create(long.MinValue)) >>> 52) | Vector.Create(4503599627370496d).As<double, long>();
        var k = biased.As<long, double>() - Vector.Create(4503599627370496d + 2048d);
        var s = f / (Vector.Create(2d) + f);
        var z = s * s;
        var square = z * z;
        var even = MultiplyAdd(square, Vector.Create(0.1479751838620693), Vector.Create(0.18183569785645112));
        even = MultiplyAdd(even, square, Vector.Create(0.2857142874327207));
        even = MultiplyAdd(even, square, Vector.Create(0.6666666666666735));
        var odd = MultiplyAdd(square, Vector.Create(0.15313902129783952), Vector.Create(0.22222198475060173));
        odd = MultiplyAdd(odd, square, Vector.Create(0.3999999999941105));
        var p = MultiplyAdd(odd, z, even);
        var low = MultiplyAdd(k, Vector.Create(1.9082149292705878e-10), s * MultiplyAdd(p, z, -f));
        return MultiplyAdd(k, Vector.Create(0.69314718036912382), f + low);
    }

    /// <summary>The logarithm of x where x is positive and finite, else its limit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> LogOrLimit(Vector<float> x, Vector<float> value)
    {
        value = Select(Less(x, Vector.Create(float.PositiveInfinity)), value, x);
        value = Select(Less(x, Vector<float>.Zero), Vector.Create(float.NaN), value);
        return Select(Equal(x, Vector<float>.Zero), Vector.Create(float.NegativeInfinity), value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<double> LogOrLimit(Vector<double> x, Vector<double> value)
    {
        value = Select(Less(x, Vector.Create(double.PositiveInfinity)), value, x);
        value = Select(Less(x, Vector<double>.Zero), Vector.Create(double.NaN), value);
        return Select(Equal(x, Vector<double>.Zero), Vector.Create(double.NegativeInfinity), value);
    }
}
