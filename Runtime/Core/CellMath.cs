using System.Numerics;
using MinRnn.Kernels;

namespace MinRnn;

/// <summary>
/// The functions that a cell's equations are written in. A cell may be called as the plain method that it is; compiled layers
/// read the same text and emit vector and GPU forms of it. All are stable for extreme arguments and hand NaN on. The
/// derivatives that are named are the ones that compiled layers use.
/// </summary>
public static class CellMath
{
    /// <summary>σ(x) = 1 / (1 + e^-x). Write σ(-x) for 1 - σ(x).</summary>
    public static float Sigmoid(float x) => (float)(1 / (1 + Math.Exp(-(double)x)));

    /// <summary>tanh x.</summary>
    public static float Tanh(float x) => (float)Math.Tanh(x);

    /// <summary>e^x; saturates to 0 and infinity.</summary>
    public static float Exp(float x) => (float)Math.Exp(x);

    /// <summary>e^x - 1, accurate near 0.</summary>
    public static float Expm1(float x) => (float)Expm1((double)x);

    /// <summary>ln x; -infinity at 0, NaN below.</summary>
    public static float Log(float x) => (float)Math.Log(x);

    /// <summary>ln(1 + x), accurate near 0; -infinity at -1, NaN below.</summary>
    public static float Log1p(float x) => (float)Log1p((double)x);

    /// <summary>ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|). Its derivative is σ(x).</summary>
    public static float Softplus(float x) => (float)(Math.Max(x, 0d) + Log1p(Math.Exp(-Math.Abs((double)x))));

    /// <summary>ln σ(x) = -Softplus(-x). Its derivative is σ(-x).</summary>
    public static float LogSigmoid(float x) => -Softplus(-x);

    /// <summary>max(x, 0). Its derivative at 0 is 0.</summary>
    public static float Relu(float x) => MathF.Max(x, 0f);

    /// <summary>x σ(x); NaN at -infinity, as in PyTorch.</summary>
    public static float Silu(float x) => (float)(x / (1 + Math.Exp(-(double)x)));

    /// <summary>x Φ(x), Φ the standard normal distribution: the exact form, not the one with tanh; NaN at -infinity, as in PyTorch.</summary>
    public static float Gelu(float x) => (float)(x * VectorMath.NormalCdf(Vector.Create((double)x))[0]);

    /// <summary>√x; NaN below 0.</summary>
    public static float Sqrt(float x) => MathF.Sqrt(x);

    /// <summary>√x, with the derivative 1 / √max(4x, 1e-6), which is 1 / (2√x) bounded at 1000.</summary>
    public static float SqrtBounded(float x) => MathF.Sqrt(x);

    /// <summary>1 / x.</summary>
    public static float Reciprocal(float x) => 1f / x;

    /// <summary>
    /// x^y, with the limits of <see cref="MathF.Pow"/>: x^0 = 1; NaN for a negative base and a power that is not whole.
    /// </summary>
    public static float Pow(float x, float y) => (float)Math.Pow(x, y);

    /// <summary>sin x.</summary>
    public static float Sin(float x) => (float)Math.Sin(x);

    /// <summary>cos x.</summary>
    public static float Cos(float x) => (float)Math.Cos(x);

    /// <summary>|x|. Its derivative at 0 is 0.</summary>
    public static float Abs(float x) => MathF.Abs(x);

    /// <summary>-1, 0 or 1. Its derivative is 0 everywhere.</summary>
    public static float Sign(float x) => x > 0f ? 1f : x < 0f ? -1f : x;

    /// <summary>The lesser, NaN when either is. At a tie each operand has half the derivative.</summary>
    public static float Min(float x, float y) => MathF.Min(x, y);

    /// <summary>The greater, NaN when either is. At a tie each operand has half the derivative.</summary>
    public static float Max(float x, float y) => MathF.Max(x, y);

    /// <summary>min(max(x, low), high). Its derivative in x is 1 from low to high, both included, and 0 outside.</summary>
    public static float Clamp(float x, float low, float high) => MathF.Min(MathF.Max(x, low), high);

    /// <summary>(1 - amount) from + amount to.</summary>
    public static float Lerp(float from, float to, float amount) => (1f - amount) * from + amount * to;

    /// <summary>
    /// x + 0.5 for x ≥ 0, σ(x) below: positive, continuous and monotone. Its derivative at 0 is 1.
    /// </summary>
    public static float PositiveG(float x) => x >= 0f ? x + 0.5f : Sigmoid(x);

    /// <summary>x, with the derivative 0.</summary>
    public static float StopGradient(float x) => x;

    // Through tanh (x/2), which is accurate near 0, where a difference is not.
    private static double Expm1(double x)
    {
        if (!(Math.Abs(x) < 1))
            return Math.Exp(x) - 1;
        var t = Math.Tanh(x / 2);
        return 2 * t / (1 - t);
    }

    // The rounding of 1 + x cancels in the quotient (Kahan).
    private static double Log1p(double x)
    {
        var sum = 1 + x;
        return sum == 1 || double.IsPositiveInfinity(sum) ? x : Math.Log(sum) * (x / (sum - 1));
    }
}
