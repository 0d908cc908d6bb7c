using static MinRnn.CellMath;

namespace MinRnn;

/// <summary>
/// The minLSTM in linear space: <c>f = σ(forget)</c>, <c>i = σ(input)</c>,
/// <c>h = f/(f + i) h₋ + i/(f + i) candidate</c>.
/// </summary>
/// <remarks>
/// "Were RNNs All We Needed?", arXiv 2410.01201, section 3.2. The quotient is 0/0 for gates far below 0; as
/// <c>σ(softplus(-input) - softplus(-forget))</c> it is defined everywhere.
/// </remarks>
[RecurrentCell]
public static partial class MinLstm
{
    /// <summary>One step of one channel.</summary>
    /// <param name="h">The state.</param>
    /// <param name="forget">Pre-activation of the forget gate.</param>
    /// <param name="input">Pre-activation of the input gate.</param>
    /// <param name="candidate">The candidate state.</param>
    /// <returns>The next state, which is the output.</returns>
    public static float Step([State] float h, float forget, float input, float candidate)
    {
        // f/(f + i), without the division.
        var balance = Softplus(-input) - Softplus(-forget);
        var keep = Sigmoid(balance);
        return keep * h + (1 - keep) * candidate;
    }
}
