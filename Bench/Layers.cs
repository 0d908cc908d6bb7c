namespace MinRnn.Bench;

/// <summary>minGRU, 256 channels.</summary>
[RecurrentLayer(typeof(MinGru), InputSize = 256, HiddenSize = 256)]
public partial class MinGru256;

/// <summary>minGRU, 64 channels.</summary>
[RecurrentLayer(typeof(MinGru), InputSize = 64, HiddenSize = 64)]
public partial class MinGru64;

/// <summary>minGRU, 8 channels.</summary>
[RecurrentLayer(typeof(MinGru), InputSize = 8, HiddenSize = 8)]
public partial class MinGru8;

/// <summary>minGRU with a positive candidate, 256 channels.</summary>
[RecurrentLayer(typeof(LogMinGru), InputSize = 256, HiddenSize = 256)]
public partial class LogMinGru256;

/// <summary>minGRU with a positive candidate, 64 channels.</summary>
[RecurrentLayer(typeof(LogMinGru), InputSize = 64, HiddenSize = 64)]
public partial class LogMinGru64;

/// <summary>minLSTM, 256 channels.</summary>
[RecurrentLayer(typeof(MinLstm), InputSize = 256, HiddenSize = 256)]
public partial class MinLstm256;

/// <summary>minLSTM, 64 channels.</summary>
[RecurrentLayer(typeof(MinLstm), InputSize = 64, HiddenSize = 64)]
public partial class MinLstm64;

/// <summary>minLSTM with a positive candidate, 256 channels.</summary>
[RecurrentLayer(typeof(LogMinLstm), InputSize = 256, HiddenSize = 256)]
public partial class LogMinLstm256;

/// <summary>minLSTM with a positive candidate, 64 channels.</summary>
[RecurrentLayer(typeof(LogMinLstm), InputSize = 64, HiddenSize = 64)]
public partial class LogMinLstm64;

/// <summary>The selective state space model, 128 channels.</summary>
[RecurrentLayer(typeof(SelectiveSsm), InputSize = 128, HiddenSize = 128)]
public partial class SelectiveSsm128;

/// <summary>The selective state space model, 8 channels.</summary>
[RecurrentLayer(typeof(SelectiveSsm), InputSize = 8, HiddenSize = 8)]
public partial class SelectiveSsm8;

/// <summary>The selective state space model, 64 channels.</summary>
[RecurrentLayer(typeof(SelectiveSsm), InputSize = 64, HiddenSize = 64)]
public partial class SelectiveSsm64;

/// <summary>A small character model: two blocks with convolution and MLP.</summary>
[SequenceModel(typeof(LogMinGru), VocabularySize = 65, Width = 128, Layers = 2, Expansion = 2, ConvolutionWidth = 4, MlpRatio = 4)]
public partial class SmallModel;

/// <summary>The paper's character model.</summary>
[SequenceModel(typeof(LogMinGru), VocabularySize = 65, Width = 384, Layers = 3, Expansion = 2, ConvolutionWidth = 4, MlpRatio = 4)]
public partial class PaperModel;
