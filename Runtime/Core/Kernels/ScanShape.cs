namespace MinRnn.Kernels;

/// <summary>What one direction of a compiled layer reads and keeps: the sizes that its kernels are specialised on.</summary>
/// <param name="Channels">Channels of the recurrence, H.</param>
/// <param name="Projections">
/// Projections of the layer's input to the channels, P; pre-activations are [B, T, P·H], or [B, T, P·H + Q·N] with shared ones.
/// </param>
/// <param name="Weights">Rows [H] of the cell's weights, K: one for each weight, or N for one of each element of the states.</param>
/// <param name="States">States of a channel, S, or all elements of them, S·N.</param>
/// <param name="HasBias">Whether the kernels add a bias to the pre-activations.</param>
/// <param name="HasInput">Whether the cell reads the layer's own input channel.</param>
/// <param name="KeepsStates">
/// Whether states are kept for backward in a tensor of their own, [C, S, H] with C of <see cref="KeptSets"/>; otherwise the output
/// is the only state.
/// </param>
/// <param name="InitialStates">The constant of each state when the caller passes none.</param>
/// <param name="StateSize">Elements of each state, N; 0 where a state is one number.</param>
/// <param name="Shared">Pre-activations of a step that all channels share, Q·N.</param>
/// <param name="CheckpointSteps">Steps from one kept set of states to the next.</param>
public sealed record ScanShape(
    int Channels,
    int Projections,
    int Weights,
    int States,
    bool HasBias,
    bool HasInput,
    bool KeepsStates,
    IReadOnlyList<double> InitialStates,
    int StateSize = 0,
    int Shared = 0,
    int CheckpointSteps = 1)
{
    /// <summary>Whether states are vectors.</summary>
    public bool HasVectorStates => StateSize > 0;

    /// <summary>States of an element, S.</summary>
    internal int StateCount => States / int.Max(1, StateSize);

    /// <summary>Elements of a state, those of all channels: N·H, or H.</summary>
    internal int StateWidth => Channels * int.Max(1, StateSize);

    /// <summary>Rows of the packed parameters [R, H]: the biases of the projections, if any, then the weights.</summary>
    public int ParameterRows => (HasBias ? Projections : 0) + Weights;

    /// <summary>Pre-activations of a step: P·H + Q·N.</summary>
    public int PreactivationWidth => (Projections * Channels) + Shared;

    /// <summary>
    /// Elements of the packed parameters: the biases of all pre-activations, if any, then the rows of the weights.
    /// </summary>
    public int ParameterSize => (HasBias ? PreactivationWidth : 0) + (Weights * Channels);

    /// <summary>
    /// Sets of states that are kept for backward, C: those after every step, B·T, where K is 1; otherwise those before steps 0, K, 2·K
    /// and so on of each segment, of which the i-th has its first at row / K + i.
    /// </summary>
    /// <param name="batch">Rows of the batch, B.</param>
    /// <param name="time">Time steps, T.</param>
    /// <param name="sequences">Where sequences lie among the rows of time; null where each is a row of the batch.</param>
    public long KeptSets(long batch, long time, ScanSequences? sequences = null)
    {
        var segments = new ScanSegments(batch, time, sequences);
        return !KeepsStates ? 0 : CheckpointSteps == 1 ? segments.Rows : (segments.Rows / CheckpointSteps) + segments.Count;
    }
}
