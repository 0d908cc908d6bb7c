using System.Numerics;
using System.Runtime.CompilerServices;

namespace MinRnn.Kernels;

public static partial class VectorMath
{
    /// <summary>
    /// x, or 0 where |x| is below 2⁻⁶⁴: a weight so small that what it weighs is lost in rounding. NaN stays.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Fade(Vector<float> x) =>
        Vector.AndNot(x, Vector.LessThan(Vector.Abs(x), Vector.Create(5.421011e-20f)).As<int, float>());

    /// <summary>x, or 0 where |x| is below 2⁻¹²⁸. NaN stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> Fade(Vector<double> x) =>
        Vector.AndNot(x, Vector.LessThan(Vector.Abs(x), Vector.Create(2.938735877055719e-39)).As<long, double>());
}
