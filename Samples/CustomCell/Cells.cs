using static MinRnn.CellMath;

namespace MinRnn.Samples.CustomCell;

/// <summary>
/// A leaky integrator of a squashed candidate: the gate opens the leak, a learned weight bounds how fast it runs out.
/// </summary>
[RecurrentCell]
public static partial class LeakyCandidate
{
    /// <summary>One step of one channel, callable as it stands.</summary>
    public static float Step([State] float h, float gate, float candidate, [Weight(Initial = 1f)] float decay)
    {
        var keep = Sigmoid(gate) * Exp(-Softplus(decay));
        return keep * h + (1 - keep) * Tanh(candidate);
    }
}

/// <summary>The cell as a layer: kernels, derivative and module come from the build.</summary>
[RecurrentLayer(typeof(LeakyCandidate), InputSize = 16, HiddenSize = 32)]
public partial class Leaky;

/// <summary>The same cell in 64 bits, small: what a check by differences needs.</summary>
[RecurrentLayer(typeof(LeakyCandidate), InputSize = 4, HiddenSize = 3, Precision = Precision.Double)]
public partial class PreciseLeaky;
