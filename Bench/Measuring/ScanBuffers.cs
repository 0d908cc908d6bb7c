using System.Runtime.InteropServices;
using MinRnn.Kernels;

namespace MinRnn.Bench.Measuring;

/// <summary>A layer's kernels with native buffers of one shape, as its module would hand them over.</summary>
internal sealed unsafe class ScanBuffers : IDisposable
{
    private readonly List<nint> _owned = [];
    private readonly ScanKernels _kernels;
    private readonly ScanForward _forward;
    private readonly ScanBackward _backward;

    public ScanBuffers(LayerDescription layer, long batch, long time)
    {
        _kernels = layer.Kernels;
        var shape = _kernels.Shape;
        var (rows, width) = (batch * time, shape.PreactivationWidth);
        var random = new Random(1);
        var state = batch * shape.States * shape.Channels;
        _forward = new ScanForward
        {
            Batch = batch,
            Time = time,
            Preactivations = Allocate(rows * width, random),
            Parameters = Allocate(shape.ParameterSize, random),
            Input = shape.HasInput ? Allocate(rows * shape.Channels, random) : 0,
            Output = Allocate(rows * shape.Channels),
            States = shape.KeepsStates ? Allocate(shape.KeptSets(batch, time) * shape.States * shape.Channels) : 0,
            FinalState = Allocate(state),
        };
        _backward = new ScanBackward
        {
            Batch = batch,
            Time = time,
            Preactivations = _forward.Preactivations,
            Parameters = _forward.Parameters,
            Input = _forward.Input,
            Output = _forward.Output,
            States = _forward.States,
            OutputGradient = Allocate(rows * shape.Channels, random),
            PreactivationGradient = Allocate(rows * width),
            InputGradient = shape.HasInput ? Allocate(rows * shape.Channels) : 0,
            ParameterGradient = Allocate(shape.ParameterSize),
            InitialStateGradient = Allocate(state),
        };
        Forward();
    }

    public void Forward() => _kernels.Forward(_forward);

    public void Backward() => _kernels.Backward(_backward);

    public void Both()
    {
        Forward();
        Backward();
    }

    public void Dispose()
    {
        foreach (var address in _owned)
            NativeMemory.AlignedFree((void*)address);
        _owned.Clear();
    }

    private nint Allocate(long elements, Random? random = null)
    {
        var address = NativeMemory.AlignedAlloc((nuint)elements * sizeof(float), 64);
        _owned.Add((nint)address);
        var values = new Span<float>(address, checked((int)elements));
        values.Clear();
        for (var i = 0; random is not null && i < values.Length; i++)
            values[i] = (4 * random.NextSingle()) - 2;
        return (nint)address;
    }
}
