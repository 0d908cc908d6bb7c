using System;
using static MinRnn.CellMath;

namespace MinRnn;

/// <summary>
/// The independently recurrent network: <c>h = relu(drive + recurrent h₋)</c>. It is not affine in its state, so its time is walked
/// step by step.
/// </summary>
/// <remarks>
/// "Independently Recurrent Neural Network (IndRNN): Building A Longer and Deeper RNN", arXiv 1803.04831, equation 2. The paper keeps
/// |recurrent| ≤ 2^(1/T), so that T steps at most double a gradient; here, as there, that is for the training loop to hold.
/// </remarks>
[RecurrentCell]
public static partial class IndRnn
{
    /// <summary>One step of one channel.</summary>
    /// <param name="h">The state.</param>
    /// <param name="drive">Pre-activation from the input.</param>
    /// <param name="recurrent">The recurrent weight.</param>
    /// <returns>The next state, which is the output.</returns>
    public static float Step([State] float h, float drive, [Weight(InitializeWith = nameof(InitialRecurrent))] float recurrent) =>
        Relu(drive + recurrent * h);

    /// <summary>Uniform in [0, 1): from channels without memory to channels that add up.</summary>
    /// <param name="channel">Not used.</param>
    /// <param name="state">Not used.</param>
    /// <param name="channels">Not used.</param>
    /// <param name="random">Where the number is drawn from.</param>
    /// <returns>Where <c>recurrent</c> starts.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="random"/> is null.</exception>
    public static float InitialRecurrent(int channel, int state, int channels, Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return random.NextSingle();
    }
}
