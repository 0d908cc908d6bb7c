namespace MinRnn.Kernels;

/// <summary>What the generator knows of a declared layer and its runtime support needs.</summary>
/// <param name="Name">The class's name.</param>
/// <param name="InputSize">Features of a time step, D.</param>
/// <param name="Direction">The order of time.</param>
/// <param name="Projections">The projections, in the order of their rows in <c>weight</c>.</param>
/// <param name="Weights">The cell's per-channel weights, in order.</param>
/// <param name="Kernels">The kernels for the CPU.</param>
/// <param name="Device">
/// The kernels for other devices; null where the layer's project does not reference MinRnn.Ilgpu, or the cell's vector states are too large for them.
/// </param>
/// <param name="Shared">The projections that all channels share, N rows of <c>weight</c> each, after the others; null for none.</param>
public sealed record LayerDescription(
    string Name,
    int InputSize,
    Direction Direction,
    IReadOnlyList<ProjectionDescription> Projections,
    IReadOnlyList<WeightDescription> Weights,
    ScanKernels Kernels,
    DeviceKernels? Device = null,
    IReadOnlyList<ProjectionDescription>? Shared = null)
{
    /// <summary>Channels of the recurrence, H.</summary>
    public int HiddenSize => Kernels.Shape.Channels;

    /// <summary>
    /// Whether a step is affine in its states. Where it is not, backward must know the states to the precision of the arithmetic: at a
    /// kink, rounded ones lead to the other side's derivative.
    /// </summary>
    public bool IsAffine { get; init; } = true;

    /// <summary>The cell, as stored files know it; null where the description was made by hand.</summary>
    public CellDescription? Cell { get; init; }

    /// <summary>Whether the cell's states are vectors.</summary>
    public bool HasVectorStates => Kernels.Shape.HasVectorStates;
}

/// <summary>The cell of a layer.</summary>
/// <param name="Name">Its full name.</param>
/// <param name="Graph">A hash of its equations and of the roles of its parameters: whatever decides what stored parameters mean.</param>
public sealed record CellDescription(string Name, string Graph);

/// <summary>One projection of a layer.</summary>
/// <param name="Name">Its name in the cell.</param>
/// <param name="BiasInitial">The value its bias starts from; null for uniform in ±1/√InputSize.</param>
/// <param name="Rank">Features of the narrow middle of its linear map; 0 for a map of full rank.</param>
/// <param name="InitializeBias">(channel, 0, channels, random) to the start of a channel's bias; null to use <paramref name="BiasInitial"/>.</param>
public sealed record ProjectionDescription(
    string Name, float? BiasInitial = null, int Rank = 0, Func<int, int, int, Random, float>? InitializeBias = null);

/// <summary>One weight of a layer's cell, a parameter of shape [H], or [N, H] with an element for each of the states.</summary>
/// <param name="Name">Its name in the cell and in the layer's parameters.</param>
/// <param name="Initial">The value every channel starts from.</param>
/// <param name="Initialize">
/// (channel, element of the state, channels, random) to a channel's start; null to use <paramref name="Initial"/>.
/// </param>
/// <param name="IsPerState">Whether each element of a state has its own.</param>
public sealed record WeightDescription(
    string Name, float Initial, Func<int, int, int, Random, float>? Initialize = null, bool IsPerState = false);
