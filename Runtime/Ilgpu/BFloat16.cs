namespace MinRnn.Ilgpu;

/// <summary>
/// A bfloat16 by its bits: the sign, the 8 bits of exponent and the upper 7 bits of mantissa of a <see cref="float"/>. Kernels
/// compute with <see cref="float"/>s and round to the nearest where they store, ties to even.
/// </summary>
/// <param name="Bits">The upper half of the float's bits.</param>
public readonly record struct BFloat16(ushort Bits)
{
    /// <summary>The nearest bfloat16, ties to even; NaN stays NaN.</summary>
    public static explicit operator BFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return new((ushort)(float.IsNaN(value) ? (bits >> 16) | 0x40 : (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16));
    }

    /// <summary>The same number as a float.</summary>
    public static implicit operator float(BFloat16 value) => BitConverter.UInt32BitsToSingle((uint)value.Bits << 16);

    /// <inheritdoc cref="op_Explicit"/>
    public static BFloat16 FromSingle(float value) => (BFloat16)value;

    /// <inheritdoc cref="op_Implicit"/>
    public float ToSingle() => this;
}
