namespace MinRnn.Kernels;

/// <summary>
/// Addresses of one forward scan: contiguous buffers of the kernels' element type, in memory that the kernels reach, which the
/// caller keeps alive and unmoved until the work is done. Zero stands for an absent buffer where the text says so.
/// </summary>
public readonly record struct ScanForward
{
    /// <summary>Rows of the batch, B.</summary>
    public required long Batch { get; init; }

    /// <summary>Time steps, T.</summary>
    public required long Time { get; init; }

    /// <summary>
    /// Where sequences lie that are not the rows of the batch; null where they are. They then stand for batch and time: [B, T, …]
    /// has their rows, and [B, S, H] one for each of them.
    /// </summary>
    public ScanSequences? Sequences { get; init; }

    /// <summary>Whether time runs from the last step to the first.</summary>
    public bool Reverse { get; init; }

    /// <summary>[B, T, P·H + Q·N], bias not yet added.</summary>
    public required nint Preactivations { get; init; }

    /// <summary>[P·H + Q·N] biases, if any, then [K, H] weights; zero when there are neither.</summary>
    public nint Parameters { get; init; }

    /// <summary>[B, T, H], for cells that read the layer's input.</summary>
    public nint Input { get; init; }

    /// <summary>[B, S, H]; zero for the cell's own constants.</summary>
    public nint InitialState { get; init; }

    /// <summary>[B, T, H], written.</summary>
    public required nint Output { get; init; }

    /// <summary>[C, S, H], written when the shape keeps states; zero when no backward will follow.</summary>
    public nint States { get; init; }

    /// <summary>[B, S, H], written.</summary>
    public required nint FinalState { get; init; }

    /// <summary>The CUDA stream to enqueue on, where the kernels run on such a device; 0 for the default stream.</summary>
    public nint Stream { get; init; }
}

/// <summary>Addresses of one backward scan, under the rules of <see cref="ScanForward"/>.</summary>
public readonly record struct ScanBackward
{
    /// <summary>Rows of the batch, B.</summary>
    public required long Batch { get; init; }

    /// <summary>Time steps, T.</summary>
    public required long Time { get; init; }

    /// <summary>As in the forward scan.</summary>
    public ScanSequences? Sequences { get; init; }

    /// <summary>Whether the forward scan ran from the last step to the first.</summary>
    public bool Reverse { get; init; }

    /// <summary>[B, T, P·H + Q·N], as in the forward scan.</summary>
    public required nint Preactivations { get; init; }

    /// <summary>As in the forward scan.</summary>
    public nint Parameters { get; init; }

    /// <summary>[B, T, H], as in the forward scan.</summary>
    public nint Input { get; init; }

    /// <summary>[B, S, H], as in the forward scan; zero for the cell's own constants.</summary>
    public nint InitialState { get; init; }

    /// <summary>[B, T, H], as the forward scan wrote it.</summary>
    public required nint Output { get; init; }

    /// <summary>[C, S, H], as the forward scan wrote it, when the shape keeps states.</summary>
    public nint States { get; init; }

    /// <summary>[B, T, H]; zero for no gradient.</summary>
    public nint OutputGradient { get; init; }

    /// <summary>[B, S, H]; zero for no gradient.</summary>
    public nint FinalStateGradient { get; init; }

    /// <summary>[B, T, P·H + Q·N], written.</summary>
    public required nint PreactivationGradient { get; init; }

    /// <summary>Laid out as the parameters, written; zero when there are none.</summary>
    public nint ParameterGradient { get; init; }

    /// <summary>[B, T, H], written, for cells that read the layer's input.</summary>
    public nint InputGradient { get; init; }

    /// <summary>[B, S, H], written.</summary>
    public required nint InitialStateGradient { get; init; }

    /// <summary>The CUDA stream to enqueue on, as in the forward scan.</summary>
    public nint Stream { get; init; }
}
