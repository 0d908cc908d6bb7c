using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
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
    public static PackedMap<float, Int8Weights> Pack(StoredParameter weight, StoredParameter? bias, out QuantizationLoss loss)
    {
        var map = new PackedMap<float, Int8Weights>(weight.Shape[0], weight.Shape[1], bias);
        var row = new float[map.Columns];
        var (error, total) = (0.0, 0.0);
        for (var panel = 0; panel < map.Panels; panel++)
        {
            var (first, end) = (map.FirstRow(panel), map.FirstRow(panel + 1));
            var start = (sbyte*)map.PanelStart(panel);
            new Span<sbyte>(start, (end - first) * map.Columns).Clear();
            for (var i = first; i < int.Min(end, map.Rows); i++)
            {
                weight.Read((long)i * map.Columns, row.AsSpan());
                var (squares, errors) = Round(weight.Name, row, start + (i - first), end - first, out map.Scales[i]);
                (total, error) = (total + squares, error + errors);
            }
        }

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
            return Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(int*)start).AsSByte()))).AsVector();
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

    private static (double Squares, double Errors) Round(string parameter, ReadOnlySpan<float> row, sbyte* target, int stride, out float scale)
    {
        var largest = 0f;
        foreach (var value in row)
            largest = float.Max(largest, float.Abs(value));
        if (!float.IsFinite(largest))
            throw new SafetensorsException($"A weight of {parameter} is infinite or NaN, so its row cannot be rounded to 8 bits.");
        scale = largest / Levels;
        var inverse = largest > 0 ? Levels / largest : 0;
        var (squares, errors) = (0.0, 0.0);
        for (var k = 0; k < row.Length; k++)
        {
            var level = float.Clamp(float.Round(row[k] * inverse), -Levels, Levels);
            target[(nint)k * stride] = (sbyte)level;
            var error = row[k] - (level * scale);
            (squares, errors) = (squares + (row[k] * row[k]), errors + (error * error));
        }

        return (squares, errors);
    }
}
