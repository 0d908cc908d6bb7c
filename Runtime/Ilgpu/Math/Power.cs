namespace MinRnn.Ilgpu;

public static partial class GpuMath
{
    /// <summary>
    /// x^y with the limits of <see cref="MathF.Pow"/>, as e^(y ln |x|): the relative error is some 1e-7 times the larger of 1
    /// and |y ln x|, for a kernel must run where there is no double precision.
    /// </summary>
    public static float Pow(float x, float y)
    {
        var magnitude = Abs(x);
        if (x == 1f || y == 0f || (magnitude == 1f && Abs(y) == float.PositiveInfinity))
            return 1f;
        var value = Exp(y * Log(magnitude));

        // A negative base, -0 and -infinity too: odd powers are negative, other than whole powers of finite ones NaN.
        var whole = IsWhole(y);
        if (whole && !IsWhole(y * 0.5f))
            return WithSign(value, x);
        return x < 0f && magnitude < float.PositiveInfinity && Abs(y) < float.PositiveInfinity && !whole ? float.NaN : value;
    }

    /// <inheritdoc cref="Pow(float, float)"/>
    public static double Pow(double x, double y)
    {
        var magnitude = Abs(x);
        if (x == 1d || y == 0d || (magnitude == 1d && Abs(y) == double.PositiveInfinity))
            return 1d;
        var value = Exp(y * Log(magnitude));
        var whole = IsWhole(y);
        if (whole && !IsWhole(y * 0.5))
            return WithSign(value, x);
        return x < 0d && magnitude < double.PositiveInfinity && Abs(y) < double.PositiveInfinity && !whole ? double.NaN : value;
    }

    /// <summary>Whether a number has no fraction; numbers beyond the mantissa have none, infinities included.</summary>
    private static bool IsWhole(float x)
    {
        var magnitude = Abs(x);
        return magnitude >= 8388608f || magnitude == (float)(int)magnitude;
    }

    private static bool IsWhole(double x)
    {
        var magnitude = Abs(x);
        return magnitude >= 4503599627370496d || magnitude == (double)(long)magnitude;
    }
}
