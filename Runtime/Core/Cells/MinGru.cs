using static MinRnn.CellMath;

namespace MinRnn;

/// <summary>
/// The minGRU in linear space: <c>z = σ(gate)</c>, <c>h = (1 - z) h₋ + z candidate</c>.
/// </summary>
/// <remarks>"Were RNNs All We Needed?", arXiv 2410.01201, section 3.1.</remarks>
[RecurrentCell]
public static partial class MinGru
{
    /// <summary>One step of one channel.</summary>
    /// <param name="h">The state.</param>
    /// <param name="gate">Pre-activation of the update gate.</param>
    /// <param name="candidate">The candidate state.</param>
    /// <returns>The next state, which is the output.</returns>
    public static float Step([State] float h, float gate, float candidate)
    {
        var update = Sigmoid(gate);
        var keep = 1 - update;
        return keep * h + update * candidate;
    }
}
