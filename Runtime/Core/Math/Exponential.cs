using System.Numerics;
using System.Runtime.CompilerServices;

namespace MinRnn.Kernels;

// e^x = 2^n e^r with n = round(x / ln 2) and r = x - n ln 2 in ±ln2/2. Adding 1.5·2^(mantissa bits) rounds to an integer and
// leaves it in the low bits of the sum; ln 2 is split so that n times its high part is exact with or without a fused product.
// e^r - 1 is a minimax polynomial (Remez): degree 6, relative error 1.4e-8, in single precision; degree 11, 2e-17, in double.
// Here and in the other files, even and odd terms are summed apart: two short chains of dependent operations for one long.
public static partial class VectorMath
{
    private const float FloatRound = 12582912f;
    private const double DoubleRound = 6755399441055744d;

    /// <summary>e^x; 0 and infinity beyond the range, and 0 for results below the least normal number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Exp(Vector<float> x)
    {
        var r = Reduce(x, 0, out var power);
        var value = ((Vector.Create(1f) + Expm1Reduced(r)).As<float, int>() + power.As<float, int>()).As<int, float>();
        value = Select(Less(x, Vector.Create(-87.33654f)), Vector<float>.Zero, value);
        // Too large and NaN alike: the sum hands on either.
        return Select(LessOrEqual(x, Vector.Create(88.72283f)), value, x + Vector.Create(float.PositiveInfinity));
    }

    /// <inheritdoc cref="Exp(Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> Exp(Vector<double> x)
    {
        var r = Reduce(x, 0, out var power);
        var value = ((Vector.Create(1d) + Expm1Reduced(r)).As<double, long>() + power.As<double, long>()).As<long, double>();
        value = Select(Less(x, Vector.Create(-708.3964185322641)), Vector<double>.Zero, value);
        return Select(LessOrEqual(x, Vector.Create(709.782712893384)), value, x + Vector.Create(double.PositiveInfinity));
    }

    /// <summary>e^x - 1, to full relative accuracy near 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Expm1(Vector<float> x)
    {
        // With half the power of two, all of the range has a finite one, and the last sum overflows where it should.
        var r = Reduce(AtMost(Vector.Create(89f), AtLeast(Vector.Create(-30f), x)), 126, out var half);
        var value = MultiplyAdd(Expm1Reduced(r), half, half - Vector.Create(0.5f));
        return value + value;
    }

    /// <inheritdoc cref="Expm1(Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> Expm1(Vector<double> x)
    {
        var r = Reduce(AtMost(Vector.Create(710d), AtLeast(Vector.Create(-60d), x)), 1022, out var half);
        var value = MultiplyAdd(Expm1Reduced(r), half, half - Vector.Create(0.5));
        return value + value;
    }

    /// <summary>e^x for x ≤ 0, without the comparisons of <see cref="Exp(Vector{float})"/>; the clamp lands on the power of two whose bits are 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> ExpOfNegative(Vector<float> x)
    {
        var r = Reduce(AtLeast(Vector.Create(-88f), x), 127, out var power);
        return MultiplyAdd(Expm1Reduced(r), power, power);
    }

    /// <inheritdoc cref="ExpOfNegative(Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> ExpOfNegative(Vector<double> x)
    {
        var r = Reduce(AtLeast(Vector.Create(-709d), x), 1023, out var power);
        return MultiplyAdd(Expm1Reduced(r), power, power);
    }

    /// <summary>e^x for x ≤ 0 within a gate, which half a unit in the last place more does not hurt as it hurts a state that keeps e^x of itself each step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> ExpOfGate(Vector<float> x) =>
        HasLookup ? ExpByTable(AtLeast(Vector.Create(-88f), x)) : ExpOfNegative(x);

    /// <summary>e^x, by eighths of powers of two as in <see cref="Exp2ByTable"/>, for x whose result no clamp has to mend.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> ExpByTable(Vector<float> x)
    {
        var round = Vector.Create(FloatRound / 8);
        var sum = MultiplyAdd(x, Vector.Create(1.44269504f), round);
        var n = sum - round;
        var r = MultiplyAdd(n, Vector.Create(-1.42860682e-6f), MultiplyAdd(n, Vector.Create(-0.693145751953125f), x));
        var p = MultiplyAdd(Vector.Create(0.0416666679f), r, Vector.Create(0.166682303f));
        p = MultiplyAdd(MultiplyAdd(p, r, Vector.Create(0.5f)), r, Vector.Create(1f));
        var power = PowerOfEighths(sum);
        return MultiplyAdd(p * r, power, power);
    }

    /// <summary>The remainder r, and the bits of n + bias in the exponent's place: 2^n for bias 127.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Reduce(Vector<float> x, int bias, out Vector<float> power)
    {
        var round = Vector.Create(FloatRound + bias);
        var sum = MultiplyAdd(x, Vector.Create(1.44269504f), round);
        power = (sum.As<float, int>() << 23).As<int, float>();
        var n = sum - round;
        return MultiplyAdd(n, Vector.Create(-1.42860682e-6f), MultiplyAdd(n, Vector.Create(-0.693145751953125f), x));
    }

    /// <summary>The remainder r, and the bits of n + bias in the exponent's place: 2^n for bias 1023.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<double> Reduce(Vector<double> x, int bias, out Vector<double> power)
    {
        var round = Vector.Create(DoubleRound + bias);
        var sum = MultiplyAdd(x, Vector.Create(1.4426950408889634), round);
        power = (sum.As<double, long>() << 52).As<long, double>();
        var n = sum - round;
        return MultiplyAdd(n, Vector.Create(-1.9082149292705878e-10), MultiplyAdd(n, Vector.Create(-0.69314718036912382), x));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Expm1Reduced(Vector<float> r)
    {
        var square = r * r;
        var even = MultiplyAdd(square, Vector.Create(0.00138824643f), Vector.Create(0.0416672103f));
        even = MultiplyAdd(even, square, Vector.Create(0.499999981f));
        var odd = MultiplyAdd(square, Vector.Create(0.00836684666f), Vector.Create(0.166665412f));
        var p = MultiplyAdd(odd, r, even);
        return MultiplyAdd(p, square, r);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<double> Expm1Reduced(Vector<double> r)
    {
        var square = r * r;
        var even = MultiplyAdd(square, Vector.Create(2.762617106472278e-7), Vector.Create(2.4801504960134537e-5));
        even = MultiplyAdd(even, square, Vector.Create(0.0013888888931801104));
        even = MultiplyAdd(even, square, Vector.Create(0.04166666666657616));
        even = MultiplyAdd(even, square, Vector.Create(0.5000000000000006));
        var odd = MultiplyAdd(square, Vector.Create(2.5052963326231948e-8), Vector.Create(2.7557410636098406e-6));
        odd = MultiplyAdd(odd, square, Vector.Create(0.00019841269714964896));
        odd = MultiplyAdd(odd, square, Vector.Create(0.008333333333391682));
        odd = MultiplyAdd(odd, square, Vector.Create(0.16666666666666585));
        var p = MultiplyAdd(odd, r, even);
        return MultiplyAdd(p, square, r);
    }
}
