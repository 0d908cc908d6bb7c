using static MinRnn.CellMath;

namespace MinRnn;

/// <summary>
/// The selective state space model of Mamba, S6 (Gu and Dao, arXiv 2312.00752, algorithm 2), over N = 16 elements of state:
/// <c>Δ = softplus(delta)</c>, <c>A = -exp(logA)</c>, <c>h' = exp(ΔA)·h + Δ·B·x</c>, <c>y = Σ C·h' + D·x</c>, of which B and C are
/// projections that all channels share, Δ is a projection of rank 16, and x is the layer's own input.
/// </summary>
/// <remarks>
/// The starts are the paper's (section 3.6 and its code): <c>A = -(n + 1)</c>, D = 1, and biases of delta that give steps
/// log-uniform in [0.001, 0.1].
/// </remarks>
[RecurrentCell(StateSize = StateSize)]
public static partial class SelectiveSsm
{
    /// <summary>Elements of a channel's state.</summary>
    public const int StateSize = 16;

    private const int DeltaRank = 16;

    /// <summary>The state after one step, one element of it.</summary>
    public static float Step(
        [State] float h,
        [Projection(Rank = DeltaRank, InitializeBiasWith = nameof(InitialDelta))] float delta,
        [Projection(Shared = true)] float b,
        [Input] float x,
        [Weight(PerState = true, InitializeWith = nameof(InitialLogA))] float logA)
    {
        var stepSize = Softplus(delta);
        var keep = Exp(-stepSize * Exp(logA));
        return keep * h + stepSize * x * b;
    }

    /// <summary>An element's part of the output, over which the output is summed.</summary>
    public static float Output([State] float h, [Projection(Shared = true)] float c, [Input] float x, [Weight(Initial = 1f)] float skip)
    {
        var skipped = skip * x / StateSize;
        return c * h + skipped;
    }

    /// <summary>log(n + 1): the real form of S4D.</summary>
    public static float InitialLogA(int channel, int state, int channels, Random random) => MathF.Log(state + 1);

    /// <summary>The inverse softplus of a step, log-uniform in [0.001, 0.1].</summary>
    public static float InitialDelta(int channel, int state, int channels, Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        var stepSize = StepSizes.LogUniform(random);
        return (float)(stepSize + Math.Log(-Math.Exp(-stepSize) + 1));
    }
}

/// <summary>How state space models start their steps.</summary>
internal static class StepSizes
{
    private const double Shortest = 0.001, Longest = 0.1;

    public static double LogUniform(Random random) => Shortest * Math.Pow(Longest / Shortest, random.NextDouble());
}
