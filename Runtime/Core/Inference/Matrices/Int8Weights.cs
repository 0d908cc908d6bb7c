using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using MinRnn.Kernels;
using MinRnn.Safetensors;

namespace MinRnn.Inference.Matrices;

/// <summary>
/// Weights of 8 bits, a quarter of the memory: each row of the matrix has a scale, the largest of its absolute values over 127. Inputs and
/// sums are of 32 bits.
/// </summary>
internal readonly unsafe struct Int8Weights : IWeightFormat<float>
{
    private const float Levels = 127;

    public static int Bytes => sizeof(sbyte);

    /// <summary>Rounds and packs a matrix [N, K]; the bias [N], or none, stays as it is.</summary>
    public static PackedMap<float, Int8Weights> Pack(IParameter weight, IParameter? bias, out QuantizationLoss loss)
    {
        var map = new PackedMap<float, Int8Weights>(weight.Shape[0], weight.Shape[1], bias);
        var buffer = new NativeBuffer<float>(map.Columns);
        var row = new Span<float>(buffer.Start, map.Columns);
        var (error, total) = (0.0, 0.0);
        for (var panel = 0; panel < map.Panels; panel++)
        {
            var (first, end) = (map.FirstRow(panel), map.FirstRow(panel + 1));
            var start = (sbyte*)map.PanelStart(panel);
            new Span<sbyte>(start, (end - first) * map.Columns).Clear();
            for (var i = first; i < int.Min(end, map.Rows); i++)
            {
                weight.Read((long)i * map.Columns, row);
                var (squares, errors) = Round(weight.Name, row, start + (i - first), end - first, out map.Scales[i]);
                (total, error) = (total + squares, error + errors);
            }
        }

        GC.KeepAlive(buffer);
        loss = new QuantizationLoss(weight.Name, total > 0 ? Math.Sqrt(error / total) : 0);
        return map;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Load(byte* weights, int vector)
    {
        var start = (sbyte*)weights + (vector * Vector<float>.Count);
        if (Avx2.IsSupported && Vector<float>.Count == Vector256<float>.Count)
            return Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(start)).AsVector();
        if (Vector<float>.Count == Vector128<float>.Count)
        {
            var four = Vector128.CreateScalarUnsafe(*(int*)start).AsSByte();
            return Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(four))).AsVector();
        }

        Vector<int> wide = default;
        for (var lane = 0; lane < Vector<int>.Count; lane++)
            wide = wide.WithElement(lane, start[lane]);
        return Vector.ConvertToSingle(wide);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* weights, out Vector512<float> w0, out Vector512<float> w1)
    {
        w0 = Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector128.Load((sbyte*)weights)));
        w1 = Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector128.Load((sbyte*)weights + 16)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Finish(Vector<float> sum, Vector<float> scale, Vector<float> bias) => Vector.MultiplyAddEstimate(sum, scale, bias);

    /// <summary>Rounds a row in memory that does not move, whose elements are lost, and writes it into a panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (double Squares, double Errors) Round(string parameter, Span<float> row, sbyte* target, int stride, out float scale)
    {
        var largest = 0f;
        foreach (var value in row)
            largest = float.Max(largest, float.Abs(value));
        if (!float.IsFinite(largest))
            throw new SafetensorsException($"A weight of {parameter} is infinite or NaN, so its row cannot be rounded to 8 bits.");

        // A row whose factor would overflow is next to nothing, and becomes nothing.
        var inverse = largest > 0 && float.IsFinite(Levels / largest) ? Levels / largest : 0;
        scale = inverse > 0 ? largest / Levels : 0;
        Vector<float> squares = default, errors = default;
        for (var start = 0; start < row.Length; start += Vector<float>.Count)
        {
            var lanes = int.Min(Vector<float>.Count, row.Length - start);
            var value = PartialLanes<float>.Load(ref row[start], 0, lanes);
            var level = Vector.Round(value * inverse);
            var error = value - (level * scale);
            (squares, errors) = (squares + (value * value), errors + (error * error));
            PartialLanes<float>.Store(level, ref row[start], 0, lanes);
        }

        for (var k = 0; k < row.Length; k++)
            target[(nint)k * stride] = (sbyte)row[k];
        return (Vector.Sum(squares), Vector.Sum(errors));
    }
}
