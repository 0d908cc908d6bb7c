namespace MinRnn.Kernels;

/// <summary>
/// The compiled kernels of one layer on one kind of memory: the one way by which modules and inference reach them.
/// Implementations are stateless and may be called from several threads at once.
/// </summary>
/// <param name="shape">The sizes the kernels are specialised on.</param>
/// <param name="precision">The floating-point type of every buffer.</param>
public abstract class ScanKernels(ScanShape shape, Precision precision)
{
    /// <summary>The sizes the kernels are specialised on.</summary>
    public ScanShape Shape { get; } = shape;

    /// <summary>The floating-point type of every buffer.</summary>
    public Precision Precision { get; } = precision;

    /// <summary>Runs the recurrence over all time steps. Empty batches and times are allowed.</summary>
    public abstract void Forward(in ScanForward scan);

    /// <summary>Runs the adjoint of the recurrence, last step first, and reduces the parameters' gradients over batch and time.</summary>
    public abstract void Backward(in ScanBackward scan);
}
