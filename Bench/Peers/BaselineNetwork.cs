using MinRnn.Torch;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MinRnn.Bench.Peers;

/// <summary>A sequence model's network with another layer in its blocks: embedding, blocks of norm, layer, projection and residual, norm, head.</summary>
internal sealed class BaselineNetwork : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "embedding")]
    private readonly Embedding _embedding;

    [ComponentName(Name = "blocks")]
    private readonly ModuleList<Block> _blocks;

    [ComponentName(Name = "norm")]
    private readonly RmsNorm _norm;

    [ComponentName(Name = "head")]
    private readonly Linear _head;

    /// <param name="vocabulary">Tokens, V.</param>
    /// <param name="width">Features between blocks.</param>
    /// <param name="hiddenSize">Features of a layer.</param>
    /// <param name="layers">Blocks.</param>
    /// <param name="create">Makes a layer of an input size and a hidden size.</param>
    public BaselineNetwork(int vocabulary, int width, int hiddenSize, int layers, Func<int, int, SequenceLayer> create)
        : base(nameof(BaselineNetwork))
    {
        _embedding = nn.Embedding(vocabulary, width);
        _blocks = new ModuleList<Block>([.. Enumerable.Range(0, layers).Select(_ => new Block(width, create(width, hiddenSize)))]);
        (_norm, _head) = (new RmsNorm(width), nn.Linear(width, vocabulary));
        RegisterComponents();
    }

    /// <summary>Tokens [B, T] to logits [B, T, V].</summary>
    public override Tensor forward(Tensor ids)
    {
        using var scope = NewDisposeScope();
        var features = _embedding.call(ids);
        foreach (var block in _blocks)
            features = block.call(features);
        return _head.call(_norm.call(features)).MoveToOuterDisposeScope();
    }

    private sealed class Block : nn.Module<Tensor, Tensor>
    {
        [ComponentName(Name = "norm")]
        private readonly RmsNorm _norm;

        [ComponentName(Name = "layer")]
        private readonly SequenceLayer _layer;

        [ComponentName(Name = "projection")]
        private readonly Linear _projection;

        public Block(int width, SequenceLayer layer)
            : base(nameof(Block))
        {
            (_norm, _layer, _projection) = (new RmsNorm(width), layer, nn.Linear(layer.HiddenSize, width));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return (input + _projection.call(_layer.call(_norm.call(input)))).MoveToOuterDisposeScope();
        }
    }
}
