using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MinRnn.Safetensors;

namespace MinRnn.Inference.Matrices;

/// <summary>Weights of the arithmetic's own precision.</summary>
internal readonly unsafe struct FullWeights<T> : IWeightFormat<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public static int Bytes => sizeof(T);

    /// <summary>Packs a matrix [N, K] and a bias [N], or none.</summary>
    public static PackedMap<T, FullWeights<T>> Pack(IParameter weight, IParameter? bias)
    {
        var map = new PackedMap<T, FullWeights<T>>(weight.Shape[0], weight.Shape[1], bias);
        var rows = new NativeBuffer<T>((long)LinearMap<T>.WidePanelRows * map.Columns, isZero: false);
        for (var panel = 0; panel < map.Panels; panel++)
        {
            var (first, width) = (map.FirstRow(panel), map.FirstRow(panel + 1) - map.FirstRow(panel));
            var count = int.Min(width, map.Rows - first);
            weight.Read((long)first * map.Columns, new Span<T>(rows.Start, checked(count * map.Columns)));
            new Span<T>(rows.Start + ((nint)count * map.Columns), (width - count) * map.Columns).Clear();
            Transposition.Run(rows.Start, (T*)map.PanelStart(panel), width, map.Columns);
        }

        GC.KeepAlive(rows);
        return map;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Load(byte* weights, int vector) => Vector.Load((T*)weights + (vector * Vector<T>.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* weights, out Vector512<T> w0, out Vector512<T> w1)
    {
        w0 = Vector512.Load((T*)weights);
        w1 = Vector512.Load((T*)weights + Vector512<T>.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Finish(Vector<T> sum, Vector<T> scale, Vector<T> bias) => sum + bias;
}
