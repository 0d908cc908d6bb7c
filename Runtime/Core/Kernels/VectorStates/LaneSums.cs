using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MinRnn.Kernels;

/// <summary>The sums of vectors' lanes.</summary>
internal static class LaneSums
{
    /// <summary>Sums each of vectors that follow one another: eight at a time where the processor adds neighbours.</summary>
    /// <param name="vectors">The first vector's first lane.</param>
    /// <param name="sums">As many numbers as there are vectors.</param>
    public static void Of<T>(ref T vectors, Span<T> sums)
        where T : unmanaged, INumber<T>
    {
        var i = 0;
        if (typeof(T) == typeof(float) && Vector<float>.Count == 8 && Avx.IsSupported)
        {
            for (; i + 8 <= sums.Length; i += 8)
                OfEight(ref Unsafe.As<T, float>(ref StepRows.LanesOf(ref vectors, i))).StoreUnsafe(ref Unsafe.As<T, float>(ref sums[i]));
        }

        for (; i < sums.Length; i++)
            sums[i] = Vector.Sum(StepRows.Load(ref vectors, i));
    }

    private static Vector256<float> OfEight(ref float vectors)
    {
        var first = Avx.HorizontalAdd(Neighbours(ref vectors, 0), Neighbours(ref vectors, 16));
        var second = Avx.HorizontalAdd(Neighbours(ref vectors, 32), Neighbours(ref vectors, 48));
        return Avx.Permute2x128(first, second, 0x20) + Avx.Permute2x128(first, second, 0x31);
    }

    private static Vector256<float> Neighbours(ref float vectors, nuint offset) =>
        Avx.HorizontalAdd(Vector256.LoadUnsafe(ref vectors, offset), Vector256.LoadUnsafe(ref vectors, offset + 8));
}
