namespace MinRnn.Kernels;

/// <summary>What the generator knows of a declared sequence model.</summary>
/// <param name="Name">The class's name.</param>
/// <param name="VocabularySize">Tokens, V; 0 when only the constructor gives it.</param>
/// <param name="Width">Features between blocks, W.</param>
/// <param name="Layers">Blocks, unless the constructor says otherwise.</param>
/// <param name="ConvolutionWidth">Taps of each block's causal depthwise convolution; 0 for none.</param>
/// <param name="MlpRatio">Hidden features of each block's MLP over W; 0 for no MLP.</param>
/// <param name="Dropout">Probability of dropout, unless the constructor says otherwise.</param>
/// <param name="Layer">The recurrent layer of each block: input size W, hidden size W times the expansion, forward.</param>
public sealed record SequenceDescription(
    string Name,
    int VocabularySize,
    int Width,
    int Layers,
    int ConvolutionWidth,
    int MlpRatio,
    double Dropout,
    LayerDescription Layer)
{
    /// <summary>What norms add to the mean square, or to the variance.</summary>
    internal const double NormEpsilon = 1e-6;

    /// <summary>The norm before each recurrent layer, before each MLP and before the head.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is none of the named ones.</exception>
    public Normalization Normalization
    {
        get;
        init => field = Enum.IsDefined(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Normalization), value, $"Wanted {string.Join(", ", Enum.GetNames<Normalization>())}.");
    }
}
