using System.Numerics;
using System.Runtime.CompilerServices;

namespace MinRnn.Kernels;

public static partial class VectorMath
{
    /// <summary>x^y with the limits of <see cref="MathF.Pow"/>; single precision computes e^(y ln |x|) in double lanes.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Vector<float> Pow(Vector<float> x, Vector<float> y)
    {
        var one = Vector.Create(1f);
        var magnitude = Vector.Abs(x);
        Vector.Widen(magnitude, out var baseLow, out var baseHigh);
        Vector.Widen(y, out var powerLow, out var powerHigh);
        var value = Vector.Narrow(Exp(powerLow * Log(baseLow)), Exp(powerHigh * Log(baseHigh)));

        // 1^y and x^0 are 1 whatever the other, infinity and NaN included; the sign of -1 is put back below.
        var numbers = Equal(x, x) & Equal(y, y);
        value = Select((Equal(magnitude, one) & numbers) | Equal(x, one) | Equal(y, Vector<float>.Zero), one, value);

        // A negative base, -0 and -infinity too: odd powers are negative, other than whole powers of finite ones NaN.
        var half = y * Vector.Create(0.5f);
        var whole = Equal(Vector.Floor(y), y);
        var odd = whole & ~Equal(Vector.Floor(half), half);
        value ^= odd & x & Vector.Create(-0f);
        var finiteNegative = Less(x, Vector<float>.Zero) & Less(magnitude, Vector.Create(float.PositiveInfinity));
        return Select(finiteNegative & ~whole, Vector.Create(float.NaN), value);
    }

    /// <summary>x^y by <see cref="Math.Pow"/>, lane by lane: a vector's logarithm has no digits to spare for it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Vector<double> Pow(Vector<double> x, Vector<double> y)
    {
        var result = x;
        for (var lane = 0; lane < Vector<double>.Count; lane++)
            result = result.WithElement(lane, Math.Pow(x[lane], y[lane]));
        return result;
    }
}
