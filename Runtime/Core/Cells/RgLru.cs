using System;
using static MinRnn.CellMath;

namespace MinRnn;

/// <summary>
/// The real-gated linear recurrent unit: <c>r = σ(recurrenceGate)</c>, <c>i = σ(inputGate)</c>, <c>a = σ(lambda)^(8 r)</c>,
/// <c>h = a h₋ + √(1 - a²) i x</c>.
/// </summary>
/// <remarks>
/// "Griffin: Mixing Gated Linear Recurrences with Local Attention for Efficient Language Models", arXiv 2402.19427, section 2.4 and
/// appendix A. The power is taken in logarithms, as there, and the root's derivative is bounded at 1000, as in RecurrentGemma: at
/// a = 1 it has none. x is the layer's own input: InputSize must equal HiddenSize.
/// </remarks>
[RecurrentCell]
public static partial class RgLru
{
    /// <summary>The power of the recurrence gate, c in the paper.</summary>
    private const float Power = 8f;

    /// <summary>One step of one channel.</summary>
    /// <param name="h">The state.</param>
    /// <param name="recurrenceGate">Pre-activation of the recurrence gate.</param>
    /// <param name="inputGate">Pre-activation of the input gate.</param>
    /// <param name="x">The layer's input channel.</param>
    /// <param name="lambda">The logit of the coefficient, Λ in the paper.</param>
    /// <returns>The next state, which is the output.</returns>
    public static float Step(
        [State] float h, float recurrenceGate, float inputGate, [Input] float x, [Weight(InitializeWith = nameof(InitialLambda))] float lambda)
    {
        var (recurrence, admit) = (Sigmoid(recurrenceGate), Sigmoid(inputGate));
        var logLeast = Power * LogSigmoid(lambda);
        var logKeep = logLeast * recurrence;
        var keep = Exp(logKeep);
        var scale = SqrtBounded(-Expm1(2 * logKeep));
        return keep * h + scale * (admit * x);
    }

    /// <summary>The logit of an a for which a^8 is uniform in [0.9, 0.999].</summary>
    /// <param name="channel">Not used.</param>
    /// <param name="state">Not used.</param>
    /// <param name="channels">Not used.</param>
    /// <param name="random">Where the number is drawn from.</param>
    /// <returns>Where <c>lambda</c> starts.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="random"/> is null.</exception>
    public static float InitialLambda(int channel, int state, int channels, Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        var a = Math.Pow(0.9 + (0.099 * random.NextDouble()), 1 / (double)Power);
        return (float)Math.Log(a / (1 - a));
    }
}
