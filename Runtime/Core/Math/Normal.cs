using System.Numerics;
using System.Runtime.CompilerServices;

namespace MinRnn.Kernels;

// The tail of the normal distribution is its density times the Mills ratio, which is smooth: (z + 4) M(z) is a polynomial in
// q = (z - 4) / (z + 4), interpolated at Chebyshev nodes (relative error 1.3e-8 single, 4e-17 double). In e^(-z²/2) the square
// is split, for its rounding error alone would cost the tail half its digits.
public static partial class VectorMath
{
    private const double InverseRootTau = 0.3989422804014327;

    /// <summary>Φ(x), the standard normal distribution, accurate relative to its value in the left tail.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> NormalCdf(Vector<float> x) => NormalPair(x).Cdf;

    /// <inheritdoc cref="NormalCdf(Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> NormalCdf(Vector<double> x) => NormalPair(x).Cdf;

    /// <summary>φ(x) = e^(-x²/2) / √(2π), the standard normal density.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> NormalDensity(Vector<float> x)
    {
        var z = AtMost(Vector.Create(14.5f), Vector.Abs(x));
        var high = z & Vector.Create(unchecked((int)0xFFFFF000)).As<int, float>();
        var half = Vector.Create(-0.5f);
        var r = Reduce(AtLeast(Vector.Create(-88f), half * high * high), 127, out var power);
        r = MultiplyAdd((z - high) * (z + high), half, r);
        return MultiplyAdd(Expm1Reduced(r), power, power) * Vector.Create((float)InverseRootTau);
    }

    /// <inheritdoc cref="NormalDensity(Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> NormalDensity(Vector<double> x)
    {
        var z = AtMost(Vector.Create(39d), Vector.Abs(x));
        var high = z & Vector.Create(unchecked((long)0xFFFFFFFFF8000000)).As<long, double>();
        var half = Vector.Create(-0.5);
        var r = Reduce(AtLeast(Vector.Create(-709d), half * high * high), 1023, out var power);
        r = MultiplyAdd((z - high) * (z + high), half, r);
        return MultiplyAdd(Expm1Reduced(r), power, power) * Vector.Create(InverseRootTau);
    }

    /// <summary>Φ(x) and φ(x) from one exponential.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector<float> Cdf, Vector<float> Density) NormalPair(Vector<float> x)
    {
        var density = NormalDensity(x);
        var inverse = Vector.Create(1f) / (AtMost(Vector.Create(14.5f), Vector.Abs(x)) + Vector.Create(4f));
        var q = MultiplyAdd(inverse, Vector.Create(-8f), Vector.Create(1f));
        var square = q * q;
        var even = MultiplyAdd(square, Vector.Create(0.000488295828f), Vector.Create(-0.00883229036f));
        even = MultiplyAdd(even, square, Vector.Create(0.151416565f));
        even = MultiplyAdd(even, square, Vector.Create(0.970407748f));
        even = MultiplyAdd(even, square, Vector.Create(1.89321908f));
        var odd = MultiplyAdd(square, Vector.Create(-0.000308273059f), Vector.Create(0.00393368595f));
        odd = MultiplyAdd(odd, square, Vector.Create(-0.0188679247f));
        odd = MultiplyAdd(odd, square, Vector.Create(-0.46754384f));
        odd = MultiplyAdd(odd, square, Vector.Create(-1.52377082f));
        var p = MultiplyAdd(odd, q, even);
        var tail = density * (p * inverse);
        return (Select(Less(x, Vector<float>.Zero), tail, Vector.Create(1f) - tail), density);
    }

    /// <inheritdoc cref="NormalPair(Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector<double> Cdf, Vector<double> Density) NormalPair(Vector<double> x)
    {
        var density = NormalDensity(x);
        var inverse = Vector.Create(1d) / (AtMost(Vector.Create(39d), Vector.Abs(x)) + Vector.Create(4d));
        var q = MultiplyAdd(inverse, Vector.Create(-8d), Vector.Create(1d));
        var square = q * q;
        var even = MultiplyAdd(square, Vector.Create(-2.4197549105386418e-9), Vector.Create(3.4902352238751845e-8));
        even = MultiplyAdd(even, square, Vector.Create(-1.9145832439230777e-7));
        even = MultiplyAdd(even, square, Vector.Create(6.609539743412198e-7));
        even = MultiplyAdd(even, square, Vector.Create(-1.5669738073859545e-6));
        even = MultiplyAdd(even, square, Vector.Create(1.7922532432564953e-6));
        even = MultiplyAdd(even, square, Vector.Create(-4.7823121924845395e-6));
        even = MultiplyAdd(even, square, Vector.Create(0.00033424447738372694));
        even = MultiplyAdd(even, square, Vector.Create(-0.0087222952622146718));
        even = MultiplyAdd(even, square, Vector.Create(0.15139176231189601));
        even = MultiplyAdd(even, square, Vector.Create(0.97040955486759832));
        even = MultiplyAdd(even, square, Vector.Create(1.8932190633084853));
        var odd = MultiplyAdd(square, Vector.Create(1.8222048241444261e-10), Vector.Create(3.6543114288028984e-8));
        odd = MultiplyAdd(odd, square, Vector.Create(-3.8668051230991247e-7));
        odd = MultiplyAdd(odd, square, Vector.Create(2.5562716761616399e-6));
        odd = MultiplyAdd(odd, square, Vector.Create(-1.4836463875945651e-5));
        odd = MultiplyAdd(odd, square, Vector.Create(8.8093398178797705e-5));
        odd = MultiplyAdd(odd, square, Vector.Create(-0.00057926880572006252));
        odd = MultiplyAdd(odd, square, Vector.Create(0.0040878556172320486));
        odd = MultiplyAdd(odd, square, Vector.Create(-0.018900450857216238));
        odd = MultiplyAdd(odd, square, Vector.Create(-0.46754096299847673));
        odd = MultiplyAdd(odd, square, Vector.Create(-1.5237709108199821));
        var p = MultiplyAdd(odd, q, even);
        var tail = density * (p * inverse);
        return (Select(Less(x, Vector<double>.Zero), tail, Vector.Create(1d) - tail), density);
    }
}
