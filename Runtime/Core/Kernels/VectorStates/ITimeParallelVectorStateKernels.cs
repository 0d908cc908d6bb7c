namespace MinRnn.Kernels;

/// <summary>
/// The generated CPU kernels of a layer with vector states whose steps are affine in them, element by element, so that spans of time can be
/// summed up apart and composed: <c>after = transition · before + offset</c>.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public interface ITimeParallelVectorStateKernels<T> : IVectorStateKernels<T>
    where T : unmanaged
{
    /// <summary>Vectors of a step in <see cref="VectorStateBlock{T}.Rows"/>, of a summary.</summary>
    static abstract int SummaryVectors { get; }

    /// <summary>
    /// Takes the steps of the span, last first, into what lies behind it, <see cref="VectorStateBlock{T}.Transition"/> and
    /// <see cref="VectorStateBlock{T}.Offset"/>. False where nothing before the span is remembered.
    /// </summary>
    static abstract bool Summarize<TLanes>(in VectorStateBlock<T> block)
        where TLanes : struct, ILaneAccess<T>;

    /// <summary>The same of the adjoint of the steps, which maps gradients of the states after them to those before, first step first.</summary>
    static abstract bool SummarizeBackward<TLanes>(in VectorStateBlock<T> block)
        where TLanes : struct, ILaneAccess<T>;
}
