using MinRnn.Kernels;
using static TorchSharp.torch;

namespace MinRnn.Torch;

/// <summary>
/// Root-mean-square normalisation over the last dimension: <c>x / √(mean(x²) + ε) · weight</c> (arXiv 1910.07467). Parameter:
/// <c>weight</c> [W].
/// </summary>
/// <param name="width">Features, W.</param>
/// <param name="epsilon">Added to the mean square.</param>
/// <param name="dtype">The type of the weights, which start at one on the CPU; 32-bit when null.</param>
public sealed class RmsNorm(int width, double epsilon = SequenceDescription.NormEpsilon, ScalarType? dtype = null)
    : RowNorm(nameof(RmsNorm), width, hasBias: false, epsilon, dtype);
