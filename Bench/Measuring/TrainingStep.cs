using TorchSharp;
using static TorchSharp.torch;

namespace MinRnn.Bench.Measuring;

/// <summary>
/// One training step of a module without the loss: forward over an input that wants a gradient, then backward from a given
/// gradient of the output.
/// </summary>
internal sealed class TrainingStep : IDisposable
{
    private readonly nn.Module _module;
    private readonly Func<Tensor, Tensor> _forward;
    private readonly Tensor _input;
    private readonly Tensor _gradient;

    /// <param name="name">What a report calls it.</param>
    /// <param name="module">The owner of the parameters; disposed with the step.</param>
    /// <param name="forward">Input [B, T, D] to output.</param>
    /// <param name="input">Shared by the steps that are compared.</param>
    /// <param name="width">Features of the output.</param>
    public TrainingStep(string name, nn.Module module, Func<Tensor, Tensor> forward, Tensor input, int width)
    {
        (Name, _module, _forward, _input) = (name, module, forward, input);
        _gradient = randn(input.size(0), input.size(1), width).DetachFromDisposeScope();
    }

    public string Name { get; }

    public void Run()
    {
        using var scope = NewDisposeScope();
        var input = _input.detach().requires_grad_();
        _forward(input).backward([_gradient]);
        _module.zero_grad();
    }

    public void Dispose()
    {
        _gradient.Dispose();
        _module.Dispose();
    }
}
