using static MinRnn.CellMath;

namespace MinRnn;

/// <summary>
/// The simple recurrent unit, in its first form: <c>f = σ(forget)</c>, <c>r = σ(resetGate)</c>,
/// <c>c = f c₋ + (1 - f) candidate</c>, and the output <c>r tanh(c) + (1 - r) x</c>, a highway around the recurrence.
/// </summary>
/// <remarks>
/// "Simple Recurrent Units for Highly Parallelizable Recurrence", arXiv 1709.02755, version 1, equations 3 to 7. Gates of later
/// versions read the state, and so would not be parallel in time. The highway takes the layer's own input: InputSize must equal
/// HiddenSize.
/// </remarks>
[RecurrentCell]
public static partial class Sru
{
    /// <summary>One step of one channel.</summary>
    /// <param name="memory">The state, c.</param>
    /// <param name="candidate">The candidate state.</param>
    /// <param name="forget">Pre-activation of the forget gate.</param>
    /// <returns>The next state.</returns>
    public static float Step([State] float memory, float candidate, float forget)
    {
        var keep = Sigmoid(forget);
        return keep * memory + (1 - keep) * candidate;
    }

    /// <summary>The output of one channel.</summary>
    /// <param name="memory">The state after the step.</param>
    /// <param name="resetGate">Pre-activation of the reset gate.</param>
    /// <param name="x">The layer's input channel.</param>
    /// <returns>The state through tanh, mixed with the input.</returns>
    public static float Output([State] float memory, float resetGate, [Input] float x) => Lerp(x, Tanh(memory), Sigmoid(resetGate));
}
