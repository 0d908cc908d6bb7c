namespace MinRnn.Kernels;

/// <summary>
/// The generated CPU kernels of a layer whose steps are affine in their states, so that spans of time can be summed up apart
/// and composed: <c>after = transition · before + offset</c>.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public interface ITimeParallelKernels<T> : IScanKernels<T>
    where T : unmanaged
{
    /// <summary>
    /// Sums up the steps from <see cref="ScanBlock{T}.FirstStep"/> up to <see cref="ScanBlock{T}.EndStep"/> in
    /// <see cref="ScanBlock{T}.Transition"/> and <see cref="ScanBlock{T}.Offset"/>, last step first, and stops at the step
    /// before which nothing is remembered.
    /// </summary>
    static abstract void Summarize<TLanes>(in ScanBlock<T> block)
        where TLanes : struct, ILaneAccess<T>;

    /// <summary>The same of the adjoint of the steps, which maps gradients of the states after them to those before, first step first.</summary>
    static abstract void SummarizeBackward<TLanes>(in ScanBlock<T> block)
        where TLanes : struct, ILaneAccess<T>;
}
