using MinRnn.Tests.Conformance.Ilgpu;

namespace MinRnn.Tests.Conformance.Inference;

[RecurrentLayer(typeof(MinGru), InputSize = 7, HiddenSize = 13)]
public partial class DeployedMinGru;

[RecurrentLayer(typeof(MinLstm), InputSize = 16, HiddenSize = 8)]
public partial class DeployedMinLstm;

[RecurrentLayer(typeof(LogMinGru), InputSize = 40, HiddenSize = 72, Bias = false)]
public partial class DeployedLogMinGru;

[RecurrentLayer(typeof(LogMinLstm), InputSize = 1, HiddenSize = 1)]
public partial class DeployedLogMinLstm;

[RecurrentLayer(typeof(SignedMinGru), InputSize = 9, HiddenSize = 9)]
public partial class DeployedSignedMinGru;

[RecurrentLayer(typeof(Sru), InputSize = 9, HiddenSize = 9)]
public partial class DeployedSru;

[RecurrentLayer(typeof(QrnnFo), InputSize = 9, HiddenSize = 9)]
public partial class DeployedQrnnFo;

[RecurrentLayer(typeof(Hgrn), InputSize = 9, HiddenSize = 9)]
public partial class DeployedHgrn;

[RecurrentLayer(typeof(RgLru), InputSize = 9, HiddenSize = 9)]
public partial class DeployedRgLru;

[RecurrentLayer(typeof(IndRnn), InputSize = 9, HiddenSize = 9)]
public partial class DeployedIndRnn;

[RecurrentLayer(typeof(Rotation), InputSize = 9, HiddenSize = 9)]
public partial class DeployedRotation;

[RecurrentLayer(typeof(S4D), InputSize = 9, HiddenSize = 9)]
public partial class DeployedS4D;

[RecurrentLayer(typeof(Aaren), InputSize = 9, HiddenSize = 9)]
public partial class DeployedAaren;

/// <summary>Two states, one of which starts elsewhere than at 0, an output of its own, the layer's input, weights.</summary>
[RecurrentLayer(typeof(Oscillator), InputSize = 11, HiddenSize = 11)]
public partial class DeployedOscillator;

/// <summary>A vector for a state, a projection of low rank, and projections that all channels share.</summary>
[RecurrentLayer(typeof(SelectiveSsm), InputSize = 70, HiddenSize = 70)]
public partial class DeployedSelectiveSsm;

/// <summary>What layers add to a cell.</summary>
[RecurrentLayer(typeof(MinLstm), InputSize = 9, HiddenSize = 9, Skip = true, Gate = true, ForgetBias = 1)]
public partial class DeployedGated;

[RecurrentLayer(typeof(MinGru), InputSize = 5, HiddenSize = 9, Direction = Direction.Reverse)]
public partial class DeployedReverse;

[RecurrentLayer(typeof(Oscillator), InputSize = 6, HiddenSize = 6, Direction = Direction.Bidirectional)]
public partial class DeployedBidirectional;

[RecurrentLayer(typeof(Oscillator), InputSize = 10, HiddenSize = 10, Precision = Precision.Double)]
public partial class DeployedDouble;

/// <summary>All that a model can have; sizes that fill no vector.</summary>
[SequenceModel(typeof(LogMinGru), VocabularySize = 11, Width = 12, Layers = 3, Expansion = 2, ConvolutionWidth = 4, MlpRatio = 3, Dropout = 0.2)]
public partial class DeployedModel;

/// <summary>As little as a model can have.</summary>
[SequenceModel(typeof(MinLstm), VocabularySize = 5, Width = 7, Bias = false)]
public partial class DeployedBareModel;

/// <summary>Two states with an initial constant, an input, and a convolution of one tap.</summary>
[SequenceModel(typeof(Oscillator), VocabularySize = 9, Width = 10, Layers = 2, ConvolutionWidth = 1)]
public partial class DeployedOscillatorModel;

/// <summary>A cell that starts at negative infinity.</summary>
[SequenceModel(typeof(Aaren), VocabularySize = 6, Width = 8, ConvolutionWidth = 2)]
public partial class DeployedAarenModel;

/// <summary>Mamba's block: convolution, selective scan, gate.</summary>
[SequenceModel(typeof(SelectiveSsm), VocabularySize = 7, Width = 17, Layers = 2, ConvolutionWidth = 4, Gate = true)]
public partial class DeployedMamba;

/// <summary>Without a convolution, as published models of minGRU-pytorch.</summary>
[SequenceModel(typeof(LogMinGru), VocabularySize = 11, Width = 12, Layers = 2, Expansion = 2, MlpRatio = 4)]
public partial class DeployedPublishedModel;

/// <summary>Layer norm, wherever a norm can be.</summary>
[SequenceModel(typeof(LogMinGru), VocabularySize = 11, Width = 12, Layers = 2, Expansion = 2, ConvolutionWidth = 4, MlpRatio = 3, Normalization = Normalization.Layer)]
public partial class DeployedLayerNormModel;

/// <summary>No norm, behind a convolution.</summary>
[SequenceModel(typeof(LogMinGru), VocabularySize = 11, Width = 12, Layers = 2, Expansion = 2, ConvolutionWidth = 4, MlpRatio = 3, Normalization = Normalization.None)]
public partial class DeployedUnnormalizedModel;

/// <summary>No norm, and nothing else before the layer.</summary>
[SequenceModel(typeof(MinGru), VocabularySize = 7, Width = 9, Normalization = Normalization.None)]
public partial class DeployedPlainModel;

/// <summary>Layer norm in double precision, without a convolution.</summary>
[SequenceModel(typeof(MinGru), VocabularySize = 7, Width = 9, Normalization = Normalization.Layer, Precision = Precision.Double)]
public partial class DeployedDoubleModel;

/// <summary>Wide enough for several threads.</summary>
[SequenceModel(typeof(MinGru), VocabularySize = 31, Width = 256, Layers = 1, MlpRatio = 2)]
public partial class DeployedWideModel;
