using System;

namespace MinRnn;

/// <summary>What a model's blocks do to their features before the recurrent layer and before the MLP, and the model before its head.</summary>
public enum Normalization
{
    /// <summary><c>x / √(mean(x²) + ε) · weight</c> over the features (arXiv 1910.07467).</summary>
    Rms,

    /// <summary><c>(x - mean(x)) / √(var(x) + ε) · weight + bias</c> over the features (arXiv 1607.06450).</summary>
    Layer,

    /// <summary>Nothing: there are no parameters of norms.</summary>
    None,
}

/// <summary>
/// Marks a partial class as a network over token sequences: embedding, <see cref="Layers"/> blocks of a recurrent layer
/// (with optional convolution and MLP), normalisation and head, as in section 4 and appendix C of
/// "Were RNNs All We Needed?" (arXiv 2410.01201).
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class SequenceModelAttribute(Type cell) : Attribute
{
    /// <summary>The cell of every recurrent layer.</summary>
    public Type Cell { get; } = cell;

    /// <summary>Tokens of the vocabulary, V; the constructor may override it.</summary>
    public int VocabularySize { get; set; }

    /// <summary>Features between blocks.</summary>
    public int Width { get; set; }

    /// <summary>Blocks; the constructor may override it.</summary>
    public int Layers { get; set; } = 1;

    /// <summary>Channels of a recurrent layer over <see cref="Width"/>.</summary>
    public int Expansion { get; set; } = 1;

    /// <summary>The norm before each recurrent layer, before each MLP and before the head; root mean square by default.</summary>
    public Normalization Normalization { get; set; }

    /// <summary>Taps of the causal depthwise convolution before each recurrent layer; 0 for none.</summary>
    public int ConvolutionWidth { get; set; }

    /// <summary>Hidden features of each block's MLP over <see cref="Width"/>; 0 for no MLP.</summary>
    public int MlpRatio { get; set; }

    /// <summary>
    /// Probability of dropout after each block's output projection and after its MLP; the constructor may override it.
    /// </summary>
    public double Dropout { get; set; }

    /// <summary>Whether the projections of the recurrent layers have a bias; true by default.</summary>
    public bool Bias { get; set; } = true;

    /// <summary>
    /// Whether <c>skip·x</c> is added to the output: x is the layer's own input channel, so that the sizes of input and recurrence must be equal,
    /// and skip a weight [H] that starts at 1 (D in Mamba, arXiv 2312.00752).
    /// </summary>
    public bool Skip { get; set; }

    /// <summary>
    /// Whether the output, the skip included, is multiplied by <c>silu(outputGate)</c>, one more projection, as in Mamba's block (arXiv
    /// 2312.00752, figure 3); its rows follow those of the cell. It is part of the fused kernels.
    /// </summary>
    public bool Gate { get; set; }

    /// <summary>
    /// Where the bias of the cell's projection <c>forget</c> starts, which speeds minLSTM's training up (the paper's appendix D.4); where the cell says when it is not given. A
    /// positive number lets states live longer at first.
    /// </summary>
    public double ForgetBias { get; set; } = double.NaN;

    /// <summary>The floating-point type; single by default.</summary>
    public Precision Precision { get; set; }
}
