using System.Diagnostics.CodeAnalysis;

namespace MinRnn.Ilgpu.Kernels;

/// <summary>The values of four neighbouring channels, which one access of 16 bytes moves.</summary>
/// <param name="x">The first channel's.</param>
/// <param name="y">The second channel's.</param>
/// <param name="z">The third channel's.</param>
/// <param name="w">The fourth channel's.</param>
[SuppressMessage("Design", "CA1051", Justification = "Kernels read fields.")]
[SuppressMessage("Performance", "CA1815", Justification = "Never compared.")]
[SuppressMessage("Usage", "CA2225", Justification = "Kernels use the operators.")]
public struct Quad(float x, float y, float z, float w)
{
    /// <summary>A channel's value.</summary>
    public float X = x, Y = y, Z = z, W = w;

    /// <summary>One value for every channel.</summary>
    public Quad(float value)
        : this(value, value, value, value)
    {
    }

    /// <summary>The sums, channel by channel.</summary>
    public static Quad operator +(Quad left, Quad right) => new(left.X + right.X, left.Y + right.Y, left.Z + right.Z, left.W + right.W);
}
