namespace MinRnn.Kernels;

/// <summary>
/// The compiled kernels of one layer on one kind of memory: the one way by which modules and inference reach them.
/// Implementations are stateless and may be called from several threads at once.
/// </summary>
/// <param name="shape">The sizes the kernels are specialised on.</param>
/// <param name="element">The type of every buffer's elements.</param>
public abstract class ScanKernels(ScanShape shape, ElementType element)
{
    /// <summary>The sizes the kernels are specialised on.</summary>
    public ScanShape Shape { get; } = shape;

    /// <summary>The type of every buffer's elements.</summary>
    public ElementType Element { get; } = element;

    /// <summary>The precision of the arithmetic.</summary>
    public Precision Precision => Element == ElementType.Double ? Precision.Double : Precision.Single;

    /// <summary>Runs the recurrence over all time steps. Empty batches and times are allowed.</summary>
    public abstract void Forward(in ScanForward scan);

    /// <summary>The same on the calling thread alone, for scans with an initial state that are too small for more; allocates nothing.</summary>
    internal virtual void ForwardHere(in ScanForward scan) => Forward(scan);

    /// <summary>Runs the adjoint of the recurrence, last step first, and reduces the parameters' gradients over batch and time.</summary>
    public abstract void Backward(in ScanBackward scan);
}
