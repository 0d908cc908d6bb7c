using static MinRnn.CellMath;

namespace MinRnn;

/// <summary>
/// The minGRU with a coefficient of either sign: <c>a = 1 - 2 σ(gate)</c>, <c>h = a h₋ + (1 - |a|) candidate</c>. A state can
/// change its sign from step to step, and so can count modulo two.
/// </summary>
/// <remarks>
/// The minGRU is that of arXiv 2410.01201; that a linear recurrence solves parity only with negative coefficients is shown in
/// "Unlocking State-Tracking in Linear RNNs Through Negative Eigenvalues", arXiv 2411.12537, whose coefficients in (-1, 1) these are.
/// </remarks>
[RecurrentCell]
public static partial class SignedMinGru
{
    /// <summary>One step of one channel.</summary>
    /// <param name="h">The state.</param>
    /// <param name="gate">Pre-activation of the gate: far below 0 the state is kept, far above 0 its sign is turned.</param>
    /// <param name="candidate">The candidate state.</param>
    /// <returns>The next state, which is the output.</returns>
    public static float Step([State] float h, float gate, float candidate)
    {
        // 1 - |keep - turn| is twice the lesser of the two, without the cancellation.
        var turn = Sigmoid(gate);
        var keep = 1 - turn;
        return (keep - turn) * h + 2 * Min(keep, turn) * candidate;
    }
}
