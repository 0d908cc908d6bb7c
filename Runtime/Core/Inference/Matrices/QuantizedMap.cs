using System.Numerics;
using System.Runtime.CompilerServices;
using MinRnn.Kernels;
using MinRnn.Safetensors;

namespace MinRnn.Inference.Matrices;

/// <summary>
/// A linear map with weights of 8 bits, a quarter of the memory: each row of W has a scale, the largest of its absolute values over
/// 127. Inputs and sums are of 32 bits.
/// </summary>
internal sealed unsafe class QuantizedMap : LinearMap<float>
{
    private const float Levels = 127;

    private readonly NativeBuffer<sbyte> weights;
    private readonly NativeBuffer<float> scales;
    private readonly NativeBuffer<float> bias;

    /// <summary>Packs and rounds a matrix [N, K]; the bias [N], or none, stays as it is.</summary>
    public QuantizedMap(StoredParameter weight, StoredParameter? bias)
        : base(weight.Shape[0], weight.Shape[1])
    {
        var padded = FirstRow(Panels);
        weights = new NativeBuffer<sbyte>((long)padded * Columns);
        scales = new NativeBuffer<float>(padded);
        this.bias = new NativeBuffer<float>(padded);
        bias?.Read(0, new Span<float>(this.bias.Start, Rows));
        var row = new float[Columns];
        var (error, total) = (0.0, 0.0);
        for (var panel = 0; panel < Panels; panel++)
        {
            var (first, end) = (FirstRow(panel), FirstRow(panel + 1));
            for (var i = first; i < int.Min(end, Rows); i++)
            {
                weight.Read((long)i * Columns, row.AsSpan());
                var (squares, errors) = Quantize(row, weights.Start + ((long)first * Columns) + (i - first), end - first, out scales.Start[i]);
                (total, error) = (total + squares, error + errors);
            }
        }

        Loss = new QuantizationLoss(weight.Name, total > 0 ? Math.Sqrt(error / total) : 0);
    }

    /// <summary>What rounding did to the matrix.</summary>
    public QuantizationLoss Loss { get; }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Multiply(in Product<float> product, int firstPanel, int endPanel)
    {
        var (panel, wide) = (firstPanel, int.Min(endPanel, WidePanels));
        for (; panel < wide; panel++)
        {
            var row = FirstRow(panel);
            var panelWeights = weights.Start + ((long)row * Columns);
            float* x = product.Input, y = product.Output + row;
            for (var left = product.Count; left > 0;)
            {
                var rows = left >= 2 ? 2 : 1;
                if (rows == 2)
                    WideByTwo(product, panelWeights, row, x, y);
                else
                    WideByOne(product, panelWeights, row, x, y);
                left -= rows;
                x += rows * product.InputStride;
                y += rows * product.OutputStride;
            }
        }

        for (; panel < endPanel; panel++)
        {
            var row = FirstRow(panel);
            var panelWeights = weights.Start + ((long)row * Columns);
            float* x = product.Input, y = product.Output + row;
            for (var i = 0; i < product.Count; i++, x += product.InputStride, y += product.OutputStride)
                Narrow(product, panelWeights, row, x, y);
        }

        GC.KeepAlive(this);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WideByTwo(in Product<float> product, sbyte* w, int row, float* x, float* y)
    {
        Vector<float> p0 = default, p1 = default, p2 = default, p3 = default, q0 = default, q1 = default, q2 = default, q3 = default;
        var x1 = x + product.InputStride;
        nint columns = Columns;
        for (nint k = 0; k < columns; k++, w += Vector<sbyte>.Count)
        {
            Vector<float> p = Vector.Create(x[k]), q = Vector.Create(x1[k]);
            Widen(w, out var w0, out var w1, out var w2, out var w3);
            p0 = Vector.MultiplyAddEstimate(w0, p, p0);
            q0 = Vector.MultiplyAddEstimate(w0, q, q0);
            p1 = Vector.MultiplyAddEstimate(w1, p, p1);
            q1 = Vector.MultiplyAddEstimate(w1, q, q1);
            p2 = Vector.MultiplyAddEstimate(w2, p, p2);
            q2 = Vector.MultiplyAddEstimate(w2, q, q2);
            p3 = Vector.MultiplyAddEstimate(w3, p, p3);
            q3 = Vector.MultiplyAddEstimate(w3, q, q3);
        }

        Store(product.Adds, row, y, p0, p1, p2, p3);
        Store(product.Adds, row, y + product.OutputStride, q0, q1, q2, q3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WideByOne(in Product<float> product, sbyte* w, int row, float* x, float* y)
    {
        Vector<float> s0 = default, s1 = default, s2 = default, s3 = default;
        nint columns = Columns;
        for (nint k = 0; k < columns; k++, w += Vector<sbyte>.Count)
        {
            var p = Vector.Create(x[k]);
            Widen(w, out var w0, out var w1, out var w2, out var w3);
            s0 = Vector.MultiplyAddEstimate(w0, p, s0);
            s1 = Vector.MultiplyAddEstimate(w1, p, s1);
            s2 = Vector.MultiplyAddEstimate(w2, p, s2);
            s3 = Vector.MultiplyAddEstimate(w3, p, s3);
        }

        Store(product.Adds, row, y, s0, s1, s2, s3);
    }

    /// <summary>A narrow panel has as many weights for a column as a vector of sums has lanes: a quarter of a vector of bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Narrow(in Product<float> product, sbyte* w, int row, float* x, float* y)
    {
        Vector<float> sum = default;
        nint columns = Columns;
        for (nint k = 0; k < columns; k++, w += Vector<float>.Count)
        {
            Vector<int> weight = default;
            for (var lane = 0; lane < Vector<int>.Count; lane++)
                weight = weight.WithElement(lane, w[lane]);
            sum = Vector.MultiplyAddEstimate(Vector.ConvertToSingle(weight), Vector.Create(x[k]), sum);
        }

        sum = Scaled(sum, row);
        var lanes = int.Min(Vector<float>.Count, Rows - row);
        if (product.Adds)
            sum += PartialLanes<float>.Load(ref *y, 0, lanes);
        PartialLanes<float>.Store(sum, ref *y, 0, lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Widen(sbyte* w, out Vector<float> w0, out Vector<float> w1, out Vector<float> w2, out Vector<float> w3)
    {
        Vector.Widen(Vector.Load(w), out var low, out var high);
        Vector.Widen(low, out var i0, out var i1);
        Vector.Widen(high, out var i2, out var i3);
        (w0, w1, w2, w3) = (Vector.ConvertToSingle(i0), Vector.ConvertToSingle(i1), Vector.ConvertToSingle(i2), Vector.ConvertToSingle(i3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Store(bool adds, int row, float* y, Vector<float> s0, Vector<float> s1, Vector<float> s2, Vector<float> s3)
    {
        var v = Vector<float>.Count;
        s0 = Scaled(s0, row);
        s1 = Scaled(s1, row + v);
        s2 = Scaled(s2, row + (2 * v));
        s3 = Scaled(s3, row + (3 * v));
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector<float> Scaled(Vector<float> sum, int row) =>
        Vector.MultiplyAddEstimate(sum, Vector.Load(scales.Start + row), Vector.Load(bias.Start + row));

    private static (double Squares, double Errors) Quantize(ReadOnlySpan<float> row, sbyte* target, int stride, out float scale)
    {
        var largest = 0f;
        foreach (var value in row)
            largest = float.Max(largest, float.Abs(value));
        if (!float.IsFinite(largest))
            throw new SafetensorsException("A weight is infinite or NaN, so its row cannot be rounded to 8 bits.");
        scale = largest / Levels;
        var (squares, errors) = (0.0, 0.0);
        for (var k = 0; k < row.Length; k++)
        {
            var level = scale > 0 ? (int)float.Clamp(float.Round(row[k] / scale), -Levels, Levels) : 0;
            target[(nint)k * stride] = (sbyte)level;
            var error = row[k] - ((double)level * scale);
            (squares, errors) = (squares + ((double)row[k] * row[k]), errors + (error * error));
        }

        return (squares, errors);
    }
}
