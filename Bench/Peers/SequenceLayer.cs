using TorchSharp;
using static TorchSharp.torch;

namespace MinRnn.Bench.Peers;

/// <summary>
/// What comparisons know of a layer, whoever made it: a name, parameters, and a map of [B, T, D] to [B, T, H] that looks at no later
/// step. States start as the layer starts them.
/// </summary>
internal sealed class SequenceLayer : nn.Module<Tensor, Tensor>
{
    private readonly Func<Tensor, Tensor> _forward;

    /// <param name="name">What tables call it.</param>
    /// <param name="hiddenSize">Features of the output, H.</param>
    /// <param name="module">The owner of the parameters; disposed with the layer.</param>
    /// <param name="forward">The module's map.</param>
    public SequenceLayer(string name, int hiddenSize, nn.Module module, Func<Tensor, Tensor> forward)
        : base(name)
    {
        (HiddenSize, _forward) = (hiddenSize, forward);
        register_module("layer", module);
    }

    public int HiddenSize { get; }

    public override Tensor forward(Tensor input) => _forward(input);
}
