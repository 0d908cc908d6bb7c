using System;
using static MinRnn.CellMath;

namespace MinRnn;

/// <summary>
/// The hierarchically gated recurrent unit, whose forget gate has a learned lower bound: <c>γ = σ(bound)</c>,
/// <c>λ = γ + (1 - γ) σ(gate)</c>, <c>h = λ h₋ + (1 - λ) silu(candidate)</c>.
/// </summary>
/// <remarks>
/// "Hierarchically Gated Recurrent Neural Network for Sequence Modeling", arXiv 2311.04823, section 3.2. There the states are complex,
/// with a constant phase; these are real, as in its successor HGRN2 (arXiv 2404.07904). There the bounds of all layers come from one
/// softmax and rise from layer to layer; a cell knows no other layer, so each channel has its own bound, and they start spread
/// evenly over (0, 1), as those of a deep stack are. The output gate and the norm around it belong to the block.
/// </remarks>
[RecurrentCell]
public static partial class Hgrn
{
    /// <summary>One step of one channel.</summary>
    /// <param name="h">The state.</param>
    /// <param name="gate">Pre-activation of the forget gate above its bound.</param>
    /// <param name="candidate">Pre-activation of the candidate state.</param>
    /// <param name="bound">The logit of the lower bound.</param>
    /// <returns>The next state, which is the output.</returns>
    public static float Step(
        [State] float h, float gate, float candidate, [Weight(InitializeWith = nameof(InitialBound))] float bound)
    {
        var lower = Sigmoid(bound);
        var above = 1 - lower;
        var open = Sigmoid(gate);
        var forget = lower + above * open;

        // 1 - forget, without the cancellation.
        var admit = above * (1 - open);
        return forget * h + admit * Silu(candidate);
    }

    /// <summary>The logit of the middle of the channel's share of (0, 1).</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="state">Not used.</param>
    /// <param name="channels">Channels of the layer.</param>
    /// <param name="random">Not used.</param>
    /// <returns>Where <c>bound</c> starts.</returns>
    public static float InitialBound(int channel, int state, int channels, Random random) =>
        (float)Math.Log((channel + 0.5) / (channels - channel - 0.5));
}
