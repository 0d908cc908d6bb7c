using System.Numerics;
using System.Runtime.CompilerServices;

namespace MinRnn.Kernels;

// x = n π/2 + r with π/2 in three parts (Cody and Waite) whose products with n are exact for |x| up to 1e4; larger arguments
// leave the vector. sin r and cos r are minimax polynomials (Remez) of r². Double precision is the runtime library's.
public static partial class VectorMath
{
    /// <summary>sin x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Sin(Vector<float> x) =>
        Vector.GreaterThanAny(Vector.Abs(x), Vector.Create(1e4f)) ? SinLarge(x) : SinSmall(x, 0);

    /// <inheritdoc cref="Sin(Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> Sin(Vector<double> x) => Vector.Sin(x);

    /// <summary>cos x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Cos(Vector<float> x) =>
        Vector.GreaterThanAny(Vector.Abs(x), Vector.Create(1e4f)) ? CosLarge(x) : SinSmall(x, 1);

    /// <inheritdoc cref="Cos(Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> Cos(Vector<double> x) => Vector.Cos(x);

    /// <summary>sin(x + quarters π/2).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> SinSmall(Vector<float> x, int quarters)
    {
        var round = Vector.Create(FloatRound);
        var sum = MultiplyAdd(x, Vector.Create(0.636619772f), round);
        var n = sum - round;
        var r = MultiplyAdd(n, Vector.Create(-1.5703125f), x);
        r = MultiplyAdd(n, Vector.Create(-0.0004837512969970703125f), r);
        r = MultiplyAdd(n, Vector.Create(-7.54978995e-8f), r);
        var z = r * r;

        var sin = MultiplyAdd(z, Vector.Create(-0.000195160117f), Vector.Create(0.00833216892f));
        sin = MultiplyAdd(sin, z, Vector.Create(-0.166666548f));
        sin = MultiplyAdd(sin * z, r, r);
        var cos = MultiplyAdd(z, Vector.Create(0.0000244370337f), Vector.Create(-0.00138873556f));
        cos = MultiplyAdd(cos, z, Vector.Create(0.0416666466f));
        cos = MultiplyAdd(cos, z * z, MultiplyAdd(z, Vector.Create(-0.5f), Vector.Create(1f)));

        // Odd quarters take the cosine; the second bit of their count is the sign.
        var count = sum.As<float, int>() + Vector.Create(quarters);
        var odd = Vector.Equals(count & Vector.Create(1), Vector.Create(1)).As<int, float>();
        var sign = ((count & Vector.Create(2)) << 30).As<int, float>();
        return Select(odd, cos, sin) ^ sign;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector<float> SinLarge(Vector<float> x)
    {
        var result = x;
        for (var lane = 0; lane < Vector<float>.Count; lane++)
            result = result.WithElement(lane, (float)Math.Sin(x[lane]));
        return result;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector<float> CosLarge(Vector<float> x)
    {
        var result = x;
        for (var lane = 0; lane < Vector<float>.Count; lane++)
            result = result.WithElement(lane, (float)Math.Cos(x[lane]));
        return result;
    }
}
