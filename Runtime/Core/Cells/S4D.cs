using static MinRnn.CellMath;

namespace MinRnn;

/// <summary>
/// The diagonal state space model S4D (Gu, Gupta, Goel and Ré, arXiv 2206.11893) over N = 32 conjugate pairs of states, by
/// zero-order hold: <c>A = -exp(logDecay) + i·frequency</c>, <c>Δ = exp(logStep)</c>, <c>h' = exp(ΔA)·h + (exp(ΔA) - 1) / A · x</c>,
/// <c>y = 2 Re(Σ C·h') + D·x</c>, of which x is the layer's own input.
/// </summary>
/// <remarks>
/// The starts are S4D-Lin's: <c>A = -1/2 + iπn</c>, steps log-uniform in [0.001, 0.1], C complex normal, D = 1. exp(ΔA) - 1 is
/// computed without cancellation, so that the limit of short steps, Δ·x, is kept.
/// </remarks>
[RecurrentCell(StateSize = StateSize)]
public static partial class S4D
{
    /// <summary>Conjugate pairs of a channel's state.</summary>
    public const int StateSize = 32;

    /// <summary>The state after one step, one pair of it.</summary>
    public static (float, float) Step(
        [State] float real,
        [State] float imaginary,
        [Input] float x,
        [Weight(InitializeWith = nameof(InitialLogStep))] float logStep,
        [Weight(PerState = true, InitializeWith = nameof(InitialLogDecay))] float logDecay,
        [Weight(PerState = true, InitializeWith = nameof(InitialFrequency))] float frequency)
    {
        var stepSize = Exp(logStep);
        var decay = Exp(logDecay);
        var angle = stepSize * frequency;
        var radius = Exp(-stepSize * decay);
        var (turnReal, turnImaginary) = (radius * Cos(angle), radius * Sin(angle));

        // exp(ΔA) - 1 = expm1(-Δ decay) cos(angle) + cos(angle) - 1 + i turnImaginary.
        var half = Sin(0.5f * angle);
        var movedReal = Expm1(-stepSize * decay) * Cos(angle) - 2f * half * half;
        var squared = decay * decay + frequency * frequency;
        var entryReal = (frequency * turnImaginary - decay * movedReal) / squared;
        var entryImaginary = -(decay * turnImaginary + frequency * movedReal) / squared;

        return (turnReal * real - turnImaginary * imaginary + entryReal * x, turnImaginary * real + turnReal * imaginary + entryImaginary * x);
    }

    /// <summary>A pair's part of the output, over which the output is summed.</summary>
    public static float Output(
        [State] float real,
        [State] float imaginary,
        [Input] float x,
        [Weight(PerState = true, InitializeWith = nameof(InitialReadout))] float readReal,
        [Weight(PerState = true, InitializeWith = nameof(InitialReadout))] float readImaginary,
        [Weight(Initial = 1f)] float skip)
    {
        var skipped = skip * x / StateSize;
        return 2f * (readReal * real - readImaginary * imaginary) + skipped;
    }

    /// <summary>The logarithm of a step, log-uniform in [0.001, 0.1].</summary>
    public static float InitialLogStep(int channel, int state, int channels, Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return (float)Math.Log(StepSizes.LogUniform(random));
    }

    /// <summary>log 1/2.</summary>
    public static float InitialLogDecay(int channel, int state, int channels, Random random) => MathF.Log(0.5f);

    /// <summary>πn.</summary>
    public static float InitialFrequency(int channel, int state, int channels, Random random) => MathF.PI * state;

    /// <summary>Normal, of variance 1/2.</summary>
    public static float InitialReadout(int channel, int state, int channels, Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        var radius = Math.Sqrt(-Math.Log(1 - random.NextDouble()));
        return (float)(radius * Math.Cos(2 * Math.PI * random.NextDouble()));
    }
}
