using System.Collections.Concurrent;
using ILGPU;
using MinRnn.Ilgpu.Cuda;
using MinRnn.Ilgpu.Kernels;
using MinRnn.Kernels;
using Half = ILGPU.Half;

namespace MinRnn.Ilgpu.Scans;

/// <summary>The generated kernels of one layer, for every storage of its elements.</summary>
/// <typeparam name="TReal">The precision of the arithmetic.</typeparam>
public abstract class LayerKernels<TReal> : DeviceKernels
    where TReal : unmanaged
{
    private readonly ConcurrentDictionary<(int Device, ElementType Element), ScanKernels> cuda = new();

    private protected LayerKernels(ScanShape shape) => Shape = shape;

    /// <summary>What the kernels are specialised on.</summary>
    public ScanShape Shape { get; }

    /// <inheritdoc/>
    public sealed override ScanKernels OnCuda(int device, ElementType element) => cuda.GetOrAdd(
        (device, element), (key, layer) => layer.On(CudaDevice.Open(key.Device), key.Element), this);

    /// <summary>The kernels on an opened device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="element">The type of every buffer.</param>
    /// <param name="strategy">The way that every scan takes where its step allows; null to choose.</param>
    /// <exception cref="NotSupportedException">The layer has no kernels for the type.</exception>
    internal ScanKernels On(CudaDevice device, ElementType element, ScanStrategy? strategy = null)
    {
        if ((typeof(TReal) == typeof(double)) != (element == ElementType.Double))
        {
            throw new NotSupportedException(typeof(TReal) == typeof(double)
                ? $"A layer with Precision.Double has kernels for elements of double precision; these are {element}."
                : $"A layer with Precision.Single has kernels for elements of single precision, half and bfloat16; these are {element}.");
        }

        return element switch
        {
            ElementType.Double => new CudaScanKernels<double, TReal>(this, device, element, strategy),
            ElementType.Half => new CudaScanKernels<Half, TReal>(this, device, element, strategy),
            ElementType.BFloat16 => new CudaScanKernels<BFloat16, TReal>(this, device, element, strategy),
            _ => new CudaScanKernels<float, TReal>(this, device, element, strategy),
        };
    }

    /// <summary>The kernels for elements of a type.</summary>
    /// <typeparam name="T">The elements.</typeparam>
    /// <typeparam name="TRows">Where the rows lie.</typeparam>
    /// <exception cref="NotSupportedException">The layer has no kernels for the type.</exception>
    internal abstract KernelTable<ForwardArguments<ArrayView<T>, ArrayView<TReal>>, BackwardArguments<ArrayView<T>, ArrayView<TReal>>>
        TableOf<T, TRows>()
        where T : unmanaged
        where TRows : struct, IScanRows;

    /// <summary>How the kernels for elements of a type are run.</summary>
    /// <typeparam name="T">The elements.</typeparam>
    /// <param name="isAligned">Whether every buffer is aligned to four elements.</param>
    /// <param name="strategy">The way that every scan takes where its step allows; null to choose.</param>
    /// <exception cref="NotSupportedException">The layer has no kernels for the type.</exception>
    internal DeviceScan<ForwardArguments<ArrayView<T>, ArrayView<TReal>>, BackwardArguments<ArrayView<T>, ArrayView<TReal>>>
        ScanOf<T>(bool isAligned, ScanStrategy? strategy)
        where T : unmanaged =>
        new(TableOf<T, BatchRows>(), TableOf<T, SequenceRows>(), SumsOf<T>(), Shape, isAligned, strategy);

    /// <summary>The kernels that sum partial sums into elements of a type.</summary>
    internal abstract SumKernels SumsOf<T>()
        where T : unmanaged;
}

/// <summary>The generated kernels of a layer of single precision: its elements may be stored in 4 bytes or in 2.</summary>
/// <param name="shape">What the kernels are specialised on.</param>
public abstract class SingleLayerKernels(ScanShape shape) : LayerKernels<float>(shape)
{
    /// <summary>The kernels for one storage.</summary>
    protected abstract KernelTable<ForwardArguments<ArrayView<T>, ArrayView<float>>, BackwardArguments<ArrayView<T>, ArrayView<float>>>
        Table<T, TStorage, TRows>()
        where T : unmanaged
        where TStorage : struct, IQuadStorage<T>
        where TRows : struct, IScanRows;

    internal override KernelTable<ForwardArguments<ArrayView<T>, ArrayView<float>>, BackwardArguments<ArrayView<T>, ArrayView<float>>>
        TableOf<T, TRows>()
    {
        if (typeof(T) == typeof(float))
            return Of<T, float, SingleStorage, TRows>();
        if (typeof(T) == typeof(Half))
            return Of<T, Half, HalfStorage, TRows>();
        if (typeof(T) == typeof(BFloat16))
            return Of<T, BFloat16, BFloat16Storage, TRows>();
        throw new NotSupportedException($"Elements of type {typeof(T)} have no kernels; wanted float, ILGPU.Half or MinRnn.Ilgpu.BFloat16.");
    }

    internal override SumKernels SumsOf<T>() =>
        typeof(T) == typeof(float) ? Sums<float, SingleStorage>()
        : typeof(T) == typeof(Half) ? Sums<Half, HalfStorage>()
        : Sums<BFloat16, BFloat16Storage>();

    private static SumKernels Sums<T, TStorage>()
        where T : unmanaged
        where TStorage : struct, IStorage<T, float> => new(
            PartialSums.Single<float, SingleStorage>,
            PartialSums.Single<T, TStorage>,
            PartialSums.SingleOfThreads<float, SingleStorage>,
            PartialSums.SingleOfThreads<T, TStorage>);

    private KernelTable<ForwardArguments<ArrayView<T>, ArrayView<float>>, BackwardArguments<ArrayView<T>, ArrayView<float>>>
        Of<T, TElement, TStorage, TRows>()
        where T : unmanaged
        where TElement : unmanaged
        where TStorage : struct, IQuadStorage<TElement>
        where TRows : struct, IScanRows =>
        (KernelTable<ForwardArguments<ArrayView<T>, ArrayView<float>>, BackwardArguments<ArrayView<T>, ArrayView<float>>>)(object)
            Table<TElement, TStorage, TRows>();
}

/// <summary>The generated kernels of a layer of double precision.</summary>
/// <param name="shape">What the kernels are specialised on.</param>
public abstract class DoubleLayerKernels(ScanShape shape) : LayerKernels<double>(shape)
{
    /// <summary>The kernels.</summary>
    protected abstract KernelTable<ForwardArguments<ArrayView<double>, ArrayView<double>>, BackwardArguments<ArrayView<double>, ArrayView<double>>>
        Table<TRows>()
        where TRows : struct, IScanRows;

    internal override KernelTable<ForwardArguments<ArrayView<T>, ArrayView<double>>, BackwardArguments<ArrayView<T>, ArrayView<double>>>
        TableOf<T, TRows>() => typeof(T) == typeof(double)
        ? (KernelTable<ForwardArguments<ArrayView<T>, ArrayView<double>>, BackwardArguments<ArrayView<T>, ArrayView<double>>>)(object)Table<TRows>()
        : throw new NotSupportedException($"Elements of type {typeof(T)} have no kernels; a layer with Precision.Double has them for double.");

    internal override SumKernels SumsOf<T>() => new(
        PartialSums.Double, PartialSums.Double, PartialSums.DoubleOfThreads, PartialSums.DoubleOfThreads);
}
