using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MinRnn.Kernels;

/// <summary>
/// How a kernel's body reaches memory. One body, instantiated over these, serves whole vectors and the tail of a row.
/// Offsets count elements. The memory must not move during a call: native, pinned or on the stack.
/// </summary>
/// <typeparam name="T">The element, <see cref="float"/> or <see cref="double"/>.</typeparam>
public interface ILaneAccess<T>
    where T : unmanaged
{
    /// <summary>Reads a vector; lanes outside the row are 0.</summary>
    static abstract Vector<T> Load(ref T source, nint offset, int lanes);

    /// <summary>Writes a vector that is read again soon.</summary>
    static abstract void Store(Vector<T> value, ref T destination, nint offset, int lanes);

    /// <summary>Writes a result.</summary>
    static abstract void Write(Vector<T> value, ref T destination, nint offset, int lanes);

    /// <summary>Asks for memory that will be read soon. Any offset is allowed: nothing is read here.</summary>
    static abstract void Prefetch(ref T source, nint offset);
}

/// <summary>Whole vectors, at any alignment.</summary>
/// <inheritdoc cref="ILaneAccess{T}"/>
public readonly struct FullLanes<T> : ILaneAccess<T>
    where T : unmanaged
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Load(ref T source, nint offset, int lanes) => Vector.LoadUnsafe(ref Unsafe.Add(ref source, offset));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector<T> value, ref T destination, nint offset, int lanes) =>
        value.StoreUnsafe(ref Unsafe.Add(ref destination, offset));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(Vector<T> value, ref T destination, nint offset, int lanes) =>
        value.StoreUnsafe(ref Unsafe.Add(ref destination, offset));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Prefetch(ref T source, nint offset)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref source, offset)));
    }
}

/// <summary>
/// Whole vectors, with results written past the caches. The caller sees to it that results lie at multiples of the vector's
/// size.
/// </summary>
/// <inheritdoc cref="ILaneAccess{T}"/>
public readonly struct StreamingLanes<T> : ILaneAccess<T>
    where T : unmanaged
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Load(ref T source, nint offset, int lanes) => Vector.LoadUnsafe(ref Unsafe.Add(ref source, offset));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector<T> value, ref T destination, nint offset, int lanes) =>
        value.StoreUnsafe(ref Unsafe.Add(ref destination, offset));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Write(Vector<T> value, ref T destination, nint offset, int lanes) =>
        value.StoreAlignedNonTemporal((T*)Unsafe.AsPointer(ref Unsafe.Add(ref destination, offset)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Prefetch(ref T source, nint offset)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref source, offset)));
    }
}

/// <summary>The tail of a row: the first <c>lanes</c> elements and no memory beyond them.</summary>
/// <inheritdoc cref="ILaneAccess{T}"/>
public readonly struct PartialLanes<T> : ILaneAccess<T>
    where T : unmanaged
{
    private static bool HasFloatMask
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Avx2.IsSupported && Vector<byte>.Count == Vector256<byte>.Count && typeof(T) == typeof(float);
    }

    private static bool HasDoubleMask
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Avx2.IsSupported && Vector<byte>.Count == Vector256<byte>.Count && typeof(T) == typeof(double);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector<T> Load(ref T source, nint offset, int lanes)
    {
        ref var start = ref Unsafe.Add(ref source, offset);
        if (HasFloatMask)
            return Avx.MaskLoad((float*)Unsafe.AsPointer(ref start), FloatMask(lanes)).AsVector().As<float, T>();
        if (HasDoubleMask)
            return Avx.MaskLoad((double*)Unsafe.AsPointer(ref start), DoubleMask(lanes)).AsVector().As<double, T>();
        return LoadEach(ref start, lanes);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Store(Vector<T> value, ref T destination, nint offset, int lanes)
    {
        ref var start = ref Unsafe.Add(ref destination, offset);
        if (HasFloatMask)
            Avx.MaskStore((float*)Unsafe.AsPointer(ref start), FloatMask(lanes), value.As<T, float>().AsVector256());
        else if (HasDoubleMask)
            Avx.MaskStore((double*)Unsafe.AsPointer(ref start), DoubleMask(lanes), value.As<T, double>().AsVector256());
        else
            StoreEach(value, ref start, lanes);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(Vector<T> value, ref T destination, nint offset, int lanes) =>
        Store(value, ref destination, offset, lanes);

    /// <summary>Does nothing: a tail lies beside whole vectors that ask for it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(ref T source, nint offset)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> FloatMask(int lanes) =>
        Vector256.LessThan(Vector256.Create(0, 1, 2, 3, 4, 5, 6, 7), Vector256.Create(lanes)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> DoubleMask(int lanes) =>
        Vector256.LessThan(Vector256.Create(0L, 1, 2, 3), Vector256.Create((long)lanes)).AsDouble();

    // For the widths without masked instructions; out of line, for a loop of a few elements gains nothing from inlining.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector<T> LoadEach(ref T start, int lanes)
    {
        var value = default(Vector<T>);
        var count = System.Math.Min(lanes, Vector<T>.Count);
        ref var target = ref Unsafe.As<Vector<T>, T>(ref value);
        for (var lane = 0; lane < count; lane++)
            Unsafe.Add(ref target, lane) = Unsafe.Add(ref start, lane);
        return value;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StoreEach(Vector<T> value, ref T start, int lanes)
    {
        var count = System.Math.Min(lanes, Vector<T>.Count);
        ref var origin = ref Unsafe.As<Vector<T>, T>(ref value);
        for (var lane = 0; lane < count; lane++)
            Unsafe.Add(ref start, lane) = Unsafe.Add(ref origin, lane);
    }
}
