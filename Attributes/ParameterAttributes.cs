using System;

namespace MinRnn;

/// <summary>Marks a parameter of a cell as a state, carried from step to step.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class StateAttribute : Attribute
{
    /// <summary>The value before the first step when the caller passes no state; 0 by default, infinities allowed.</summary>
    public float Initial { get; set; }
}

/// <summary>
/// Marks a parameter of a cell as the layer's own input channel, unprojected. The layer needs
/// <c>InputSize == HiddenSize</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class InputAttribute : Attribute;

/// <summary>
/// Marks a parameter of a cell as a learned weight, one per channel: a layer parameter of shape [H], or [N, H] with
/// <see cref="PerState"/>.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class WeightAttribute : Attribute
{
    /// <summary>The value every channel starts from; 0 by default.</summary>
    public float Initial { get; set; }

    /// <summary>
    /// Names a method of the cell, <c>static float M(int channel, int state, int channels, Random random)</c>, that gives
    /// each channel, and each element of a state, its own start; instead of <see cref="Initial"/>.
    /// </summary>
    public string? InitializeWith { get; set; }

    /// <summary>Whether each of the N elements of a state has its own; the cell needs a <c>StateSize</c>.</summary>
    public bool PerState { get; set; }
}

/// <summary>Options of a projection: a parameter without this attribute is one too.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class ProjectionAttribute : Attribute
{
    /// <summary>
    /// The value this projection's bias starts from. Without it the bias starts as <c>nn.Linear</c>'s does, uniform in
    /// ±1/√InputSize.
    /// </summary>
    public float BiasInitial { get; set; }

    /// <summary>
    /// Names a method of the cell, <c>static float M(int channel, int state, int channels, Random random)</c>, that gives each
    /// channel's bias its own start; instead of <see cref="BiasInitial"/>.
    /// </summary>
    public string? InitializeBiasWith { get; set; }

    /// <summary>
    /// Whether it is a number for each of the N elements of a state which all channels share, as Mamba's B and C: N rows of the
    /// layer's <c>weight</c>, after those of the other projections. The cell needs a <c>StateSize</c>.
    /// </summary>
    public bool Shared { get; set; }

    /// <summary>
    /// Makes the linear map the product of two, through this many features, as Mamba's Δ: parameters <c>{name}_down</c> [r, D] and
    /// <c>{name}_up</c> [H, r] in place of rows of <c>weight</c>. 0 for a map of full rank.
    /// </summary>
    public int Rank { get; set; }
}
