namespace MinRnn.Samples.CharacterModel;

/// <summary>
/// The default network: small enough to learn something in two minutes on two cores. The text decides the vocabulary.
/// </summary>
[SequenceModel(typeof(LogMinGru), VocabularySize = 128, Width = 128, Layers = 2,
               Expansion = 2, ConvolutionWidth = 4, MlpRatio = 4)]
public partial class SmallNetwork;

/// <summary>The network of the paper's Shakespeare experiment.</summary>
[SequenceModel(typeof(LogMinGru), VocabularySize = 65, Width = 384, Layers = 3,
               Expansion = 2, ConvolutionWidth = 4, MlpRatio = 4, Dropout = 0.2)]
public partial class PaperNetwork;
