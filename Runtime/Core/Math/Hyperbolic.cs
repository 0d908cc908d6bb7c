using System.Numerics;
using System.Runtime.CompilerServices;

namespace MinRnn.Kernels;

// Through e^±2|x| - 1, which loses nothing near 0; the sign is put back at the end.
public static partial class VectorMath
{
    /// <summary>tanh x, accurate relative to its value near 0 too.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Tanh(Vector<float> x)
    {
        // tanh 10 rounds to 1.
        var magnitude = Vector.Abs(x);
        var r = Reduce(AtMost(Vector.Create(20f), magnitude + magnitude), 127, out var power);
        var expm1 = MultiplyAdd(Expm1Reduced(r), power, power - Vector.Create(1f));
        return WithSign(expm1 / (expm1 + Vector.Create(2f)), x);
    }

    /// <inheritdoc cref="Tanh(Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> Tanh(Vector<double> x)
    {
        // tanh 20 rounds to 1.
        var magnitude = Vector.Abs(x);
        var r = Reduce(AtMost(Vector.Create(40d), magnitude + magnitude), 1023, out var power);
        var expm1 = MultiplyAdd(Expm1Reduced(r), power, power - Vector.Create(1d));
        return WithSign(expm1 / (expm1 + Vector.Create(2d)), x);
    }

    // Below, exp and expm1 stand for four times e^-2|x| and e^-2|x| - 1: sech² is as large and needs it as a normal number.

    /// <summary>sech² x = 1 - tanh² x, accurate relative to its value however small.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> SechSquared(Vector<float> x)
    {
        var r = Reduce(AtLeast(Vector.Create(-89.4f), Vector.Create(-2f) * Vector.Abs(x)), 129, out var power);
        var exp = MultiplyAdd(Expm1Reduced(r), power, power);
        var inverse = Vector.Create(1f) / MultiplyAdd(exp, Vector.Create(0.25f), Vector.Create(1f));
        return exp * (inverse * inverse);
    }

    /// <inheritdoc cref="SechSquared(Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> SechSquared(Vector<double> x)
    {
        var r = Reduce(AtLeast(Vector.Create(-710.4), Vector.Create(-2d) * Vector.Abs(x)), 1025, out var power);
        var exp = MultiplyAdd(Expm1Reduced(r), power, power);
        var inverse = Vector.Create(1d) / MultiplyAdd(exp, Vector.Create(0.25), Vector.Create(1d));
        return exp * (inverse * inverse);
    }

    /// <summary>tanh x and sech² x from one exponential and one division.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector<float> Tanh, Vector<float> SechSquared) TanhPair(Vector<float> x)
    {
        var r = Reduce(AtLeast(Vector.Create(-89.4f), Vector.Create(-2f) * Vector.Abs(x)), 129, out var power);
        var q = Expm1Reduced(r);
        var expm1 = MultiplyAdd(q, power, power - Vector.Create(4f));
        var inverse = Vector.Create(1f) / (expm1 + Vector.Create(8f));
        var exp = MultiplyAdd(q, power, power);
        var scaled = inverse * Vector.Create(4f);
        // Zero minus, not a change of sign: tanh 0 is +0.
        return (WithSign((Vector<float>.Zero - expm1) * inverse, x), exp * (scaled * scaled));
    }

    /// <inheritdoc cref="TanhPair(Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector<double> Tanh, Vector<double> SechSquared) TanhPair(Vector<double> x)
    {
        var r = Reduce(AtLeast(Vector.Create(-710.4), Vector.Create(-2d) * Vector.Abs(x)), 1025, out var power);
        var q = Expm1Reduced(r);
        var expm1 = MultiplyAdd(q, power, power - Vector.Create(4d));
        var inverse = Vector.Create(1d) / (expm1 + Vector.Create(8d));
        var exp = MultiplyAdd(q, power, power);
        var scaled = inverse * Vector.Create(4d);
        // Zero minus, not a change of sign: tanh 0 is +0.
        return (WithSign((Vector<double>.Zero - expm1) * inverse, x), exp * (scaled * scaled));
    }

    /// <summary>A magnitude (sign bit clear) with the sign of another number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> WithSign(Vector<float> magnitude, Vector<float> sign) =>
        magnitude | (sign & Vector.Create(-0f));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<double> WithSign(Vector<double> magnitude, Vector<double> sign) =>
        magnitude | (sign & Vector.Create(-0d));
}
