using MinRnn.Bench.Peers;
using TorchSharp;
using static TorchSharp.torch;

namespace MinRnn.Bench.Measuring;

/// <summary>
/// One training step of a module without the loss: forward over an input that wants a gradient, then backward from a given
/// gradient of the output.
/// </summary>
internal sealed class TrainingStep : IDisposable
{
    private readonly SequenceLayer _layer;
    private readonly Tensor _input;
    private readonly Tensor _gradient;

    /// <param name="layer">Disposed with the step.</param>
    /// <param name="input">Shared by the steps that are compared.</param>
    public TrainingStep(SequenceLayer layer, Tensor input)
    {
        (_layer, _input) = (layer, input);
        _gradient = randn(input.size(0), input.size(1), layer.HiddenSize).DetachFromDisposeScope();
    }

    /// <summary>What a report calls it.</summary>
    public string Name => _layer.GetName();

    public void Run()
    {
        using var scope = NewDisposeScope();
        var input = _input.detach().requires_grad_();
        _layer.call(input).backward([_gradient]);
        _layer.zero_grad();
    }

    public void Dispose()
    {
        _gradient.Dispose();
        _layer.Dispose();
    }
}
