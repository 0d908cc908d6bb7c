using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MinRnn.Kernels;

// 2^x where log2 e is a factor of x already: an exponential without the reduction by a split ln 2. Polynomials are minimax (Remez) for
// (2^r - 1) / r.
public static partial class VectorMath
{
    /// <summary>2^x for x ≤ 0; 0 far below, where results are no longer normal numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Exp2OfNegative(Vector<float> x) => HasLookup ? Exp2ByTable(x) : Exp2ByPolynomial(x);

    /// <inheritdoc cref="Exp2OfNegative(Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> Exp2OfNegative(Vector<double> x)
    {
        // As in single precision, of degree 10 with a relative error of 5.4e-17.
        var round = Vector.Create(DoubleRound + 1023);
        var clamped = AtLeast(Vector.Create(-1023d), x);
        var sum = clamped + round;
        var r = clamped - (sum - round);
        var square = r * r;
        var even = MultiplyAdd(square, Vector.Create(4.4455372281544426e-10), Vector.Create(1.0178121299165704e-7));
        even = MultiplyAdd(even, square, Vector.Create(1.5252733701214656e-5));
        even = MultiplyAdd(even, square, Vector.Create(0.0013333558146531633));
        even = MultiplyAdd(even, square, Vector.Create(0.055504108664821236));
        even = MultiplyAdd(even, square, Vector.Create(0.6931471805599453));
        var odd = MultiplyAdd(square, Vector.Create(7.07256170193032e-9), Vector.Create(1.3215442724231127e-6));
        odd = MultiplyAdd(odd, square, Vector.Create(0.0001540353044148068));
        odd = MultiplyAdd(odd, square, Vector.Create(0.009618129107607065));
        odd = MultiplyAdd(odd, square, Vector.Create(0.24022650695910097));
        var power = (sum.As<double, long>() << 52).As<long, double>();
        return MultiplyAdd(MultiplyAdd(odd, r, even), r, Vector.Create(1d)) * power;
    }

    /// <summary>
    /// 2^x = 2^n 2^(k/8) 2^r with r in ±1/16, where four terms do, with a relative error of 4e-9. Eight powers stand in a register; looking
    /// one up is no work for the units that multiply. Adding 1.5·2^20 leaves n and k, an eighth's bits, at the end of the sum.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector<float> Exp2ByTable(Vector<float> x)
    {
        var round = Vector.Create(FloatRound / 8);
        var clamped = AtLeast(Vector.Create(-127f), x);
        var sum = clamped + round;
        var r = clamped - (sum - round);
        var p = MultiplyAdd(Vector.Create(0.0096181286f), r, Vector.Create(0.0555093177f));
        p = MultiplyAdd(MultiplyAdd(p, r, Vector.Create(0.240226507f)), r, Vector.Create(0.693147182f));
        var power = PowerOfEighths(sum);
        return MultiplyAdd(p * r, power, power);
    }

    /// <summary>
    /// 2^x = 2^n 2^r with r in ±1/2, summed in even and odd terms: degree 5, relative error 2.1e-8. The clamp lands on the power of two whose
    /// bits are 0.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector<float> Exp2ByPolynomial(Vector<float> x)
    {
        var round = Vector.Create(FloatRound + 127);
        var clamped = AtLeast(Vector.Create(-127f), x);
        var sum = clamped + round;
        var r = clamped - (sum - round);
        var square = r * r;
        var even = MultiplyAdd(square, Vector.Create(0.0013390735f), Vector.Create(0.055503573f));
        even = MultiplyAdd(even, square, Vector.Create(0.693147182f));
        var odd = MultiplyAdd(square, Vector.Create(0.000154035122f), Vector.Create(0.0096182376f));
        odd = MultiplyAdd(odd, square, Vector.Create(0.240226492f));
        var power = (sum.As<float, int>() << 23).As<int, float>();
        return MultiplyAdd(MultiplyAdd(odd, r, even), r, Vector.Create(1f)) * power;
    }

    /// <summary>Whether a register of eight numbers can be looked up in.</summary>
    private static bool HasLookup
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (Vector<byte>.Count == 32 && Avx2.IsSupported) || (Vector<byte>.Count == 64 && Avx512F.IsSupported);
    }

    /// <summary>2^(n + k/8), of a sum that has n and three bits of k at its end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> PowerOfEighths(Vector<float> sum)
    {
        // k's bits stand where the mantissa begins when n's are in the exponent's place: the table has them taken off.
        var table = Vector256.Create(
            0x3f800000, 0x3f7b95c2, 0x3f7837f0, 0x3f75fed7, 0x3f7504f3, 0x3f75672a, 0x3f7744fd, 0x3f7ac0c7);
        var eighths = sum.As<float, int>();
        var bits = Vector<byte>.Count == 64
            ? Avx512F.PermuteVar16x32(Vector512.Create(table, table), eighths.AsVector512()).AsVector()
            : Avx2.PermuteVar8x32(table, eighths.AsVector256()).AsVector();
        return (bits + (eighths << 20)).As<int, float>();
    }
}
