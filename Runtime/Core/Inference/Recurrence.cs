using System.Numerics;
using MinRnn.Inference.Matrices;
using MinRnn.Kernels;
using MinRnn.Safetensors;

namespace MinRnn.Inference;

/// <summary>One direction of a recurrent layer with its parameters.</summary>
internal sealed unsafe class Recurrence<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly ScanKernels kernels;
    private readonly NativeBuffer<T> parameters;
    private readonly StateStart<T> start;
    private readonly bool isReversed;

    private Recurrence(LayerDescription layer, ParameterSource<T> source, string prefix, bool isReversed)
    {
        var suffix = isReversed && layer.Direction == Direction.Bidirectional ? WantedParameters.ReverseSuffix : "";
        kernels = layer.Kernels;
        this.isReversed = isReversed;
        start = new StateStart<T>(Shape);
        Map = source.Map(layer, prefix, suffix);
        parameters = new NativeBuffer<T>(Shape.ParameterSize);
        var place = parameters.Start;
        if (Shape.HasBias)
            place += source.Read($"{prefix}bias{suffix}", place);
        foreach (var weight in layer.Weights)
            place += source.Read($"{prefix}{weight.Name}{suffix}", place);
    }

    /// <summary>The linear map of the layer's input to pre-activations.</summary>
    public LinearMap<T> Map { get; }

    /// <summary>Elements of a state, S·H.</summary>
    public int StateSize => Shape.States * Shape.Channels;

    private ScanShape Shape => kernels.Shape;

    /// <summary>The directions of a layer, forward first.</summary>
    public static Recurrence<T>[] Load(LayerDescription layer, ParameterSource<T> source, string prefix = "") => layer.Direction switch
    {
        Direction.Forward => [new Recurrence<T>(layer, source, prefix, isReversed: false)],
        Direction.Reverse => [new Recurrence<T>(layer, source, prefix, isReversed: true)],
        _ => [new Recurrence<T>(layer, source, prefix, isReversed: false), new Recurrence<T>(layer, source, prefix, isReversed: true)],
    };

    /// <summary>Runs time steps of one sequence on the calling thread.</summary>
    /// <param name="preactivations">[T, P·H + Q·N].</param>
    /// <param name="input">[T, H], for cells that read the layer's input.</param>
    /// <param name="state">[S, H], as the caller holds it; replaced.</param>
    /// <param name="output">[T, H], written.</param>
    /// <param name="time">Steps, T.</param>
    public void Scan(T* preactivations, T* input, T* state, T* output, int time)
    {
        start.Toggle(state);
        kernels.ForwardHere(new ScanForward
        {
            Batch = 1,
            Time = time,
            Reverse = isReversed,
            Preactivations = (nint)preactivations,
            Parameters = Shape.ParameterSize == 0 ? 0 : (nint)parameters.Start,
            Input = Shape.HasInput ? (nint)input : 0,
            InitialState = (nint)state,
            Output = (nint)output,
            FinalState = (nint)state,
        });
        start.Toggle(state);
        GC.KeepAlive(this);
    }
}
