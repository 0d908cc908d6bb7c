using ILGPU;

namespace MinRnn.Ilgpu;

// Through e^±2|x| - 1, which loses nothing near 0; the sign is put back at the end.
public static partial class GpuMath
{
    private const uint FloatSign = 0x80000000;
    private const ulong DoubleSign = 0x8000000000000000;

    /// <summary>tanh x, accurate relative to its value near 0 too.</summary>
    public static float Tanh(float x)
    {
        // tanh 10 rounds to 1.
        var magnitude = Abs(x);
        var r = Reduce(Min(magnitude + magnitude, 20f), 127f, out var bits);
        var power = Interop.IntAsFloat(bits);
        var expm1 = MultiplyAdd(Expm1Reduced(r), power, power - 1f);
        return WithSign(expm1 / (expm1 + 2f), x);
    }

    /// <inheritdoc cref="Tanh(float)"/>
    public static double Tanh(double x)
    {
        // tanh 20 rounds to 1.
        var magnitude = Abs(x);
        var r = Reduce(Min(magnitude + magnitude, 40d), 1023d, out var bits);
        var power = Interop.IntAsFloat(bits);
        var expm1 = MultiplyAdd(Expm1Reduced(r), power, power - 1d);
        return WithSign(expm1 / (expm1 + 2d), x);
    }

    // Below, exp and expm1 stand for four times e^-2|x| and e^-2|x| - 1: sech² is as large and needs it as a normal number.

    /// <summary>sech² x = 1 - tanh² x, accurate relative to its value however small.</summary>
    public static float SechSquared(float x)
    {
        var r = Reduce(Max(-2f * Abs(x), -89.4f), 129f, out var bits);
        var power = Interop.IntAsFloat(bits);
        var exp = MultiplyAdd(Expm1Reduced(r), power, power);
        var inverse = 1f / MultiplyAdd(exp, 0.25f, 1f);
        return exp * (inverse * inverse);
    }

    /// <inheritdoc cref="SechSquared(float)"/>
    public static double SechSquared(double x)
    {
        var r = Reduce(Max(-2d * Abs(x), -710.4), 1025d, out var bits);
        var power = Interop.IntAsFloat(bits);
        var exp = MultiplyAdd(Expm1Reduced(r), power, power);
        var inverse = 1d / MultiplyAdd(exp, 0.25, 1d);
        return exp * (inverse * inverse);
    }

    /// <summary>tanh x and sech² x from one exponential and one division.</summary>
    public static (float Tanh, float SechSquared) TanhPair(float x)
    {
        var r = Reduce(Max(-2f * Abs(x), -89.4f), 129f, out var bits);
        var power = Interop.IntAsFloat(bits);
        var q = Expm1Reduced(r);
        var expm1 = MultiplyAdd(q, power, power - 4f);
        var inverse = 1f / (expm1 + 8f);
        var exp = MultiplyAdd(q, power, power);
        var scaled = inverse * 4f;
        // Zero minus, not a change of sign: tanh 0 is +0.
        return (WithSign((0f - expm1) * inverse, x), exp * (scaled * scaled));
    }

    /// <inheritdoc cref="TanhPair(float)"/>
    public static (double Tanh, double SechSquared) TanhPair(double x)
    {
        var r = Reduce(Max(-2d * Abs(x), -710.4), 1025d, out var bits);
        var power = Interop.IntAsFloat(bits);
        var q = Expm1Reduced(r);
        var expm1 = MultiplyAdd(q, power, power - 4d);
        var inverse = 1d / (expm1 + 8d);
        var exp = MultiplyAdd(q, power, power);
        var scaled = inverse * 4d;
        return (WithSign((0d - expm1) * inverse, x), exp * (scaled * scaled));
    }

    /// <summary>A magnitude with the sign of another number.</summary>
    private static float WithSign(float magnitude, float sign) =>
        Interop.IntAsFloat((Interop.FloatAsInt(magnitude) & ~FloatSign) | (Interop.FloatAsInt(sign) & FloatSign));

    private static double WithSign(double magnitude, double sign) =>
        Interop.IntAsFloat((Interop.FloatAsInt(magnitude) & ~DoubleSign) | (Interop.FloatAsInt(sign) & DoubleSign));
}
