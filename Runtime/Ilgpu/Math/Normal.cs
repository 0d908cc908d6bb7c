using ILGPU;

namespace MinRnn.Ilgpu;

// As in MinRnn.Kernels.VectorMath: the tail of the normal distribution is its density times the Mills ratio, a polynomial in
// q = (z - 4) / (z + 4). In e^(-z²/2) the square is split, for its rounding error alone would cost the tail half its digits.
public static partial class GpuMath
{
    private const double InverseRootTau = 0.3989422804014327;

    /// <summary>φ(x) = e^(-x²/2) / √(2π), the standard normal density.</summary>
    public static float NormalDensity(float x)
    {
        var z = Min(Abs(x), 14.5f);
        var high = Interop.IntAsFloat(Interop.FloatAsInt(z) & 0xFFFFF000);
        var r = Reduce(Max(-0.5f * high * high, -88f), 127f, out var bits);
        r = MultiplyAdd((z - high) * (z + high), -0.5f, r);
        var power = Interop.IntAsFloat(bits);
        return MultiplyAdd(Expm1Reduced(r), power, power) * (float)InverseRootTau;
    }

    /// <inheritdoc cref="NormalDensity(float)"/>
    public static double NormalDensity(double x)
    {
        var z = Min(Abs(x), 39d);
        var high = Interop.IntAsFloat(Interop.FloatAsInt(z) & 0xFFFFFFFFF8000000);
        var r = Reduce(Max(-0.5 * high * high, -709d), 1023d, out var bits);
        r = MultiplyAdd((z - high) * (z + high), -0.5, r);
        var power = Interop.IntAsFloat(bits);
        return MultiplyAdd(Expm1Reduced(r), power, power) * InverseRootTau;
    }

    /// <summary>Φ(x), the standard normal distribution, accurate relative to its value in the left tail.</summary>
    public static float NormalCdf(float x)
    {
        var inverse = 1f / (Min(Abs(x), 14.5f) + 4f);
        var q = MultiplyAdd(inverse, -8f, 1f);
        var square = q * q;
        var even = MultiplyAdd(square, 0.000488295828f, -0.00883229036f);
        even = MultiplyAdd(even, square, 0.151416565f);
        even = MultiplyAdd(even, square, 0.970407748f);
        even = MultiplyAdd(even, square, 1.89321908f);
        var odd = MultiplyAdd(square, -0.000308273059f, 0.00393368595f);
        odd = MultiplyAdd(odd, square, -0.0188679247f);
        odd = MultiplyAdd(odd, square, -0.46754384f);
        odd = MultiplyAdd(odd, square, -1.52377082f);
        var tail = NormalDensity(x) * (MultiplyAdd(odd, q, even) * inverse);
        return x < 0f ? tail : 1f - tail;
    }

    /// <inheritdoc cref="NormalCdf(float)"/>
    public static double NormalCdf(double x)
    {
        var inverse = 1d / (Min(Abs(x), 39d) + 4d);
        var q = MultiplyAdd(inverse, -8d, 1d);
        var square = q * q;
        var even = MultiplyAdd(square, -2.4197549105386418e-9, 3.4902352238751845e-8);
        even = MultiplyAdd(even, square, -1.9145832439230777e-7);
        even = MultiplyAdd(even, square, 6.609539743412198e-7);
        even = MultiplyAdd(even, square, -1.5669738073859545e-6);
        even = MultiplyAdd(even, square, 1.7922532432564953e-6);
        even = MultiplyAdd(even, square, -4.7823121924845395e-6);
        even = MultiplyAdd(even, square, 0.00033424447738372694);
        even = MultiplyAdd(even, square, -0.0087222952622146718);
        even = MultiplyAdd(even, square, 0.15139176231189601);
        even = MultiplyAdd(even, square, 0.97040955486759832);
        even = MultiplyAdd(even, square, 1.8932190633084853);
        var odd = MultiplyAdd(square, 1.8222048241444261e-10, 3.6543114288028984e-8);
        odd = MultiplyAdd(odd, square, -3.8668051230991247e-7);
        odd = MultiplyAdd(odd, square, 2.5562716761616399e-6);
        odd = MultiplyAdd(odd, square, -1.4836463875945651e-5);
        odd = MultiplyAdd(odd, square, 8.8093398178797705e-5);
        odd = MultiplyAdd(odd, square, -0.00057926880572006252);
        odd = MultiplyAdd(odd, square, 0.0040878556172320486);
        odd = MultiplyAdd(odd, square, -0.018900450857216238);
        odd = MultiplyAdd(odd, square, -0.46754096299847673);
        odd = MultiplyAdd(odd, square, -1.5237709108199821);
        var tail = NormalDensity(x) * (MultiplyAdd(odd, q, even) * inverse);
        return x < 0d ? tail : 1d - tail;
    }
}
