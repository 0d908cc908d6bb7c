using static MinRnn.CellMath;

namespace MinRnn.Bench.Device;

/// <summary>A damped rotation: two states, an output of its own, the layer's input and a weight.</summary>
[RecurrentCell]
public static partial class Rotation
{
    public static (float, float) Step(
        [State] float real, [State(Initial = 1f)] float imaginary, float angle, float decay, [Input] float x, [Weight(Initial = 0.5f)] float drive)
    {
        var keep = Sigmoid(decay);
        var (sine, cosine) = (Sin(angle), Cos(angle));
        return (keep * (cosine * real - sine * imaginary) + drive * x, keep * (sine * real + cosine * imaginary));
    }

    public static float Output([State] float real, [State] float imaginary) => real + imaginary;
}

/// <summary>MinGru, 64 channels.</summary>
[RecurrentLayer(typeof(MinGru), InputSize = 64, HiddenSize = 64)]
public partial class MinGru64;

/// <summary>MinGru, 64 channels, the reference.</summary>
[RecurrentLayer(typeof(MinGru), InputSize = 64, HiddenSize = 64, Precision = Precision.Double)]
public partial class MinGru64Double;

/// <summary>MinGru, 1024 channels.</summary>
[RecurrentLayer(typeof(MinGru), InputSize = 1024, HiddenSize = 1024)]
public partial class MinGru1024;

/// <summary>MinGru, 1024 channels, the reference.</summary>
[RecurrentLayer(typeof(MinGru), InputSize = 1024, HiddenSize = 1024, Precision = Precision.Double)]
public partial class MinGru1024Double;

/// <summary>MinLstm, 64 channels.</summary>
[RecurrentLayer(typeof(MinLstm), InputSize = 64, HiddenSize = 64)]
public partial class MinLstm64;

/// <summary>MinLstm, 64 channels, the reference.</summary>
[RecurrentLayer(typeof(MinLstm), InputSize = 64, HiddenSize = 64, Precision = Precision.Double)]
public partial class MinLstm64Double;

/// <summary>MinLstm, 1024 channels.</summary>
[RecurrentLayer(typeof(MinLstm), InputSize = 1024, HiddenSize = 1024)]
public partial class MinLstm1024;

/// <summary>MinLstm, 1024 channels, the reference.</summary>
[RecurrentLayer(typeof(MinLstm), InputSize = 1024, HiddenSize = 1024, Precision = Precision.Double)]
public partial class MinLstm1024Double;

/// <summary>LogMinGru, 64 channels.</summary>
[RecurrentLayer(typeof(LogMinGru), InputSize = 64, HiddenSize = 64)]
public partial class LogMinGru64;

/// <summary>LogMinGru, 64 channels, the reference.</summary>
[RecurrentLayer(typeof(LogMinGru), InputSize = 64, HiddenSize = 64, Precision = Precision.Double)]
public partial class LogMinGru64Double;

/// <summary>LogMinGru, 1024 channels.</summary>
[RecurrentLayer(typeof(LogMinGru), InputSize = 1024, HiddenSize = 1024)]
public partial class LogMinGru1024;

/// <summary>LogMinGru, 1024 channels, the reference.</summary>
[RecurrentLayer(typeof(LogMinGru), InputSize = 1024, HiddenSize = 1024, Precision = Precision.Double)]
public partial class LogMinGru1024Double;

/// <summary>LogMinLstm, 64 channels.</summary>
[RecurrentLayer(typeof(LogMinLstm), InputSize = 64, HiddenSize = 64)]
public partial class LogMinLstm64;

/// <summary>LogMinLstm, 64 channels, the reference.</summary>
[RecurrentLayer(typeof(LogMinLstm), InputSize = 64, HiddenSize = 64, Precision = Precision.Double)]
public partial class LogMinLstm64Double;

/// <summary>LogMinLstm, 1024 channels.</summary>
[RecurrentLayer(typeof(LogMinLstm), InputSize = 1024, HiddenSize = 1024)]
public partial class LogMinLstm1024;

/// <summary>LogMinLstm, 1024 channels, the reference.</summary>
[RecurrentLayer(typeof(LogMinLstm), InputSize = 1024, HiddenSize = 1024, Precision = Precision.Double)]
public partial class LogMinLstm1024Double;

/// <summary>Rotation, 64 channels.</summary>
[RecurrentLayer(typeof(Rotation), InputSize = 64, HiddenSize = 64)]
public partial class Rotation64;

/// <summary>Rotation, 64 channels, the reference.</summary>
[RecurrentLayer(typeof(Rotation), InputSize = 64, HiddenSize = 64, Precision = Precision.Double)]
public partial class Rotation64Double;

/// <summary>Rotation, 1024 channels.</summary>
[RecurrentLayer(typeof(Rotation), InputSize = 1024, HiddenSize = 1024)]
public partial class Rotation1024;

/// <summary>Rotation, 1024 channels, the reference.</summary>
[RecurrentLayer(typeof(Rotation), InputSize = 1024, HiddenSize = 1024, Precision = Precision.Double)]
public partial class Rotation1024Double;

/// <summary>A model with every part that a block has.</summary>
[SequenceModel(typeof(LogMinGru), VocabularySize = 32, Width = 64, Layers = 2, Expansion = 2, ConvolutionWidth = 4, MlpRatio = 2, Dropout = 0.1)]
public partial class DeviceModel;

/// <summary>SelectiveSsm, 64 channels of 16 states.</summary>
[RecurrentLayer(typeof(SelectiveSsm), InputSize = 64, HiddenSize = 64)]
public partial class SelectiveSsm64;

/// <summary>SelectiveSsm, 64 channels, the reference.</summary>
[RecurrentLayer(typeof(SelectiveSsm), InputSize = 64, HiddenSize = 64, Precision = Precision.Double)]
public partial class SelectiveSsm64Double;

/// <summary>SelectiveSsm, 1024 channels of 16 states.</summary>
[RecurrentLayer(typeof(SelectiveSsm), InputSize = 1024, HiddenSize = 1024)]
public partial class SelectiveSsm1024;

/// <summary>SelectiveSsm, 1024 channels, the reference.</summary>
[RecurrentLayer(typeof(SelectiveSsm), InputSize = 1024, HiddenSize = 1024, Precision = Precision.Double)]
public partial class SelectiveSsm1024Double;
