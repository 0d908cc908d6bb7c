using static MinRnn.CellMath;

namespace MinRnn;

/// <summary>
/// The minGRU as the paper trains it: the candidate is made positive by g, so that states stay positive.
/// <c>z = σ(gate)</c>, <c>h = (1 - z) h₋ + z g(candidate)</c>.
/// </summary>
/// <remarks>
/// "Were RNNs All We Needed?", arXiv 2410.01201, appendix B. The paper evaluates the formula by a cumulative log-sum-exp; a
/// scan in linear space gives the same values without logarithms.
/// </remarks>
[RecurrentCell]
public static partial class LogMinGru
{
    /// <summary>One step of one channel.</summary>
    /// <param name="h">The state.</param>
    /// <param name="gate">Pre-activation of the update gate.</param>
    /// <param name="candidate">Pre-activation of the candidate state.</param>
    /// <returns>The next state, which is the output.</returns>
    public static float Step([State] float h, float gate, float candidate)
    {
        var update = Sigmoid(gate);
        var keep = 1 - update;
        return keep * h + update * PositiveG(candidate);
    }
}
