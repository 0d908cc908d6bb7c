using ILGPU;

namespace MinRnn.Ilgpu;

/// <summary>
/// Elementary functions of one number, by the names that generated kernels call. They compile for CUDA, OpenCL and ILGPU's CPU
/// simulator, need no algorithm library, and are made of arithmetic and, within gates of single precision, the device's power of two: every
/// backend gives the same values to within the rounding of both. Every function hands NaN on.
/// </summary>
public static partial class GpuMath
{
    /// <summary>a·b + c, which the device's compiler may fuse.</summary>
    public static float MultiplyAdd(float a, float b, float c) => (a * b) + c;

    /// <inheritdoc cref="MultiplyAdd(float, float, float)"/>
    public static double MultiplyAdd(double a, double b, double c) => (a * b) + c;

    /// <summary>|x|.</summary>
    public static float Abs(float x) => IntrinsicMath.Abs(x);

    /// <inheritdoc cref="Abs(float)"/>
    public static double Abs(double x) => IntrinsicMath.Abs(x);

    /// <summary>-1, 0 or 1; zeros keep their sign.</summary>
    public static float Sign(float x) => x > 0f ? 1f : x < 0f ? -1f : x;

    /// <inheritdoc cref="Sign(float)"/>
    public static double Sign(double x) => x > 0d ? 1d : x < 0d ? -1d : x;

    // Minima and maxima of devices, and ILGPU's, drop NaN. Here a NaN among the operands is returned, whichever of them is a
    // constant (see Comparison.cs).

    /// <summary>The lesser; NaN when either is.</summary>
    public static float Min(float a, float b) => a > b || float.IsNaN(b) ? b : a;

    /// <inheritdoc cref="Min(float, float)"/>
    public static double Min(double a, double b) => a > b || double.IsNaN(b) ? b : a;

    /// <summary>The greater; NaN when either is.</summary>
    public static float Max(float a, float b) => a < b || float.IsNaN(b) ? b : a;

    /// <inheritdoc cref="Max(float, float)"/>
    public static double Max(double a, double b) => a < b || double.IsNaN(b) ? b : a;

    /// <summary>x within [low, high]; NaN when any of the three is.</summary>
    public static float Clamp(float x, float low, float high) => Min(Max(x, low), high);

    /// <inheritdoc cref="Clamp(float, float, float)"/>
    public static double Clamp(double x, double low, double high) => Min(Max(x, low), high);

    /// <summary>x where positive, else 0.</summary>
    public static float Relu(float x) => x <= 0f ? 0f : x;

    /// <inheritdoc cref="Relu(float)"/>
    public static double Relu(double x) => x <= 0d ? 0d : x;

    /// <summary>√x.</summary>
    public static float Sqrt(float x) => IntrinsicMath.CPUOnly.Sqrt(x);

    /// <inheritdoc cref="Sqrt(float)"/>
    public static double Sqrt(double x) => IntrinsicMath.CPUOnly.Sqrt(x);
}
