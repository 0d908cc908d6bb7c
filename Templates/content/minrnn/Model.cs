using MinRnn;
using static MinRnn.CellMath;

namespace MinRnnApp;

/// <summary>One channel of the recurrence. The build differentiates it and writes its kernels; it stays plain C# that you can call and test.</summary>
/// <remarks>
/// h is carried from step to step. gate and candidate are projections, each its own linear map of the layer's input. decay is learned, one
/// number a channel. Time can be split among processors as long as the step is a·h + b with a and b that do not read h.
/// </remarks>
[RecurrentCell]
public static partial class LeakyCell
{
    public static float Step([State] float h, float gate, float candidate, [Weight(Initial = -3f)] float decay)
    {
        var update = Sigmoid(gate);
        var keep = (1 - update) * Exp(-Softplus(decay));
        return keep * h + update * Tanh(candidate);
    }
}

/// <summary>A model of ASCII characters: embedding, blocks of normalisation, convolution, recurrence and MLP, head.</summary>
[SequenceModel(typeof(LeakyCell), VocabularySize = 128, Width = 64, Layers = 2, Expansion = 2, ConvolutionWidth = 4)]
public partial class SumModel;
