using System.Runtime.CompilerServices;
using ILGPU;
using MinRnn.Ilgpu.Devices;
using MinRnn.Ilgpu.Kernels;
using MinRnn.Ilgpu.Scans;
using MinRnn.Kernels;

namespace MinRnn.Ilgpu.Cuda;

/// <summary>A layer's kernels on a CUDA device, on memory of the device's primary context. Work is enqueued, not waited for.</summary>
/// <typeparam name="T">An element, as the kernels know it.</typeparam>
/// <typeparam name="TReal">The precision of the arithmetic.</typeparam>
/// <param name="layer">The layer's kernels.</param>
/// <param name="device">The device.</param>
/// <param name="element">The type of the elements.</param>
/// <param name="strategy">The way that every scan takes where its step allows; null to choose.</param>
internal sealed class CudaScanKernels<T, TReal>(LayerKernels<TReal> layer, CudaDevice device, ElementType element, ScanStrategy? strategy = null)
    : ScanKernels(layer.Shape, element)
    where T : unmanaged
    where TReal : unmanaged
{
    /// <summary>Elements that kernels move in one access where all memory is aligned to them.</summary>
    private const int Quad = 4;

    private readonly DeviceScan<ForwardArguments<ArrayView<T>, ArrayView<TReal>>, BackwardArguments<ArrayView<T>, ArrayView<TReal>>>
        aligned = layer.ScanOf<T>(isAligned: true, strategy),
        unaligned = layer.ScanOf<T>(isAligned: false, strategy);

    /// <inheritdoc/>
    public override void Forward(in ScanForward scan)
    {
        RequireOnePadding(scan.Sequences);
        if (scan.Batch == 0)
            return;
        var queue = CudaQueue<TReal>.Of(device, scan.Stream);
        var steps = scan.Sequences?.Rows ?? (scan.Batch * scan.Time);
        var arguments = new ForwardArguments<RawView, RawView>
        {
            Preactivations = View(scan.Preactivations, steps * Shape.PreactivationWidth),
            Parameters = View(scan.Parameters, Shape.ParameterSize),
            Input = View(scan.Input, Shape.HasInput ? steps * Shape.Channels : 0),
            InitialState = View(scan.InitialState, scan.Batch * Shape.States * Shape.Channels),
            Output = View(scan.Output, steps * Shape.Channels),
            States = View(scan.States, Shape.KeptSets(scan.Batch, scan.Time, scan.Sequences) * Shape.States * Shape.Channels),
            FinalState = View(scan.FinalState, scan.Batch * Shape.States * Shape.Channels),
            Window = Window(scan.Batch, scan.Time, scan.Reverse),
            Prefetch = new PrefetchSources { Preactivations = scan.Preactivations, Input = scan.Input, Rounds = Prefetch.Rounds },
        };
        var isAligned = IsAligned(
            scan.Preactivations | scan.Parameters | scan.Input | scan.InitialState | scan.Output | scan.States | scan.FinalState);
        if (scan.Sequences is { IsPadded: true })
            Clear(queue, arguments.Output);
        (isAligned ? aligned : unaligned).Forward(queue, arguments, scan.Sequences);
    }

    /// <inheritdoc/>
    public override void Backward(in ScanBackward scan)
    {
        RequireOnePadding(scan.Sequences);
        var queue = CudaQueue<TReal>.Of(device, scan.Stream);
        var parameterGradient = View(scan.ParameterGradient, Shape.ParameterSize);
        if (scan.Batch == 0)
        {
            queue.Clear(scan.ParameterGradient, parameterGradient.Length * Unsafe.SizeOf<T>());
            return;
        }

        var steps = scan.Sequences?.Rows ?? (scan.Batch * scan.Time);
        var arguments = new BackwardArguments<RawView, RawView>
        {
            Preactivations = View(scan.Preactivations, steps * Shape.PreactivationWidth),
            Parameters = View(scan.Parameters, Shape.ParameterSize),
            Input = View(scan.Input, Shape.HasInput ? steps * Shape.Channels : 0),
            InitialState = View(scan.InitialState, scan.Batch * Shape.States * Shape.Channels),
            Output = View(scan.Output, steps * Shape.Channels),
            States = View(scan.States, Shape.KeptSets(scan.Batch, scan.Time, scan.Sequences) * Shape.States * Shape.Channels),
            OutputGradient = View(scan.OutputGradient == 0 ? scan.Output : scan.OutputGradient, steps * Shape.Channels),
            HasOutputGradient = scan.OutputGradient == 0 ? 0 : 1,
            FinalStateGradient = View(scan.FinalStateGradient, scan.Batch * Shape.States * Shape.Channels),
            PreactivationGradient = View(scan.PreactivationGradient, steps * Shape.PreactivationWidth),
            InputGradient = View(scan.InputGradient, Shape.HasInput ? steps * Shape.Channels : 0),
            InitialStateGradient = View(scan.InitialStateGradient, scan.Batch * Shape.States * Shape.Channels),
            Window = Window(scan.Batch, scan.Time, scan.Reverse),
        };
        arguments.Prefetch = new PrefetchSources
        {
            Preactivations = scan.Preactivations,
            Input = scan.Input,
            Output = scan.Output,
            States = scan.States,
            OutputGradient = (nint)arguments.OutputGradient.Address,
            Rounds = Prefetch.Rounds,
        };
        var isAligned = IsAligned(
            scan.Preactivations | scan.Parameters | scan.Input | scan.InitialState | scan.Output | scan.States | scan.OutputGradient
            | scan.FinalStateGradient | scan.PreactivationGradient | scan.InputGradient | scan.InitialStateGradient);
        if (scan.Sequences is { IsPadded: true })
        {
            Clear(queue, arguments.PreactivationGradient);
            Clear(queue, arguments.InputGradient);
        }

        (isAligned ? aligned : unaligned).Backward(
            queue, arguments, parameterGradient, new WantedGradients(Parameters: parameterGradient.Length != 0, Preactivations: true), scan.Sequences);
    }

    private static void Clear(CudaQueue<TReal> queue, RawView results) => queue.Clear((nint)results.Address, results.Length * Unsafe.SizeOf<T>());

    private static void RequireOnePadding(ScanSequences? sequences)
    {
        if (sequences is not null && sequences.OutputRows != sequences.Rows)
            throw new NotSupportedException("Kernels for CUDA take an output with padding where all other buffers have it too.");
    }

    // An absent buffer is an empty view.
    private static RawView View(nint address, long elements) => address == 0 ? default : new RawView(address, elements);

    private ScanWindow Window(long batch, long time, bool reverse) => new()
    {
        Batch = batch,
        Time = time,
        Direction = reverse ? -1 : 1,
        BiasRows = Shape.HasBias ? Shape.Projections : 0,
        SharedBiases = Shape.HasBias ? Shape.Shared : 0,
    };

    private static bool IsAligned(nint addresses) => addresses % (Quad * Unsafe.SizeOf<T>()) == 0;
}
