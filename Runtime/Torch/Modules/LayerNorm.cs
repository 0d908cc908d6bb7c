using MinRnn.Kernels;
using static TorchSharp.torch;

namespace MinRnn.Torch;

/// <summary>
/// Layer normalisation over the last dimension: <c>(x - mean(x)) / √(var(x) + ε) · weight + bias</c> (arXiv 1607.06450). Parameters:
/// <c>weight</c> [W], <c>bias</c> [W]. It is not public, for TorchSharp has a module of this name.
/// </summary>
/// <param name="width">Features, W.</param>
/// <param name="epsilon">Added to the variance.</param>
/// <param name="dtype">The type of the parameters, which start at one and zero on the CPU; 32-bit when null.</param>
internal sealed class LayerNorm(int width, double epsilon = SequenceDescription.NormEpsilon, ScalarType? dtype = null)
    : RowNorm(nameof(LayerNorm), width, hasBias: true, epsilon, dtype);
