using ILGPU;

namespace MinRnn.Ilgpu;

// x = n π/2 + r with π/2 in three parts (Cody and Waite) whose products with n are exact for |x| up to 1e4 (single) and 1e6
// (double). sin r and cos r are minimax polynomials of r² in single precision, as in MinRnn.Kernels.VectorMath, and Taylor's in
// double, where nine terms reach the last bit. Beyond 1e4 the device's own functions serve single precision; double loses
// digits with the size of the argument.
public static partial class GpuMath
{
    /// <summary>sin x.</summary>
    public static float Sin(float x) => Abs(x) <= 1e4f ? SinOfQuarters(x, 0) : IntrinsicMath.CPUOnly.Sin(x);

    /// <inheritdoc cref="Sin(float)"/>
    public static double Sin(double x) => SinOfQuarters(x, 0);

    /// <summary>cos x.</summary>
    public static float Cos(float x) => Abs(x) <= 1e4f ? SinOfQuarters(x, 1) : IntrinsicMath.CPUOnly.Cos(x);

    /// <inheritdoc cref="Cos(float)"/>
    public static double Cos(double x) => SinOfQuarters(x, 1);

    /// <summary>sin(x + quarters π/2).</summary>
    private static float SinOfQuarters(float x, uint quarters)
    {
        var sum = MultiplyAdd(x, 0.636619772f, FloatRound);
        var n = sum - FloatRound;
        var r = MultiplyAdd(n, -1.5703125f, x);
        r = MultiplyAdd(n, -0.0004837512969970703125f, r);
        r = MultiplyAdd(n, -7.54978995e-8f, r);
        var z = r * r;

        var sin = MultiplyAdd(z, -0.000195160117f, 0.00833216892f);
        sin = MultiplyAdd(sin, z, -0.166666548f);
        sin = MultiplyAdd(sin * z, r, r);
        var cos = MultiplyAdd(z, 0.0000244370337f, -0.00138873556f);
        cos = MultiplyAdd(cos, z, 0.0416666466f);
        cos = MultiplyAdd(cos, z * z, MultiplyAdd(z, -0.5f, 1f));

        // Odd quarters take the cosine; the second bit of their count is the sign.
        var count = Interop.FloatAsInt(sum) + quarters;
        var value = (count & 1) != 0 ? cos : sin;
        return (count & 2) != 0 ? -value : value;
    }

    private static double SinOfQuarters(double x, ulong quarters)
    {
        var sum = MultiplyAdd(x, 0.63661977236758134, DoubleRound);
        var n = sum - DoubleRound;
        var r = MultiplyAdd(n, -1.5707963267341256, x);
        r = MultiplyAdd(n, -6.0771005063039659e-11, r);
        r = MultiplyAdd(n, -2.0222662487959506e-21, r);
        var z = r * r;

        var sin = MultiplyAdd(z, 2.8114572543455206e-15, -7.6471637318198164e-13);
        sin = MultiplyAdd(sin, z, 1.6059043836821613e-10);
        sin = MultiplyAdd(sin, z, -2.5052108385441720e-08);
        sin = MultiplyAdd(sin, z, 2.7557319223985893e-06);
        sin = MultiplyAdd(sin, z, -1.9841269841269841e-04);
        sin = MultiplyAdd(sin, z, 8.3333333333333332e-03);
        sin = MultiplyAdd(sin, z, -1.6666666666666666e-01);
        sin = MultiplyAdd(sin * z, r, r);
        var cos = MultiplyAdd(z, 4.7794773323873853e-14, -1.1470745597729725e-11);
        cos = MultiplyAdd(cos, z, 2.0876756987868099e-09);
        cos = MultiplyAdd(cos, z, -2.7557319223985888e-07);
        cos = MultiplyAdd(cos, z, 2.4801587301587302e-05);
        cos = MultiplyAdd(cos, z, -1.3888888888888889e-03);
        cos = MultiplyAdd(cos, z, 4.1666666666666664e-02);
        cos = MultiplyAdd(cos, z * z, MultiplyAdd(z, -0.5, 1d));

        var count = Interop.FloatAsInt(sum) + quarters;
        var value = (count & 1) != 0 ? cos : sin;
        return (count & 2) != 0 ? -value : value;
    }
}
