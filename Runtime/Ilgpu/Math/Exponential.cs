using ILGPU;

namespace MinRnn.Ilgpu;

// The methods and polynomials of MinRnn.Kernels.VectorMath, for one number at a time: e^x = 2^n e^r with n = round(x / ln 2).
// Adding 1.5·2^(mantissa bits) rounds to an integer and leaves it in the low bits of the sum; ln 2 is split so that n times its
// high part is exact with or without a fused product. The exponentials within gates, and decays that are far from 1, are the
// hardware's, of 2^x: a fraction of the instructions, and an error of the size that rounding x itself makes.
public static partial class GpuMath
{
    private const float FloatRound = 12582912f, Log2E = 1.44269504f;
    private const double DoubleRound = 6755399441055744d;

    /// <summary>e^x; 0 and infinity beyond the range, and 0 for results below the least normal number.</summary>
    public static float Exp(float x)
    {
        var r = Reduce(x, 0f, out var power);
        var value = Interop.IntAsFloat(Interop.FloatAsInt(1f + Expm1Reduced(r)) + power);
        value = x < -87.33654f ? 0f : value;
        // Too large and NaN alike: the sum hands on either.
        return x <= 88.72283f ? value : x + float.PositiveInfinity;
    }

    /// <inheritdoc cref="Exp(float)"/>
    public static double Exp(double x)
    {
        var r = Reduce(x, 0d, out var power);
        var value = Interop.IntAsFloat(Interop.FloatAsInt(1d + Expm1Reduced(r)) + power);
        value = x < -708.3964185322641 ? 0d : value;
        return x <= 709.782712893384 ? value : x + double.PositiveInfinity;
    }

    /// <summary>e^x - 1, to full relative accuracy near 0.</summary>
    public static float Expm1(float x)
    {
        // With half the power of two, all of the range has a finite one, and the last sum overflows where it should.
        var r = Reduce(Min(Max(x, -30f), 89f), 126f, out var power);
        var half = Interop.IntAsFloat(power);
        var value = MultiplyAdd(Expm1Reduced(r), half, half - 0.5f);
        return value + value;
    }

    /// <inheritdoc cref="Expm1(float)"/>
    public static double Expm1(double x)
    {
        var r = Reduce(Min(Max(x, -60d), 710d), 1022d, out var power);
        var half = Interop.IntAsFloat(power);
        var value = MultiplyAdd(Expm1Reduced(r), half, half - 0.5);
        return value + value;
    }

    /// <summary>e^x for x ≤ 0, without the comparisons of <see cref="Exp(float)"/>; the clamp lands on the power of two whose bits are 0.</summary>
    /// <remarks>Not the hardware's power of two: a state that keeps e^x of itself in each step adds up what it is wrong by.</remarks>
    public static float ExpOfNegative(float x)
    {
        var r = Reduce(Max(x, -88f), 127f, out var bits);
        var power = Interop.IntAsFloat(bits);
        return MultiplyAdd(Expm1Reduced(r), power, power);
    }

    /// <inheritdoc cref="ExpOfNegative(float)"/>
    public static double ExpOfNegative(double x)
    {
        var r = Reduce(Max(x, -709d), 1023d, out var bits);
        var power = Interop.IntAsFloat(bits);
        return MultiplyAdd(Expm1Reduced(r), power, power);
    }

    /// <summary>2^x for x ≤ 0; 0 far below, or what is left of precision where the device has numbers that are no longer normal.</summary>
    /// <remarks>
    /// The hardware's, but near 1, where a state that keeps nearly all of itself adds up what the factor is wrong by: there a polynomial
    /// whose error is a fraction of the difference from 1.
    /// </remarks>
    public static float Exp2OfNegative(float x)
    {
        var slope = MultiplyAdd(0.00897716917f, x, 0.0554051846f);
        slope = MultiplyAdd(slope, x, 0.24022159f);
        slope = MultiplyAdd(slope, x, 0.693147123f);
        return Select(x > -0.25f, MultiplyAdd(slope, x, 1f), IntrinsicMath.CPUOnly.Exp2(x));
    }

    /// <inheritdoc cref="Exp2OfNegative(float)"/>
    public static double Exp2OfNegative(double x)
    {
        var clamped = Max(x, -1023d);
        var sum = clamped + (DoubleRound + 1023d);
        return Exp2Reduced(clamped - (sum - (DoubleRound + 1023d))) * Interop.IntAsFloat(Interop.FloatAsInt(sum) << 52);
    }

    /// <summary>e^x for x ≤ 0 within a gate, by the hardware's power of two.</summary>
    private static float ExpOfGate(float x) => IntrinsicMath.CPUOnly.Exp2(x * Log2E);

    /// <summary>The remainder r, and the bits of n + bias in the exponent's place: 2^n for bias 127.</summary>
    private static float Reduce(float x, float bias, out uint power)
    {
        var round = FloatRound + bias;
        var sum = MultiplyAdd(x, Log2E, round);
        power = Interop.FloatAsInt(sum) << 23;
        var n = sum - round;
        return MultiplyAdd(n, -1.42860682e-6f, MultiplyAdd(n, -0.693145751953125f, x));
    }

    /// <summary>The remainder r, and the bits of n + bias in the exponent's place: 2^n for bias 1023.</summary>
    private static double Reduce(double x, double bias, out ulong power)
    {
        var round = DoubleRound + bias;
        var sum = MultiplyAdd(x, 1.4426950408889634, round);
        power = Interop.FloatAsInt(sum) << 52;
        var n = sum - round;
        return MultiplyAdd(n, -1.9082149292705878e-10, MultiplyAdd(n, -0.69314718036912382, x));
    }

    /// <summary>e^r - 1 for r in ±ln2/2.</summary>
    private static float Expm1Reduced(float r)
    {
        var square = r * r;
        var even = MultiplyAdd(square, 0.00138824643f, 0.0416672103f);
        even = MultiplyAdd(even, square, 0.499999981f);
        var odd = MultiplyAdd(square, 0.00836684666f, 0.166665412f);
        var p = MultiplyAdd(odd, r, even);
        return MultiplyAdd(p, square, r);
    }

    private static double Expm1Reduced(double r)
    {
        var square = r * r;
        var even = MultiplyAdd(square, 2.762617106472278e-7, 2.4801504960134537e-5);
        even = MultiplyAdd(even, square, 0.0013888888931801104);
        even = MultiplyAdd(even, square, 0.04166666666657616);
        even = MultiplyAdd(even, square, 0.5000000000000006);
        var odd = MultiplyAdd(square, 2.5052963326231948e-8, 2.7557410636098406e-6);
        odd = MultiplyAdd(odd, square, 0.00019841269714964896);
        odd = MultiplyAdd(odd, square, 0.008333333333391682);
        odd = MultiplyAdd(odd, square, 0.16666666666666585);
        var p = MultiplyAdd(odd, r, even);
        return MultiplyAdd(p, square, r);
    }

    /// <summary>2^r for r in ±1/2. The last sum alone rounds near 1: decays are as exact there as the type can tell.</summary>
    private static double Exp2Reduced(double r)
    {
        var square = r * r;
        var even = MultiplyAdd(square, 4.4455372281544426e-10, 1.0178121299165704e-7);
        even = MultiplyAdd(even, square, 1.5252733701214656e-5);
        even = MultiplyAdd(even, square, 0.0013333558146531633);
        even = MultiplyAdd(even, square, 0.055504108664821236);
        even = MultiplyAdd(even, square, 0.6931471805599453);
        var odd = MultiplyAdd(square, 7.07256170193032e-9, 1.3215442724231127e-6);
        odd = MultiplyAdd(odd, square, 0.0001540353044148068);
        odd = MultiplyAdd(odd, square, 0.009618129107607065);
        odd = MultiplyAdd(odd, square, 0.24022650695910097);
        return MultiplyAdd(MultiplyAdd(odd, r, even), r, 1d);
    }
}
