using MinRnn.Kernels;

namespace MinRnn.Safetensors;

/// <summary>One tensor of a safetensors file, as the header describes it; all sizes are checked against the file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The format's word for its elements: <c>F32</c>, <c>BF16</c>, <c>I64</c> and so on.</param>
/// <param name="Shape">Its sizes; empty for a scalar.</param>
/// <param name="Offset">Bytes of the file before it.</param>
/// <param name="Length">Its bytes.</param>
public sealed record TensorEntry(string Name, string Type, IReadOnlyList<long> Shape, long Offset, long Length)
{
    /// <summary>The elements as a floating-point type; null for all others, which can be listed but not read as numbers.</summary>
    public ElementType? Element => ElementTypes.Find(Type);

    /// <summary>Elements.</summary>
    public long Count { get; } = Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>The shape as text, <c>[256, 64]</c>.</summary>
    internal static string Print(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";
}
