using MinRnn.Torch;

namespace MinRnn.Samples.SelectiveCopy;

/// <summary>
/// The declared models. Cell and width are constants of a declaration, for the kernels are compiled for them; to offer another
/// pair, declare it here and add it to the list.
/// </summary>
public static class Models
{
    /// <summary>Every model by its cell and width.</summary>
    public static readonly IReadOnlyList<DeclaredModel> All =
    [
        new(nameof(MinGru), 32, layers => new MinGru32(layers: layers)),
        new(nameof(MinGru), 64, layers => new MinGru64(layers: layers)),
        new(nameof(MinGru), 128, layers => new MinGru128(layers: layers)),
        new(nameof(LogMinGru), 32, layers => new LogMinGru32(layers: layers)),
        new(nameof(LogMinGru), 64, layers => new LogMinGru64(layers: layers)),
        new(nameof(LogMinGru), 128, layers => new LogMinGru128(layers: layers)),
        new(nameof(MinLstm), 32, layers => new MinLstm32(layers: layers)),
        new(nameof(MinLstm), 64, layers => new MinLstm64(layers: layers)),
        new(nameof(MinLstm), 128, layers => new MinLstm128(layers: layers)),
        new(nameof(LogMinLstm), 32, layers => new LogMinLstm32(layers: layers)),
        new(nameof(LogMinLstm), 64, layers => new LogMinLstm64(layers: layers)),
        new(nameof(LogMinLstm), 128, layers => new LogMinLstm128(layers: layers)),
    ];
}

/// <summary>A model that an option can name.</summary>
/// <param name="Cell">The name of its cell.</param>
/// <param name="Width">Features between its blocks.</param>
/// <param name="Create">Makes one with so many layers.</param>
public sealed record DeclaredModel(string Cell, int Width, Func<int, SequenceModule> Create);

/// <summary>MinGru layers, width 32.</summary>
[SequenceModel(typeof(MinGru), VocabularySize = SelectiveCopyTask.VocabularySize, Width = 32, Layers = 2, Expansion = 4)]
public partial class MinGru32;

/// <summary>MinGru layers, width 64.</summary>
[SequenceModel(typeof(MinGru), VocabularySize = SelectiveCopyTask.VocabularySize, Width = 64, Layers = 2, Expansion = 4)]
public partial class MinGru64;

/// <summary>MinGru layers, width 128.</summary>
[SequenceModel(typeof(MinGru), VocabularySize = SelectiveCopyTask.VocabularySize, Width = 128, Layers = 2, Expansion = 4)]
public partial class MinGru128;

/// <summary>LogMinGru layers, width 32.</summary>
[SequenceModel(typeof(LogMinGru), VocabularySize = SelectiveCopyTask.VocabularySize, Width = 32, Layers = 2, Expansion = 4)]
public partial class LogMinGru32;

/// <summary>LogMinGru layers, width 64.</summary>
[SequenceModel(typeof(LogMinGru), VocabularySize = SelectiveCopyTask.VocabularySize, Width = 64, Layers = 2, Expansion = 4)]
public partial class LogMinGru64;

/// <summary>LogMinGru layers, width 128.</summary>
[SequenceModel(typeof(LogMinGru), VocabularySize = SelectiveCopyTask.VocabularySize, Width = 128, Layers = 2, Expansion = 4)]
public partial class LogMinGru128;

/// <summary>MinLstm layers, width 32.</summary>
[SequenceModel(typeof(MinLstm), VocabularySize = SelectiveCopyTask.VocabularySize, Width = 32, Layers = 2, Expansion = 4)]
public partial class MinLstm32;

/// <summary>MinLstm layers, width 64.</summary>
[SequenceModel(typeof(MinLstm), VocabularySize = SelectiveCopyTask.VocabularySize, Width = 64, Layers = 2, Expansion = 4)]
public partial class MinLstm64;

/// <summary>MinLstm layers, width 128.</summary>
[SequenceModel(typeof(MinLstm), VocabularySize = SelectiveCopyTask.VocabularySize, Width = 128, Layers = 2, Expansion = 4)]
public partial class MinLstm128;

/// <summary>LogMinLstm layers, width 32.</summary>
[SequenceModel(typeof(LogMinLstm), VocabularySize = SelectiveCopyTask.VocabularySize, Width = 32, Layers = 2, Expansion = 4)]
public partial class LogMinLstm32;

/// <summary>LogMinLstm layers, width 64.</summary>
[SequenceModel(typeof(LogMinLstm), VocabularySize = SelectiveCopyTask.VocabularySize, Width = 64, Layers = 2, Expansion = 4)]
public partial class LogMinLstm64;

/// <summary>LogMinLstm layers, width 128.</summary>
[SequenceModel(typeof(LogMinLstm), VocabularySize = SelectiveCopyTask.VocabularySize, Width = 128, Layers = 2, Expansion = 4)]
public partial class LogMinLstm128;
