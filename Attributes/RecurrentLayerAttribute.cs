using System;

namespace MinRnn;

/// <summary>The order in which a layer walks the time steps.</summary>
public enum Direction
{
    /// <summary>From the first step to the last.</summary>
    Forward,

    /// <summary>From the last step to the first; the final state is the state after the first step.</summary>
    Reverse,

    /// <summary>Both: output [B, T, 2H] with the forward half first, state [B, 2, ...].</summary>
    Bidirectional,
}

/// <summary>The floating-point type of a layer's parameters, tensors and kernels.</summary>
public enum Precision
{
    /// <summary>32-bit.</summary>
    Single,

    /// <summary>64-bit.</summary>
    Double,
}

/// <summary>
/// Marks a partial class as a recurrent layer of a cell. The build emits its kernels, its TorchSharp module and its
/// torch-free inference class, as far as the project references what they need.
/// </summary>
/// <remarks>
/// Input [B, T, InputSize], output [B, T, HiddenSize], state [B, HiddenSize], or [B, S, HiddenSize] for S states.
/// Parameters: <c>weight</c> [P·H, InputSize] and <c>bias</c> [P·H], rows in the order of the cell's P projections, and one
/// [H] parameter for each weight of the cell, under its own name.
/// </remarks>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class RecurrentLayerAttribute(Type cell) : Attribute
{
    /// <summary>The cell: a class marked <see cref="RecurrentCellAttribute"/>.</summary>
    public Type Cell { get; } = cell;

    /// <summary>Features of one time step of the input, D.</summary>
    public int InputSize { get; set; }

    /// <summary>Channels of the recurrence, H.</summary>
    public int HiddenSize { get; set; }

    /// <summary>Whether projections have a bias; true by default.</summary>
    public bool Bias { get; set; } = true;

    /// <summary>
    /// Whether <c>skip·x</c> is added to the output: x is the layer's own input channel, so that the sizes of input and recurrence must be equal,
    /// and skip a weight [H] that starts at 1 (D in Mamba, arXiv 2312.00752).
    /// </summary>
    public bool Skip { get; set; }

    /// <summary>
    /// Whether the output, the skip included, is multiplied by <c>silu(outputGate)</c>, one more projection, as in Mamba's block (arXiv
    /// 2312.00752, figure 3); its rows follow those of the cell. It is part of the fused kernels.
    /// </summary>
    public bool Gate { get; set; }

    /// <summary>
    /// Where the bias of the cell's projection <c>forget</c> starts, which speeds minLSTM's training up (the paper's appendix D.4); where the cell says when it is not given. A
    /// positive number lets states live longer at first.
    /// </summary>
    public double ForgetBias { get; set; } = double.NaN;

    /// <summary>The order of time; forward by default.</summary>
    public Direction Direction { get; set; }

    /// <summary>The floating-point type; single by default.</summary>
    public Precision Precision { get; set; }
}
