using System.Numerics;
using System.Runtime.CompilerServices;

namespace MinRnn.Kernels;

public static partial class VectorMath
{
    /// <summary>σ(x) = 1 / (1 + e^-x), accurate relative to its value at both ends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Sigmoid(Vector<float> x) => SigmoidPair(x).Value;

    /// <inheritdoc cref="Sigmoid(Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> Sigmoid(Vector<double> x) => SigmoidPair(x).Value;

    /// <summary>σ(x) and its complement σ(-x) from one exponential, each accurate relative to its value.</summary>
    /// <remarks>
    /// The larger is 1 less the smaller, rounded once: 1 / (1 + e) drops e², by which a gate that keeps a state for thousands of steps would
    /// be low in every one of them.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector<float> Value, Vector<float> Complement) SigmoidPair(Vector<float> x)
    {
        var exp = ExpOfGate(NegativeAbs(x));
        var smaller = exp / (Vector.Create(1f) + exp);
        var larger = Vector.Create(1f) - smaller;
        var negative = Less(x, Vector<float>.Zero);
        return (Select(negative, smaller, larger), Select(negative, larger, smaller));
    }

    /// <inheritdoc cref="SigmoidPair(Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector<double> Value, Vector<double> Complement) SigmoidPair(Vector<double> x)
    {
        var exp = ExpOfNegative(NegativeAbs(x));
        var smaller = exp / (Vector.Create(1d) + exp);
        var larger = Vector.Create(1d) - smaller;
        var negative = Less(x, Vector<double>.Zero);
        return (Select(negative, smaller, larger), Select(negative, larger, smaller));
    }

    /// <summary>ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Softplus(Vector<float> x) => Relu(x) + Log1pOfUnit(ExpOfGate(NegativeAbs(x)));

    /// <inheritdoc cref="Softplus(Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> Softplus(Vector<double> x) => Relu(x) + Log1pOfUnit(ExpOfNegative(NegativeAbs(x)));

    /// <summary>ln(1 + e^x) and its derivative σ(x) from one exponential.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector<float> Value, Vector<float> Derivative) SoftplusPair(Vector<float> x)
    {
        var exp = ExpOfGate(NegativeAbs(x));
        var larger = Vector.Create(1f) / (Vector.Create(1f) + exp);
        return (Relu(x) + Log1pOfUnit(exp), Select(Less(x, Vector<float>.Zero), exp * larger, larger));
    }

    /// <inheritdoc cref="SoftplusPair(Vector{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector<double> Value, Vector<double> Derivative) SoftplusPair(Vector<double> x)
    {
        var exp = ExpOfNegative(NegativeAbs(x));
        var larger = Vector.Create(1d) / (Vector.Create(1d) + exp);
        return (Relu(x) + Log1pOfUnit(exp), Select(Less(x, Vector<double>.Zero), exp * larger, larger));
    }

    /// <summary>-|x|: the sign set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> NegativeAbs(Vector<float> x) => x | Vector.Create(-0f);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<double> NegativeAbs(Vector<double> x) => x | Vector.Create(-0d);
}
