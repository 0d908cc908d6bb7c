using static MinRnn.CellMath;

namespace MinRnn;

/// <summary>
/// Attention as a recurrence: the average of all values so far, weighed by the exponentials of their logits,
/// <c>m = max(m₋, logit)</c>, <c>u = u₋ e^(m₋ - m) + value e^(logit - m)</c>, <c>c = c₋ e^(m₋ - m) + e^(logit - m)</c>, and the
/// output <c>u / c</c>.
/// </summary>
/// <remarks>
/// "Attention as an RNN", arXiv 2405.13956, section 3.1. The paper's query is learned and the same at every step, so that a logit is
/// a linear map of the input; here each channel has its own. The running maximum keeps the exponentials finite and cancels in
/// the output, so no gradient passes through it. It also makes the step one that is not affine: time is walked step by step.
/// </remarks>
[RecurrentCell]
public static partial class Aaren
{
    /// <summary>One step of one channel.</summary>
    /// <param name="maximum">The greatest logit so far, m.</param>
    /// <param name="total">The weighed sum of values, u.</param>
    /// <param name="normalizer">The sum of weights, c.</param>
    /// <param name="logit">The logit of the step.</param>
    /// <param name="value">The value of the step.</param>
    /// <returns>The next states.</returns>
    public static (float Maximum, float Total, float Normalizer) Step(
        [State(Initial = float.NegativeInfinity)] float maximum, [State] float total, [State] float normalizer, float logit, float value)
    {
        var next = StopGradient(Max(maximum, logit));
        var (keep, admit) = (Exp(maximum - next), Exp(logit - next));
        return (next, keep * total + admit * value, keep * normalizer + admit);
    }

    /// <summary>The output of one channel.</summary>
    /// <param name="total">The weighed sum of values after the step.</param>
    /// <param name="normalizer">The sum of weights after the step.</param>
    /// <returns>The average.</returns>
    public static float Output([State] float total, [State] float normalizer) => total / normalizer;
}
