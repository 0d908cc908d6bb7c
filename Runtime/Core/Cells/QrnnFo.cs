using static MinRnn.CellMath;

namespace MinRnn;

/// <summary>
/// The quasi-recurrent network with fo-pooling: <c>z = tanh(candidate)</c>, <c>f = σ(forget)</c>,
/// <c>o = σ(outputGate)</c>, <c>c = f c₋ + (1 - f) z</c>, and the output <c>o c</c>.
/// </summary>
/// <remarks>
/// "Quasi-Recurrent Neural Networks", arXiv 1611.01576, section 2.1, equation 4. The paper's projections are causal convolutions of
/// the input; a convolution before the layer makes them so.
/// </remarks>
[RecurrentCell]
public static partial class QrnnFo
{
    /// <summary>One step of one channel.</summary>
    /// <param name="memory">The state, c.</param>
    /// <param name="candidate">Pre-activation of the candidate state.</param>
    /// <param name="forget">Pre-activation of the forget gate.</param>
    /// <returns>The next state.</returns>
    public static float Step([State] float memory, float candidate, float forget)
    {
        var keep = Sigmoid(forget);
        return keep * memory + (1 - keep) * Tanh(candidate);
    }

    /// <summary>The output of one channel.</summary>
    /// <param name="memory">The state after the step.</param>
    /// <param name="outputGate">Pre-activation of the output gate.</param>
    /// <returns>The gated state.</returns>
    public static float Output([State] float memory, float outputGate) => Sigmoid(outputGate) * memory;
}
