using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MinRnn.Kernels;

namespace MinRnn.Inference.Matrices;

/// <summary>Vector operations that the two precisions have under names of their own.</summary>
internal static class Arithmetic<T>
    where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> MultiplyAdd(Vector<T> a, Vector<T> b, Vector<T> c) => typeof(T) == typeof(float)
        ? Vector.MultiplyAddEstimate(a.As<T, float>(), b.As<T, float>(), c.As<T, float>()).As<float, T>()
        : Vector.MultiplyAddEstimate(a.As<T, double>(), b.As<T, double>(), c.As<T, double>()).As<double, T>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> MultiplyAdd(Vector512<T> a, Vector512<T> b, Vector512<T> c) => typeof(T) == typeof(float)
        ? Vector512.MultiplyAddEstimate(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>()
        : Vector512.MultiplyAddEstimate(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>();

    /// <summary>x Φ(x): the exact GELU.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Gelu(Vector<T> x) => typeof(T) == typeof(float)
        ? (x.As<T, float>() * VectorMath.NormalCdf(x.As<T, float>())).As<float, T>()
        : (x.As<T, double>() * VectorMath.NormalCdf(x.As<T, double>())).As<double, T>();
}
