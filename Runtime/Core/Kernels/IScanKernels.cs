namespace MinRnn.Kernels;

/// <summary>The generated CPU kernels of one layer. They run a block of channels of one row of the batch over a span of time.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public interface IScanKernels<T>
    where T : unmanaged
{
    /// <summary>The sizes the kernels are specialised on.</summary>
    static abstract ScanShape Shape { get; }

    /// <summary>
    /// Steps from <see cref="ScanBlock{T}.FirstStep"/> up to <see cref="ScanBlock{T}.EndStep"/>, taking and leaving the states in
    /// <see cref="ScanBlock{T}.State"/>.
    /// </summary>
    static abstract void Forward<TLanes>(in ScanBlock<T> block)
        where TLanes : struct, ILaneAccess<T>;

    /// <summary>
    /// The adjoint of the same steps, last first, taking and leaving the states' adjoints in
    /// <see cref="ScanBlock{T}.StateGradient"/> and adding to <see cref="ScanBlock{T}.ParameterGradient"/>.
    /// </summary>
    static abstract void Backward<TLanes>(in ScanBlock<T> block)
        where TLanes : struct, ILaneAccess<T>;
}
