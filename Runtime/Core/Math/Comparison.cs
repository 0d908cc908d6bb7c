using System.Numerics;
using System.Runtime.CompilerServices;

namespace MinRnn.Kernels;

/// <summary>
/// Elementary functions of whole vectors, inlined and without branches where a kernel is hot. The vector is
/// <see cref="Vector{T}"/>, so that one body serves every width; masks are vectors of the operands' own type with all bits of a
/// lane set or clear. Every function hands NaN on.
/// </summary>
public static partial class VectorMath
{
    /// <summary>a &lt; b as a mask; false when either is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Less(Vector<float> a, Vector<float> b) => Vector.LessThan(a, b).As<int, float>();

    /// <inheritdoc cref="Less(Vector{float}, Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> Less(Vector<double> a, Vector<double> b) => Vector.LessThan(a, b).As<long, double>();

    /// <summary>a ≤ b as a mask; false when either is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> LessOrEqual(Vector<float> a, Vector<float> b) =>
        Vector.LessThanOrEqual(a, b).As<int, float>();

    /// <inheritdoc cref="LessOrEqual(Vector{float}, Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> LessOrEqual(Vector<double> a, Vector<double> b) =>
        Vector.LessThanOrEqual(a, b).As<long, double>();

    /// <summary>a = b as a mask; false when either is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Equal(Vector<float> a, Vector<float> b) => Vector.Equals(a, b).As<int, float>();

    /// <inheritdoc cref="Equal(Vector{float}, Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> Equal(Vector<double> a, Vector<double> b) => Vector.Equals(a, b).As<long, double>();

    /// <summary>Both masks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> And(Vector<float> a, Vector<float> b) => a & b;

    /// <inheritdoc cref="And(Vector{float}, Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> And(Vector<double> a, Vector<double> b) => a & b;

    /// <summary>Either mask.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Or(Vector<float> a, Vector<float> b) => a | b;

    /// <inheritdoc cref="Or(Vector{float}, Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> Or(Vector<double> a, Vector<double> b) => a | b;

    /// <summary>The mask's opposite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Not(Vector<float> mask) => ~mask;

    /// <inheritdoc cref="Not(Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> Not(Vector<double> mask) => ~mask;

    /// <summary>The first value where the mask is set, the second elsewhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Select(Vector<float> mask, Vector<float> whenSet, Vector<float> otherwise) =>
        Vector.ConditionalSelect(mask, whenSet, otherwise);

    /// <inheritdoc cref="Select(Vector{float}, Vector{float}, Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> Select(Vector<double> mask, Vector<double> whenSet, Vector<double> otherwise) =>
        Vector.ConditionalSelect(mask, whenSet, otherwise);
}
