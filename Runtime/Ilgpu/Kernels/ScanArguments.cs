using System.Diagnostics.CodeAnalysis;

namespace MinRnn.Ilgpu.Kernels;

/// <summary>
/// What a kernel that runs a layer forward works on. Views are of ILGPU's on an accelerator; on torch's memory they are
/// <see cref="Devices.RawView"/>s, which lie the same way in the kernel's parameters. An empty view stands for zeros, for
/// the cell's constants, or for a result that is not wanted.
/// </summary>
/// <typeparam name="TView">A view of the layer's elements.</typeparam>
/// <typeparam name="TWork">A view of numbers in the precision of the arithmetic.</typeparam>
[SuppressMessage("Design", "CA1051", Justification = "A kernel's parameter is a plain structure.")]
[SuppressMessage("Performance", "CA1815", Justification = "Never compared.")]
public struct ForwardArguments<TView, TWork>
    where TView : struct
    where TWork : struct
{
    /// <summary>[B, T, P·H], or with shared ones [B, T, P·H + Q·N].</summary>
    public TView Preactivations;

    /// <summary>
    /// [R, H]: biases, where <see cref="ScanWindow.BiasRows"/> is not 0, then weights; between them <see cref="ScanWindow.SharedBiases"/>.
    /// </summary>
    public TView Parameters;

    /// <summary>[B, T, H], for cells that read the layer's input.</summary>
    public TView Input;

    /// <summary>[B, S, H]; empty for the cell's constants.</summary>
    public TView InitialState;

    /// <summary>[B, T, H], written.</summary>
    public TView Output;

    /// <summary>[B, T, S, H], written, for cells that keep their states, or [C, S·N, H] where these are vectors; or empty.</summary>
    public TView States;

    /// <summary>[B, S, H], written, or empty.</summary>
    public TView FinalState;

    /// <summary>The sizes, and how time is cut.</summary>
    public ScanWindow Window;

    /// <summary>What streaming threads ask for ahead of time.</summary>
    public PrefetchSources Prefetch;

    /// <summary>What the pieces of time tell each other.</summary>
    public ChunkWork<TWork> Work;
}

/// <summary>What a kernel that runs a layer's adjoint works on, under the rules of <see cref="ForwardArguments{TView, TWork}"/>.</summary>
/// <typeparam name="TView">A view of the layer's elements.</typeparam>
/// <typeparam name="TWork">A view of numbers in the precision of the arithmetic.</typeparam>
[SuppressMessage("Design", "CA1051", Justification = "A kernel's parameter is a plain structure.")]
[SuppressMessage("Performance", "CA1815", Justification = "Never compared.")]
public struct BackwardArguments<TView, TWork>
    where TView : struct
    where TWork : struct
{
    /// <summary>[B, T, P·H], as in the forward scan.</summary>
    public TView Preactivations;

    /// <summary>[R, H], as in the forward scan.</summary>
    public TView Parameters;

    /// <summary>[B, T, H], as in the forward scan.</summary>
    public TView Input;

    /// <summary>[B, S, H], as in the forward scan.</summary>
    public TView InitialState;

    /// <summary>[B, T, H], as the forward scan wrote it.</summary>
    public TView Output;

    /// <summary>[B, T, S, H], as the forward scan wrote it, for cells that keep their states.</summary>
    public TView States;

    /// <summary>[B, T, H], or where <see cref="HasOutputGradient"/> is 0 any view of that size, which is read and not taken.</summary>
    public TView OutputGradient;

    /// <summary>[B, S, H], or empty.</summary>
    public TView FinalStateGradient;

    /// <summary>[B, T, P·H], written, or empty.</summary>
    public TView PreactivationGradient;

    /// <summary>[B, T, H], written, for cells that read the layer's input; or empty.</summary>
    public TView InputGradient;

    /// <summary>[B, S, H], written, or empty.</summary>
    public TView InitialStateGradient;

    /// <summary>
    /// [N, R, H], written, or empty: partial sums of the parameters' gradients, a row for each of the <see cref="ScanWindow.Chunks"/>
    /// pieces of each row of the batch.
    /// </summary>
    public TWork ParameterPartials;

    /// <summary>Whether the output has a gradient, 1 or 0.</summary>
    public long HasOutputGradient;

    /// <summary>What the adjoint of a layer with vector states needs beside.</summary>
    public VectorWork<TWork> Vectors;

    /// <summary>The sizes, and how time is cut.</summary>
    public ScanWindow Window;

    /// <summary>What streaming threads ask for ahead of time.</summary>
    public PrefetchSources Prefetch;

    /// <summary>What the pieces of time tell each other.</summary>
    public ChunkWork<TWork> Work;
}

/// <summary>What the adjoint of a layer with vector states needs beside its tensors.</summary>
/// <typeparam name="TWork">A view of numbers in the precision of the arithmetic.</typeparam>
[SuppressMessage("Design", "CA1051", Justification = "A kernel's parameter is a plain structure.")]
[SuppressMessage("Performance", "CA1815", Justification = "Never compared.")]
public struct VectorWork<TWork>
    where TWork : struct
{
    /// <summary>[groups, steps, S·N, lanes]: the states before each step of the part of a span that a group is at.</summary>
    public TWork States;

    /// <summary>Rows of the tensors over time.</summary>
    public long Rows;

    /// <summary>[strips, rows, Q·N], written, or empty: what each strip of channels gives for the pre-activations that all share.</summary>
    public TWork SharedGradients;

    /// <summary>[pieces, strips, Q·N], written, or empty: the same summed over time, for the biases.</summary>
    public TWork SharedSums;
}

/// <summary>What the pieces of time tell each other.</summary>
/// <typeparam name="TWork">A view of numbers in the precision of the arithmetic.</typeparam>
[SuppressMessage("Design", "CA1051", Justification = "A kernel's parameter is a plain structure.")]
[SuppressMessage("Performance", "CA1815", Justification = "Never compared.")]
public struct ChunkWork<TWork>
    where TWork : struct
{
    /// <summary>The transition of each piece, [B, chunks, H, numbers], or of vector states [B, chunks, N, H, numbers].</summary>
    public TWork Transitions;

    /// <summary>States before each piece, [B, chunks, H, S], or [B, chunks, N, H, S]. Empty where time is not cut.</summary>
    public TWork States;

    /// <summary>Of the chained scan: the ticket counter, then the words of each tile's transition and state, of 64 bits.</summary>
    public TWork Published;

    /// <summary>The address of <see cref="Published"/>, for instructions that ILGPU has no name for.</summary>
    public long PublishedAddress;

    /// <summary>The counter's value before the launch, and the number that its words carry.</summary>
    public int FirstTicket, Epoch;

    /// <summary>Where the rows are sequences: the table that <see cref="SequenceRows"/> reads, integers of 64 bits.</summary>
    public TWork Sequences;
}
