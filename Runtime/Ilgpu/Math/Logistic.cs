namespace MinRnn.Ilgpu;

public static partial class GpuMath
{
    /// <summary>σ(x) = 1 / (1 + e^-x), accurate relative to its value at both ends.</summary>
    public static float Sigmoid(float x) => SigmoidPair(x).Value;

    /// <inheritdoc cref="Sigmoid(float)"/>
    public static double Sigmoid(double x) => SigmoidPair(x).Value;

    /// <summary>σ(x) and its complement σ(-x) from one exponential, each accurate relative to its value.</summary>
    /// <remarks>
    /// The larger is 1 less the smaller, rounded once: 1 / (1 + e) drops e², by which a gate that keeps a state for thousands of steps would
    /// be low in every one of them.
    /// </remarks>
    public static (float Value, float Complement) SigmoidPair(float x)
    {
        var exp = ExpOfGate(-Abs(x));
        var reciprocal = 1f / (1f + exp);
        var smaller = exp * reciprocal;
        var larger = MultiplyAdd(-exp, reciprocal, 1f);
        var negative = x < 0f;
        return (negative ? smaller : larger, negative ? larger : smaller);
    }

    /// <inheritdoc cref="SigmoidPair(float)"/>
    public static (double Value, double Complement) SigmoidPair(double x)
    {
        var exp = ExpOfNegative(-Abs(x));
        var reciprocal = 1d / (1d + exp);
        var smaller = exp * reciprocal;
        var larger = MultiplyAdd(-exp, reciprocal, 1d);
        var negative = x < 0d;
        return (negative ? smaller : larger, negative ? larger : smaller);
    }

    /// <summary>ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|).</summary>
    public static float Softplus(float x) => Relu(x) + Log1pOfUnit(ExpOfGate(-Abs(x)));

    /// <inheritdoc cref="Softplus(float)"/>
    public static double Softplus(double x) => Relu(x) + Log1pOfUnit(ExpOfNegative(-Abs(x)));

    /// <summary>ln(1 + e^x) and its derivative σ(x) from one exponential.</summary>
    public static (float Value, float Derivative) SoftplusPair(float x)
    {
        var exp = ExpOfGate(-Abs(x));
        var larger = 1f / (1f + exp);
        return (Relu(x) + Log1pOfUnit(exp), x < 0f ? exp * larger : larger);
    }

    /// <inheritdoc cref="SoftplusPair(float)"/>
    public static (double Value, double Derivative) SoftplusPair(double x)
    {
        var exp = ExpOfNegative(-Abs(x));
        var larger = 1d / (1d + exp);
        return (Relu(x) + Log1pOfUnit(exp), x < 0d ? exp * larger : larger);
    }
}
