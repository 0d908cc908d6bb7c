namespace MinRnn.Kernels;

/// <summary>What one direction of a compiled layer reads and keeps: the sizes that its kernels are specialised on.</summary>
/// <param name="Channels">Channels of the recurrence, H.</param>
/// <param name="Projections">Projections of the layer's input, P; pre-activations are [B, T, P·H].</param>
/// <param name="Weights">Per-channel weights of the cell, K.</param>
/// <param name="States">States of a channel, S.</param>
/// <param name="HasBias">Whether the kernels add a bias to the pre-activations.</param>
/// <param name="HasInput">Whether the cell reads the layer's own input channel.</param>
/// <param name="KeepsStates">
/// Whether the states of every step are kept in a tensor of their own, [B, T, S, H]; otherwise the output is the only state.
/// </param>
/// <param name="InitialStates">The constant of each state when the caller passes none.</param>
public sealed record ScanShape(
    int Channels,
    int Projections,
    int Weights,
    int States,
    bool HasBias,
    bool HasInput,
    bool KeepsStates,
    IReadOnlyList<double> InitialStates)
{
    /// <summary>Rows of the packed parameters [R, H]: the biases of the projections, if any, then the weights.</summary>
    public int ParameterRows => (HasBias ? Projections : 0) + Weights;
}
