namespace MinRnn.Kernels;

/// <summary>
/// The generated CPU kernels of a layer whose cell has vector states. They run a block of channels of one row of the batch over
/// a span of time.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public interface IVectorStateKernels<T>
    where T : unmanaged
{
    /// <summary>The sizes the kernels are specialised on.</summary>
    static abstract ScanShape Shape { get; }

    /// <summary>Rows of <see cref="VectorStateBlock{T}.Prepared"/>.</summary>
    static abstract int PreparedRows { get; }

    /// <summary>Vectors of a step in <see cref="VectorStateBlock{T}.Rows"/>, forward.</summary>
    static abstract int ForwardVectors { get; }

    /// <summary>
    /// Vectors of a step in <see cref="VectorStateBlock{T}.Rows"/>, backward. The last of them, Q·N, are the sums over channels of the gradients
    /// of the shared pre-activations.
    /// </summary>
    static abstract int BackwardVectors { get; }

    /// <summary>Computes <see cref="VectorStateBlock{T}.Prepared"/>, which the other kernels read.</summary>
    static abstract void Prepare<TLanes>(in VectorStateBlock<T> block)
        where TLanes : struct, ILaneAccess<T>;

    /// <summary>The steps of the span, taking and leaving the states in <see cref="VectorStateBlock{T}.State"/>.</summary>
    static abstract void Forward<TLanes>(in VectorStateBlock<T> block)
        where TLanes : struct, ILaneAccess<T>;

    /// <summary>
    /// The adjoint of the same steps, from the states before them in <see cref="VectorStateBlock{T}.State"/>, taking and leaving the
    /// states' adjoints in <see cref="VectorStateBlock{T}.StateGradient"/> and adding to
    /// <see cref="VectorStateBlock{T}.ParameterGradient"/> and to the sums in <see cref="VectorStateBlock{T}.Rows"/>.
    /// </summary>
    static abstract void Backward<TLanes>(in VectorStateBlock<T> block)
        where TLanes : struct, ILaneAccess<T>;
}
