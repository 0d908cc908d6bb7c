using ILGPU;
using ILGPU.Util;
using MinRnn.Ilgpu.Kernels;

namespace MinRnn.Ilgpu;

// What ILGPU 1.5 makes of comparisons with NaN: with a constant on the left it swaps the operands and turns "ordered" into
// "unordered" in PTX, and negating a comparison drops "unordered" in OpenCL. So conditions test for NaN themselves, and the other
// functions of this class keep constants on the right and never negate.
public static partial class GpuMath
{
    /// <summary>a &lt; b; false when either is NaN.</summary>
    public static bool Less(float a, float b) => a < b & AreNumbers(a, b);

    /// <inheritdoc cref="Less(float, float)"/>
    public static bool Less(double a, double b) => a < b & AreNumbers(a, b);

    /// <summary>a ≤ b; false when either is NaN.</summary>
    public static bool LessOrEqual(float a, float b) => a <= b & AreNumbers(a, b);

    /// <inheritdoc cref="LessOrEqual(float, float)"/>
    public static bool LessOrEqual(double a, double b) => a <= b & AreNumbers(a, b);

    /// <summary>a = b; false when either is NaN.</summary>
    public static bool Equal(float a, float b) => a == b;

    /// <inheritdoc cref="Equal(float, float)"/>
    public static bool Equal(double a, double b) => a == b;

    /// <summary>Both.</summary>
    public static bool And(bool a, bool b) => a & b;

    /// <summary>Either.</summary>
    public static bool Or(bool a, bool b) => a | b;

    /// <summary>The opposite.</summary>
    public static bool Not(bool condition) => !condition;

    /// <summary>The first value where the condition holds, the second elsewhere.</summary>
    public static float Select(bool condition, float whenTrue, float otherwise) => condition ? whenTrue : otherwise;

    /// <inheritdoc cref="Select(bool, float, float)"/>
    public static double Select(bool condition, double whenTrue, double otherwise) => condition ? whenTrue : otherwise;

    /// <summary>x where the condition holds, else 0.</summary>
    public static float Where(bool condition, float x) => Utilities.Select(condition, x, 0f);

    /// <inheritdoc cref="Where(bool, float)"/>
    public static double Where(bool condition, double x) => Utilities.Select(condition, x, 0d);

    /// <inheritdoc cref="Where(bool, float)"/>
    public static Quad Where(bool condition, Quad x) =>
        new(Where(condition, x.X), Where(condition, x.Y), Where(condition, x.Z), Where(condition, x.W));

    private static bool AreNumbers(float a, float b) => !(float.IsNaN(a) | float.IsNaN(b));

    private static bool AreNumbers(double a, double b) => !(double.IsNaN(a) | double.IsNaN(b));
}
