using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime.Cuda;
using Half = ILGPU.Half;

namespace MinRnn.Ilgpu.Kernels;

/// <summary>Double precision.</summary>
[SuppressMessage("Performance", "CA1815", Justification = "Never compared.")]
public struct DoubleStorage : IStorage<double, double>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Value(double element) => element;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Load(ArrayView<double> view, long index) => view[index];

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(ArrayView<double> view, long index, double value) => view[index] = value;
}

/// <summary>Single precision, quads in one access of 16 bytes.</summary>
[SuppressMessage("Performance", "CA1815", Justification = "Never compared.")]
public struct SingleStorage : IQuadStorage<float>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Value(float element) => element;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(ArrayView<float> view, long index) => view[index];

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(ArrayView<float> view, long index, float value) => view[index] = value;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad LoadQuad(ArrayView<float> view, long index) => view.Cast<Quad>()[index >> 2];

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreQuad(ArrayView<float> view, long index, Quad values) => view.Cast<Quad>()[index >> 2] = values;
}

/// <summary>Half precision, quads in one access of 8 bytes.</summary>
[SuppressMessage("Performance", "CA1815", Justification = "Never compared.")]
public struct HalfStorage : IQuadStorage<Half>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Value(Half element) => element;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(ArrayView<Half> view, long index) => Value(view[index]);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(ArrayView<Half> view, long index, float value) => view[index] = (Half)value;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad LoadQuad(ArrayView<Half> view, long index)
    {
        var four = view.Cast<HalfQuad>()[index >> 2];
        return new Quad(four.X, four.Y, four.Z, four.W);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreQuad(ArrayView<Half> view, long index, Quad values) => view.Cast<HalfQuad>()[index >> 2] = new HalfQuad
    {
        X = (Half)values.X,
        Y = (Half)values.Y,
        Z = (Half)values.Z,
        W = (Half)values.W,
    };

    private struct HalfQuad
    {
        public Half X, Y, Z, W;
    }
}

/// <summary>bfloat16, quads in one access of 8 bytes.</summary>
[SuppressMessage("Performance", "CA1815", Justification = "Never compared.")]
public struct BFloat16Storage : IQuadStorage<BFloat16>
{
    private const uint UpperHalf = 0xFFFF0000;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Value(BFloat16 element) => Interop.IntAsFloat((uint)element.Bits << 16);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(ArrayView<BFloat16> view, long index) => Value(view[index]);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(ArrayView<BFloat16> view, long index, float value) => view[index] = new BFloat16((ushort)Rounded(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad LoadQuad(ArrayView<BFloat16> view, long index)
    {
        var four = view.Cast<Words>()[index >> 2];
        return new Quad(
            Interop.IntAsFloat(four.Low << 16), Interop.IntAsFloat(four.Low & UpperHalf),
            Interop.IntAsFloat(four.High << 16), Interop.IntAsFloat(four.High & UpperHalf));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreQuad(ArrayView<BFloat16> view, long index, Quad values) => view.Cast<Words>()[index >> 2] = new Words
    {
        Low = Rounded(values.X) | (Rounded(values.Y) << 16),
        High = Rounded(values.Z) | (Rounded(values.W) << 16),
    };

    /// <summary>The bits of the nearest bfloat16, ties to even. A NaN keeps a payload: rounding must not carry it into infinity.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Rounded(float value)
    {
        // Every device of CUDA that has bfloat16 at all rounds to it in one instruction.
        if (CudaAsm.IsSupported)
        {
            CudaAsm.Emit("cvt.rn.bf16.f32 %0, %1;", out ushort rounded, value);
            return rounded;
        }

        var bits = Interop.FloatAsInt(value);
        var isNaN = (bits & 0x7FFFFFFF) > 0x7F800000;
        return isNaN ? (bits >> 16) | 0x40 : (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
    }

    private struct Words
    {
        public uint Low, High;
    }
}
