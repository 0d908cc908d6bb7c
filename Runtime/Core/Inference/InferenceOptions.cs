using MinRnn.Safetensors;

namespace MinRnn.Inference;

/// <summary>How weights are loaded.</summary>
public sealed record InferenceOptions
{
    /// <summary>
    /// Where the parameters are found in a file of another program; null for a file of this architecture, whose stored specification is
    /// checked.
    /// </summary>
    public TensorMap? Map { get; init; }

    /// <summary>
    /// Whether matrices are rounded to 8 bits with a scale for each row: a quarter of the memory to read, and a loss of accuracy that
    /// <c>QuantizationLosses</c> reports. Layers of single precision only.
    /// </summary>
    public bool Quantize { get; init; }
}
