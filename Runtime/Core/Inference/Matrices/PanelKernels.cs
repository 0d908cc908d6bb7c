using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MinRnn.Kernels;

namespace MinRnn.Inference.Matrices;

/// <summary>
/// The inner loops of products: a panel of weights by some rows of inputs, whose sums stay in registers. Each is a method of its own that
/// calls no other, for sums that live across a call do not.
/// </summary>
internal static unsafe class PanelKernels<T, TFormat>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TFormat : struct, IWeightFormat<T>
{
    private const MethodImplOptions Kernel = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;

    private static nint ColumnBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => LinearMap<T>.WidePanelRows * TFormat.Bytes;
    }

    /// <summary>A wide panel by six rows, with vectors of 512 bits.</summary>
    [MethodImpl(Kernel)]
    public static void WideBySix(in Panel<T> panel, T* x, T* y)
    {
        nint columns = panel.Columns, stride = panel.InputStride;
        var (w, x3) = ((nint)panel.Weights, (nint)(x + (3 * stride)));
        Vector512<T> a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default;
        Vector512<T> b0 = default, b1 = default, b2 = default, b3 = default, b4 = default, b5 = default;
        for (; columns > 0; columns--, w += ColumnBytes, x++, x3 += sizeof(T))
        {
            TFormat.Load((byte*)w, out Vector512<T> low, out var high);
            var input = Vector512.Create(*x);
            a0 = Arithmetic<T>.MultiplyAdd(low, input, a0);
            b0 = Arithmetic<T>.MultiplyAdd(high, input, b0);
            input = Vector512.Create(x[stride]);
            a1 = Arithmetic<T>.MultiplyAdd(low, input, a1);
            b1 = Arithmetic<T>.MultiplyAdd(high, input, b1);
            input = Vector512.Create(x[2 * stride]);
            a2 = Arithmetic<T>.MultiplyAdd(low, input, a2);
            b2 = Arithmetic<T>.MultiplyAdd(high, input, b2);
            input = Vector512.Create(*(T*)x3);
            a3 = Arithmetic<T>.MultiplyAdd(low, input, a3);
            b3 = Arithmetic<T>.MultiplyAdd(high, input, b3);
            input = Vector512.Create(((T*)x3)[stride]);
            a4 = Arithmetic<T>.MultiplyAdd(low, input, a4);
            b4 = Arithmetic<T>.MultiplyAdd(high, input, b4);
            input = Vector512.Create(((T*)x3)[2 * stride]);
            a5 = Arithmetic<T>.MultiplyAdd(low, input, a5);
            b5 = Arithmetic<T>.MultiplyAdd(high, input, b5);
        }

        Store(panel, y, a0, b0);
        Store(panel, y + panel.OutputStride, a1, b1);
        Store(panel, y + (2 * panel.OutputStride), a2, b2);
        Store(panel, y + (3 * panel.OutputStride), a3, b3);
        Store(panel, y + (4 * panel.OutputStride), a4, b4);
        Store(panel, y + (5 * panel.OutputStride), a5, b5);
    }

    /// <summary>A wide panel by three rows: as many sums as sixteen registers hold.</summary>
    [MethodImpl(Kernel)]
    public static void WideByThree(in Panel<T> panel, T* x, T* y)
    {
        nint columns = panel.Columns, stride = panel.InputStride;
        var w = panel.Weights;
        Vector<T> p0 = default, p1 = default, p2 = default, p3 = default, q0 = default, q1 = default, q2 = default, q3 = default;
        Vector<T> r0 = default, r1 = default, r2 = default, r3 = default;
        for (; columns > 0; columns--, w += ColumnBytes, x++)
        {
            Vector<T> p = Vector.Create(*x), q = Vector.Create(x[stride]), r = Vector.Create(x[2 * stride]);
            var weight = TFormat.Load(w, 0);
            p0 = Arithmetic<T>.MultiplyAdd(weight, p, p0);
            q0 = Arithmetic<T>.MultiplyAdd(weight, q, q0);
            r0 = Arithmetic<T>.MultiplyAdd(weight, r, r0);
            weight = TFormat.Load(w, 1);
            p1 = Arithmetic<T>.MultiplyAdd(weight, p, p1);
            q1 = Arithmetic<T>.MultiplyAdd(weight, q, q1);
            r1 = Arithmetic<T>.MultiplyAdd(weight, r, r1);
            weight = TFormat.Load(w, 2);
            p2 = Arithmetic<T>.MultiplyAdd(weight, p, p2);
            q2 = Arithmetic<T>.MultiplyAdd(weight, q, q2);
            r2 = Arithmetic<T>.MultiplyAdd(weight, r, r2);
            weight = TFormat.Load(w, 3);
            p3 = Arithmetic<T>.MultiplyAdd(weight, p, p3);
            q3 = Arithmetic<T>.MultiplyAdd(weight, q, q3);
            r3 = Arithmetic<T>.MultiplyAdd(weight, r, r3);
        }

        Store(panel, y, p0, p1, p2, p3);
        Store(panel, y + panel.OutputStride, q0, q1, q2, q3);
        Store(panel, y + (2 * panel.OutputStride), r0, r1, r2, r3);
    }

    /// <summary>A wide panel by one row.</summary>
    [MethodImpl(Kernel)]
    public static void WideByOne(in Panel<T> panel, T* x, T* y)
    {
        var columns = panel.Columns;
        var w = panel.Weights;
        Vector<T> s0 = default, s1 = default, s2 = default, s3 = default;
        for (; columns > 0; columns--, w += ColumnBytes, x++)
        {
            var p = Vector.Create(*x);
            s0 = Arithmetic<T>.MultiplyAdd(TFormat.Load(w, 0), p, s0);
            s1 = Arithmetic<T>.MultiplyAdd(TFormat.Load(w, 1), p, s1);
            s2 = Arithmetic<T>.MultiplyAdd(TFormat.Load(w, 2), p, s2);
            s3 = Arithmetic<T>.MultiplyAdd(TFormat.Load(w, 3), p, s3);
        }

        Store(panel, y, s0, s1, s2, s3);
    }

    /// <summary>Two wide panels, one after the other in memory, by one row: four sums alone would wait for each other.</summary>
    [MethodImpl(Kernel)]
    public static void TwoWideByOne(in Panel<T> panel, in Panel<T> next, T* x, T* y)
    {
        var columns = panel.Columns;
        byte* w = panel.Weights, v = next.Weights;
        Vector<T> s0 = default, s1 = default, s2 = default, s3 = default, t0 = default, t1 = default, t2 = default, t3 = default;
        for (; columns > 0; columns--, w += ColumnBytes, v += ColumnBytes, x++)
        {
            var p = Vector.Create(*x);
            s0 = Arithmetic<T>.MultiplyAdd(TFormat.Load(w, 0), p, s0);
            s1 = Arithmetic<T>.MultiplyAdd(TFormat.Load(w, 1), p, s1);
            s2 = Arithmetic<T>.MultiplyAdd(TFormat.Load(w, 2), p, s2);
            s3 = Arithmetic<T>.MultiplyAdd(TFormat.Load(w, 3), p, s3);
            t0 = Arithmetic<T>.MultiplyAdd(TFormat.Load(v, 0), p, t0);
            t1 = Arithmetic<T>.MultiplyAdd(TFormat.Load(v, 1), p, t1);
            t2 = Arithmetic<T>.MultiplyAdd(TFormat.Load(v, 2), p, t2);
            t3 = Arithmetic<T>.MultiplyAdd(TFormat.Load(v, 3), p, t3);
        }

        Store(panel, y, s0, s1, s2, s3);
        Store(next, y + LinearMap<T>.WidePanelRows, t0, t1, t2, t3);
    }

    /// <summary>A narrow panel by one row; of its outputs, so many are wanted.</summary>
    [MethodImpl(Kernel)]
    public static void Narrow(in Panel<T> panel, T* x, T* y, int lanes)
    {
        var columns = panel.Columns;
        var w = panel.Weights;
        var sum = Vector<T>.Zero;
        for (; columns > 0; columns--, w += Vector<T>.Count * TFormat.Bytes, x++)
            sum = Arithmetic<T>.MultiplyAdd(TFormat.Load(w, 0), Vector.Create(*x), sum);
        sum = TFormat.Finish(sum, Vector.Load(panel.Scales), Vector.Load(panel.Bias));
        if (panel.Adds)
            sum += PartialLanes<T>.Load(ref *y, 0, lanes);
        PartialLanes<T>.Store(sum, ref *y, 0, lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(in Panel<T> panel, T* y, Vector512<T> low, Vector512<T> high) =>
        Store(panel, y, low.GetLower().AsVector(), low.GetUpper().AsVector(), high.GetLower().AsVector(), high.GetUpper().AsVector());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(in Panel<T> panel, T* y, Vector<T> s0, Vector<T> s1, Vector<T> s2, Vector<T> s3)
    {
        Store(panel, y, 0, s0);
        Store(panel, y, 1, s1);
        Store(panel, y, 2, s2);
        Store(panel, y, 3, s3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(in Panel<T> panel, T* y, int vector, Vector<T> sum)
    {
        var place = vector * Vector<T>.Count;
        sum = TFormat.Finish(sum, Vector.Load(panel.Scales + place), Vector.Load(panel.Bias + place));
        if (panel.Adds)
            sum += Vector.Load(y + place);
        sum.Store(y + place);
    }
}
