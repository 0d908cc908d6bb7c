using System.Collections.Concurrent;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;
using MinRnn.Ilgpu.Devices;
using MinRnn.Ilgpu.Kernels;
using MinRnn.Ilgpu.Scans;
using MinRnn.Kernels;

namespace MinRnn.Ilgpu;

/// <summary>
/// What the generated <c>Gpu</c> class of a layer stands on: its kernels on an accelerator, and the memory that they share. It may
/// be used from several threads.
/// </summary>
/// <typeparam name="TReal">The precision of the arithmetic, <see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class AcceleratorScan<TReal> : IDisposable
    where TReal : unmanaged
{
    private readonly Lock gate = new();
    private readonly Dictionary<AcceleratorStream, AcceleratorQueue<TReal>> queues = [];
    private readonly ConcurrentDictionary<(Type Element, bool IsAligned, ScanStrategy? Strategy), object> scans = new();
    private readonly Accelerator accelerator;
    private readonly LayerKernels<TReal> kernels;
    private bool isDisposed;

    /// <summary>Makes the launcher of one layer.</summary>
    /// <param name="accelerator">The accelerator, which must outlive this.</param>
    /// <param name="kernels">The layer's kernels.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public AcceleratorScan(Accelerator accelerator, LayerKernels<TReal> kernels)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        ArgumentNullException.ThrowIfNull(kernels);
        this.accelerator = accelerator;
        this.kernels = kernels;
    }

    /// <summary>The way that every scan takes, whatever its shape, where its step allows; null to choose. For tests and comparisons.</summary>
    public ScanStrategy? Strategy { get; set; }

    /// <summary>Begins a call: checks what its views do not depend on.</summary>
    /// <exception cref="ObjectDisposedException">The layer's <c>Gpu</c> is disposed of.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="stream"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="stream"/> is another accelerator's, or a size is negative.</exception>
    public ScanSizes Enter(AcceleratorStream stream, long batch, long time)
    {
        Check(stream);
        ArgumentOutOfRangeException.ThrowIfNegative(batch);
        ArgumentOutOfRangeException.ThrowIfNegative(time);
        return new ScanSizes(batch, time) { KeptSets = kernels.Shape.KeptSets(batch, time), Accelerator = accelerator };
    }

    /// <summary>The same for a call on sequences.</summary>
    /// <exception cref="ObjectDisposedException">The layer's <c>Gpu</c> is disposed of.</exception>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="stream"/> is another accelerator's.</exception>
    public ScanSizes Enter(AcceleratorStream stream, ScanSequences sequences)
    {
        Check(stream);
        ArgumentNullException.ThrowIfNull(sequences);
        return new ScanSizes(sequences.Count, sequences.Rows, sequences) { KeptSets = KeptSets(sequences), Accelerator = accelerator };
    }

    /// <summary>Sets of states that are kept for backward, of all rows of a batch.</summary>
    public long KeptSets(long batch, long time) => kernels.Shape.KeptSets(batch, time);

    /// <summary>The same of sequences.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="sequences"/> is null.</exception>
    public long KeptSets(ScanSequences sequences)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        return kernels.Shape.KeptSets(sequences.Count, sequences.Rows, sequences);
    }

    /// <summary>Enqueues the recurrence over all time steps.</summary>
    /// <param name="stream">A stream of the accelerator.</param>
    /// <param name="arguments">The checked views, and the sizes.</param>
    /// <param name="weights">The cell's weights, [H] each, or [N, H].</param>
    /// <param name="sequences">The sequences that the rows are; null for those of the batch.</param>
    /// <exception cref="NotSupportedException">The layer has no kernels for elements of the type, or the device cannot round to them.</exception>
    public void Forward<T>(
        AcceleratorStream stream, ForwardArguments<ArrayView<T>, ArrayView<TReal>> arguments, ReadOnlySpan<ArrayView<T>> weights,
        ScanSequences? sequences = null)
        where T : unmanaged
    {
        var isAligned = Quads.AreAligned([
            arguments.Preactivations, arguments.Input, arguments.InitialState, arguments.Output, arguments.States, arguments.FinalState,
            .. weights,
        ]);
        var scan = Scan<T>(isAligned);
        var queue = QueueOf(stream);
        lock (queue.Gate)
        {
            arguments.Parameters = Pack(queue, stream, weights);
            if (sequences is { IsPadded: true })
                Clear(stream, arguments.Output, arguments.States);
            scan.Forward(queue, arguments, sequences);
        }
    }

    /// <summary>Enqueues the adjoint of the recurrence.</summary>
    /// <param name="stream">A stream of the accelerator.</param>
    /// <param name="arguments">The checked views, and the sizes.</param>
    /// <param name="weights">The cell's weights, [H] each, or [N, H].</param>
    /// <param name="gradients">Their gradients, written; those that are empty are not wanted.</param>
    /// <param name="sequences">As in the forward scan.</param>
    /// <exception cref="NotSupportedException">The layer has no kernels for elements of the type, or the device cannot round to them.</exception>
    public void Backward<T>(
        AcceleratorStream stream,
        BackwardArguments<ArrayView<T>, ArrayView<TReal>> arguments,
        ReadOnlySpan<ArrayView<T>> weights,
        ReadOnlySpan<ArrayView<T>> gradients,
        ScanSequences? sequences = null)
        where T : unmanaged
    {
        arguments.HasOutputGradient = arguments.OutputGradient.Length != 0 ? 1 : 0;
        if (arguments.HasOutputGradient == 0)
            arguments.OutputGradient = arguments.Output;
        var isAligned = Quads.AreAligned([
            arguments.Preactivations, arguments.Input, arguments.InitialState, arguments.Output, arguments.States, arguments.OutputGradient,
            arguments.FinalStateGradient, arguments.PreactivationGradient, arguments.InputGradient, arguments.InitialStateGradient,
            .. weights,
        ]);
        var scan = Scan<T>(isAligned);
        var isWanted = false;
        foreach (var gradient in gradients)
            isWanted |= gradient.Length != 0;

        var queue = QueueOf(stream);
        lock (queue.Gate)
        {
            arguments.Parameters = Pack(queue, stream, weights);
            var packed = gradients.Length == 1 ? gradients[0] : Packed<T>(queue, WorkspaceUse.ParameterGradients, isWanted ? Elements(weights) : 0);
            if (sequences is { IsPadded: true })
                Clear(stream, arguments.PreactivationGradient, arguments.InputGradient);
            scan.Backward(queue, arguments, packed, new WantedGradients(isWanted, arguments.PreactivationGradient.Length != 0), sequences);
            long at = 0;
            for (var i = 0; gradients.Length > 1 && i < gradients.Length; at += weights[i].Length, i++)
            {
                if (gradients[i].Length != 0)
                    packed.SubView(at, weights[i].Length).CopyTo(stream, gradients[i]);
            }
        }
    }

    /// <summary>Compiles the kernels that batches of such elements may need on the accelerator.</summary>
    /// <exception cref="ObjectDisposedException">The layer's <c>Gpu</c> is disposed of.</exception>
    /// <exception cref="NotSupportedException">The layer has no kernels for elements of the type, or the device cannot round to them.</exception>
    public void Warmup<T>()
        where T : unmanaged
    {
        RequireUndisposed();
        RequireElements<T>();
        var table = kernels.TableOf<T, BatchRows>();
        var traits = AcceleratorQueue<TReal>.TraitsOf(accelerator);
        var hasGroups = traits.MaxGroupSize >= Tiles.GroupSize;
        var split = hasGroups ? table.TimeParallel : null;
        var chains = traits.HasChaining && split?.Tiled?.ForwardChained is not null;
        Compile<ForwardArguments<ArrayView<T>, ArrayView<TReal>>>(
            table.Forward,
            table.Wide?.ForwardWide,
            chains ? split?.Tiled?.ForwardChained : split?.Tiled?.ForwardTiled,
            chains ? null : split?.SummarizeForward,
            chains ? null : split?.CarryForward);
        Compile<BackwardArguments<ArrayView<T>, ArrayView<TReal>>>(
            table.Backward,
            table.Wide?.BackwardWide,
            chains ? split?.Tiled?.BackwardChained : split?.Tiled?.BackwardTiled,
            chains ? null : split?.SummarizeBackward,
            chains ? null : split?.CarryBackward);
        var (spans, last, spansOfThreads, lastOfThreads) = kernels.SumsOf<T>();
        Compile<SumArguments<ArrayView<TReal>, ArrayView<TReal>>>(hasGroups ? spans : null, spansOfThreads);
        Compile<SumArguments<ArrayView<T>, ArrayView<TReal>>>(hasGroups ? last : null, lastOfThreads);
    }

    /// <summary>Releases the shared memory. Work that uses it must have ended.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            isDisposed = true;
            foreach (var queue in queues.Values)
                queue.Dispose();
            queues.Clear();
        }
    }

    private void Check(AcceleratorStream stream)
    {
        RequireUndisposed();
        ArgumentNullException.ThrowIfNull(stream);
        if (stream.Accelerator != accelerator)
            throw new ArgumentException($"'stream' belongs to {stream.Accelerator}; wanted one of {accelerator}.", nameof(stream));
    }

    private void RequireUndisposed()
    {
        if (isDisposed)
            throw new ObjectDisposedException("Gpu", "The layer's Gpu is disposed of: it runs no more kernels.");
    }

    private DeviceScan<ForwardArguments<ArrayView<T>, ArrayView<TReal>>, BackwardArguments<ArrayView<T>, ArrayView<TReal>>> Scan<T>(bool isAligned)
        where T : unmanaged
    {
        RequireElements<T>();
        return (DeviceScan<ForwardArguments<ArrayView<T>, ArrayView<TReal>>, BackwardArguments<ArrayView<T>, ArrayView<TReal>>>)scans.GetOrAdd(
            (typeof(T), isAligned, Strategy),
            (key, layer) => layer.ScanOf<T>(key.IsAligned, key.Strategy),
            kernels);
    }

    /// <summary>A kernel for bfloat16 rounds by an instruction that a CUDA device has from compute capability 8.0 on; half and double are options of OpenCL.</summary>
    private void RequireElements<T>()
    {
        if (accelerator is CLAccelerator { Capabilities: var capabilities })
        {
            if (typeof(T) == typeof(ILGPU.Half) && !capabilities.Float16)
                throw new NotSupportedException($"{accelerator.Name} has no half precision (cl_khr_fp16): take float or BFloat16.");
            if (typeof(TReal) == typeof(double) && !capabilities.Float64)
                throw new NotSupportedException($"{accelerator.Name} has no double precision (cl_khr_fp64): declare the layer with Precision.Single.");
        }

        if (typeof(T) == typeof(BFloat16) && accelerator is CudaAccelerator { Architecture: { Major: < 8 } architecture })
        {
            throw new NotSupportedException(
                $"{accelerator.Name} has compute capability {architecture.Major}.{architecture.Minor}; elements of bfloat16 need 8.0 or later: take float or ILGPU.Half.");
        }
    }

    private AcceleratorQueue<TReal> QueueOf(AcceleratorStream stream)
    {
        lock (gate)
        {
            if (!queues.TryGetValue(stream, out var queue))
            {
                foreach (var (ended, left) in queues.Where(entry => entry.Key.IsDisposed).ToList())
                {
                    queues.Remove(ended);
                    left.Dispose();
                }

                queues[stream] = queue = new AcceleratorQueue<TReal>(stream);
            }

            return queue;
        }
    }

    private static void Clear<T>(AcceleratorStream stream, params ReadOnlySpan<ArrayView<T>> views)
        where T : unmanaged
    {
        foreach (var view in views)
        {
            if (view.Length != 0)
                view.MemSetToZero(stream);
        }
    }

    private static long Elements<T>(ReadOnlySpan<ArrayView<T>> views)
        where T : unmanaged
    {
        long elements = 0;
        foreach (var view in views)
            elements += view.Length;
        return elements;
    }

    /// <summary>The weights as one matrix [K, H], as kernels read them.</summary>
    private ArrayView<T> Pack<T>(AcceleratorQueue<TReal> queue, AcceleratorStream stream, ReadOnlySpan<ArrayView<T>> weights)
        where T : unmanaged
    {
        if (weights.Length <= 1)
            return weights.Length == 0 ? default : weights[0];
        var packed = Packed<T>(queue, WorkspaceUse.Parameters, Elements(weights));
        long at = 0;
        foreach (var weight in weights)
        {
            weight.CopyTo(stream, packed.SubView(at, weight.Length));
            at += weight.Length;
        }

        return packed;
    }

    private static ArrayView<T> Packed<T>(AcceleratorQueue<TReal> queue, WorkspaceUse use, long elements)
        where T : unmanaged
    {
        // Elements are no larger than the numbers of the arithmetic.
        return elements == 0 ? default : queue.Workspace(use, elements).Cast<T>().SubView(0, elements);
    }

    private void Compile<TArguments>(params ReadOnlySpan<Delegate?> methods)
        where TArguments : struct
    {
        foreach (var method in methods)
        {
            if (method is not null)
                KernelCache.Of(accelerator).Get<Action<AcceleratorStream, KernelConfig, TArguments>>(accelerator, method.Method);
        }
    }
}
