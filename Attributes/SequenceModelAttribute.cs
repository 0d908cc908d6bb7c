using System;

namespace MinRnn;

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

    /// <summary>The floating-point type; single by default.</summary>
    public Precision Precision { get; set; }
}
