using System.Numerics;
using System.Runtime.CompilerServices;
using MinRnn.Kernels;
using MinRnn.Safetensors;

namespace MinRnn.Inference.Matrices;

/// <summary>A linear map with weights of the arithmetic's own precision.</summary>
/// <inheritdoc cref="LinearMap{T}"/>
internal sealed unsafe class DenseMap<T> : LinearMap<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly NativeBuffer<T> weights;
    private readonly NativeBuffer<T> bias;

    /// <summary>Packs a matrix [N, K] and a bias [N], or none.</summary>
    public DenseMap(StoredParameter weight, StoredParameter? bias)
        : base(weight.Shape[0], weight.Shape[1])
    {
        var padded = FirstRow(Panels);
        weights = new NativeBuffer<T>((long)padded * Columns, isZero: false);
        this.bias = new NativeBuffer<T>(padded);
        bias?.Read(0, new Span<T>(this.bias.Start, Rows));
        var rows = new NativeBuffer<T>((long)WidePanelRows * Columns, isZero: false);
        for (var panel = 0; panel < Panels; panel++)
        {
            var (first, width) = (FirstRow(panel), FirstRow(panel + 1) - FirstRow(panel));
            var count = int.Min(width, Rows - first);
            weight.Read((long)first * Columns, new Span<T>(rows.Start, checked(count * Columns)));
            new Span<T>(rows.Start + ((nint)count * Columns), (width - count) * Columns).Clear();
            Transposition.Run(rows.Start, weights.Start + ((long)first * Columns), width, Columns);
        }

        GC.KeepAlive(rows);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Multiply(in Product<T> product, int firstPanel, int endPanel)
    {
        var (panel, wide) = (firstPanel, int.Min(endPanel, WidePanels));
        for (; panel < wide; panel++)
        {
            var row = FirstRow(panel);
            T* panelWeights = weights.Start + ((long)row * Columns), panelBias = bias.Start + row, x = product.Input, y = product.Output + row;
            var left = product.Count;
            for (; left >= 3; left -= 3, x += 3 * product.InputStride, y += 3 * product.OutputStride)
                WideByThree(product, panelWeights, panelBias, x, y);
            for (; left > 0; left--, x += product.InputStride, y += product.OutputStride)
                WideByOne(product, panelWeights, panelBias, x, y);
        }

        for (; panel < endPanel; panel++)
        {
            var row = FirstRow(panel);
            T* panelWeights = weights.Start + ((long)row * Columns), panelBias = bias.Start + row, x = product.Input, y = product.Output + row;
            for (var i = 0; i < product.Count; i++, x += product.InputStride, y += product.OutputStride)
                Narrow(product, panelWeights, panelBias, x, y, int.Min(Vector<T>.Count, Rows - row));
        }

        GC.KeepAlive(this);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WideByThree(in Product<T> product, T* w, T* b, T* x, T* y)
    {
        var v = Vector<T>.Count;
        Vector<T> b0 = Vector.Load(b), b1 = Vector.Load(b + v), b2 = Vector.Load(b + (2 * v)), b3 = Vector.Load(b + (3 * v));
        Vector<T> p0 = b0, p1 = b1, p2 = b2, p3 = b3, q0 = b0, q1 = b1, q2 = b2, q3 = b3, r0 = b0, r1 = b1, r2 = b2, r3 = b3;
        T* x1 = x + product.InputStride, x2 = x1 + product.InputStride;
        nint columns = Columns;
        for (nint k = 0; k < columns; k++, w += WideVectors * v)
        {
            Vector<T> p = Vector.Create(x[k]), q = Vector.Create(x1[k]), r = Vector.Create(x2[k]);
            var weight = Vector.Load(w);
            p0 = Arithmetic<T>.MultiplyAdd(weight, p, p0);
            q0 = Arithmetic<T>.MultiplyAdd(weight, q, q0);
            r0 = Arithmetic<T>.MultiplyAdd(weight, r, r0);
            weight = Vector.Load(w + v);
            p1 = Arithmetic<T>.MultiplyAdd(weight, p, p1);
            q1 = Arithmetic<T>.MultiplyAdd(weight, q, q1);
            r1 = Arithmetic<T>.MultiplyAdd(weight, r, r1);
            weight = Vector.Load(w + (2 * v));
            p2 = Arithmetic<T>.MultiplyAdd(weight, p, p2);
            q2 = Arithmetic<T>.MultiplyAdd(weight, q, q2);
            r2 = Arithmetic<T>.MultiplyAdd(weight, r, r2);
            weight = Vector.Load(w + (3 * v));
            p3 = Arithmetic<T>.MultiplyAdd(weight, p, p3);
            q3 = Arithmetic<T>.MultiplyAdd(weight, q, q3);
            r3 = Arithmetic<T>.MultiplyAdd(weight, r, r3);
        }

        Store(product.Adds, y, p0, p1, p2, p3);
        Store(product.Adds, y + product.OutputStride, q0, q1, q2, q3);
        Store(product.Adds, y + (2 * product.OutputStride), r0, r1, r2, r3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WideByOne(in Product<T> product, T* w, T* b, T* x, T* y)
    {
        var v = Vector<T>.Count;
        Vector<T> s0 = Vector.Load(b), s1 = Vector.Load(b + v), s2 = Vector.Load(b + (2 * v)), s3 = Vector.Load(b + (3 * v));
        nint columns = Columns;
        for (nint k = 0; k < columns; k++, w += WideVectors * v)
        {
            var p = Vector.Create(x[k]);
            s0 = Arithmetic<T>.MultiplyAdd(Vector.Load(w), p, s0);
            s1 = Arithmetic<T>.MultiplyAdd(Vector.Load(w + v), p, s1);
            s2 = Arithmetic<T>.MultiplyAdd(Vector.Load(w + (2 * v)), p, s2);
            s3 = Arithmetic<T>.MultiplyAdd(Vector.Load(w + (3 * v)), p, s3);
        }

        Store(product.Adds, y, s0, s1, s2, s3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Narrow(in Product<T> product, T* w, T* b, T* x, T* y, int lanes)
    {
        var sum = Vector.Load(b);
        nint columns = Columns;
        for (nint k = 0; k < columns; k++, w += Vector<T>.Count)
            sum = Arithmetic<T>.MultiplyAdd(Vector.Load(w), Vector.Create(x[k]), sum);
        if (product.Adds)
            sum += PartialLanes<T>.Load(ref *y, 0, lanes);
        PartialLanes<T>.Store(sum, ref *y, 0, lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(bool adds, T* y, Vector<T> s0, Vector<T> s1, Vector<T> s2, Vector<T> s3)
    {
        var v = Vector<T>.Count;
        if (adds)
        {
            s0 += Vector.Load(y);
            s1 += Vector.Load(y + v);
            s2 += Vector.Load(y + (2 * v));
            s3 += Vector.Load(y + (3 * v));
        }

        s0.Store(y);
        s1.Store(y + v);
        s2.Store(y + (2 * v));
        s3.Store(y + (3 * v));
    }
}
