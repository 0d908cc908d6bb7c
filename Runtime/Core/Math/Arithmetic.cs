using System.Numerics;
using System.Runtime.CompilerServices;

namespace MinRnn.Kernels;

public static partial class VectorMath
{
    /// <summary>The value in every lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Broadcast(float value) => Vector.Create(value);

    /// <inheritdoc cref="Broadcast(float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> Broadcast(double value) => Vector.Create(value);

    /// <summary>a·b + c, fused where the processor does so at no cost.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> MultiplyAdd(Vector<float> a, Vector<float> b, Vector<float> c) =>
        Vector.MultiplyAddEstimate(a, b, c);

    /// <inheritdoc cref="MultiplyAdd(Vector{float}, Vector{float}, Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> MultiplyAdd(Vector<double> a, Vector<double> b, Vector<double> c) =>
        Vector.MultiplyAddEstimate(a, b, c);

    /// <summary>|x|.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Abs(Vector<float> x) => Vector.Abs(x);

    /// <inheritdoc cref="Abs(Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> Abs(Vector<double> x) => Vector.Abs(x);

    /// <summary>-1, 0 or 1; zeros keep their sign.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Sign(Vector<float> x) =>
        Select(Less(Vector<float>.Zero, x), Vector.Create(1f), Select(Less(x, Vector<float>.Zero), Vector.Create(-1f), x));

    /// <inheritdoc cref="Sign(Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> Sign(Vector<double> x) =>
        Select(Less(Vector<double>.Zero, x), Vector.Create(1d), Select(Less(x, Vector<double>.Zero), Vector.Create(-1d), x));

    /// <summary>The lesser; NaN when either is, and -0 below +0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Min(Vector<float> a, Vector<float> b) => Vector.Min(a, b);

    /// <inheritdoc cref="Min(Vector{float}, Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> Min(Vector<double> a, Vector<double> b) => Vector.Min(a, b);

    /// <summary>The greater; NaN when either is, and +0 above -0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Max(Vector<float> a, Vector<float> b) => Vector.Max(a, b);

    /// <inheritdoc cref="Max(Vector{float}, Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> Max(Vector<double> a, Vector<double> b) => Vector.Max(a, b);

    /// <summary>x within [low, high]; NaN when any of the three is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Clamp(Vector<float> x, Vector<float> low, Vector<float> high) => Min(Max(x, low), high);

    /// <inheritdoc cref="Clamp(Vector{float}, Vector{float}, Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> Clamp(Vector<double> x, Vector<double> low, Vector<double> high) => Min(Max(x, low), high);

    /// <summary>x where positive, else 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Relu(Vector<float> x) => AtLeast(Vector<float>.Zero, x);

    /// <inheritdoc cref="Relu(Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> Relu(Vector<double> x) => AtLeast(Vector<double>.Zero, x);

    /// <summary>√x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Sqrt(Vector<float> x) => Vector.SquareRoot(x);

    /// <inheritdoc cref="Sqrt(Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> Sqrt(Vector<double> x) => Vector.SquareRoot(x);

    // One instruction where the bound is a number. x86 hands on its second operand when either is NaN, so the bound comes
    // first; other processors hand NaN on from either side.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> AtLeast(Vector<float> bound, Vector<float> x) => Vector.MaxNative(bound, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<double> AtLeast(Vector<double> bound, Vector<double> x) => Vector.MaxNative(bound, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> AtMost(Vector<float> bound, Vector<float> x) => Vector.MinNative(bound, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<double> AtMost(Vector<double> bound, Vector<double> x) => Vector.MinNative(bound, x);
}
