using static MinRnn.CellMath;

namespace MinRnn;

/// <summary>
/// The minLSTM as the paper trains it: <see cref="MinLstm"/> with a candidate made positive by g.
/// </summary>
/// <remarks>"Were RNNs All We Needed?", arXiv 2410.01201, appendix B.</remarks>
[RecurrentCell]
public static partial class LogMinLstm
{
    /// <summary>One step of one channel.</summary>
    /// <param name="h">The state.</param>
    /// <param name="forget">Pre-activation of the forget gate.</param>
    /// <param name="input">Pre-activation of the input gate.</param>
    /// <param name="candidate">Pre-activation of the candidate state.</param>
    /// <returns>The next state, which is the output.</returns>
    public static float Step([State] float h, float forget, float input, float candidate)
    {
        // f/(f + i), as in MinLstm.
        var balance = Softplus(-input) - Softplus(-forget);
        var keep = Sigmoid(balance);
        return keep * h + (1 - keep) * PositiveG(candidate);
    }
}
