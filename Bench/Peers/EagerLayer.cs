using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MinRnn.Bench.Peers;

/// <summary>A linear map and a recurrence over its results, both of libtorch's operations.</summary>
internal sealed class EagerLayer : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "linear")]
    private readonly Linear _linear;

    private readonly Func<Tensor, Tensor> _recurrence;

    /// <param name="inputSize">Features of a time step, D.</param>
    /// <param name="hiddenSize">Channels, H.</param>
    /// <param name="projections">Projections that the recurrence takes, P.</param>
    /// <param name="recurrence">Pre-activations [B, T, P·H] to output [B, T, H].</param>
    public EagerLayer(int inputSize, int hiddenSize, int projections, Func<Tensor, Tensor> recurrence)
        : base(nameof(EagerLayer))
    {
        (_linear, _recurrence) = (nn.Linear(inputSize, projections * hiddenSize), recurrence);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var preactivations = _linear.call(input);
        return _recurrence(preactivations);
    }
}
