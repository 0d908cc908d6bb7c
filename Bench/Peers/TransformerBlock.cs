using MinRnn.Torch;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MinRnn.Bench.Peers;

/// <summary>
/// A causal Transformer block, norms first: attention with rotary positions (arXiv 2104.09864) and an MLP of four times the width, each
/// around a residual connection. An input of another size is mapped to the width first.
/// </summary>
internal sealed class TransformerBlock : nn.Module<Tensor, Tensor>
{
    private const int MlpRatio = 4;
    private const double LongestWave = 10_000;

    [ComponentName(Name = "entry")]
    private readonly Linear? _entry;

    [ComponentName(Name = "attention_norm")]
    private readonly RmsNorm _attentionNorm;

    [ComponentName(Name = "attention")]
    private readonly Linear _attention;

    [ComponentName(Name = "attention_out")]
    private readonly Linear _attentionOut;

    [ComponentName(Name = "mlp_norm")]
    private readonly RmsNorm _mlpNorm;

    [ComponentName(Name = "up")]
    private readonly Linear _up;

    [ComponentName(Name = "down")]
    private readonly Linear _down;

    private readonly int _heads;
    private readonly int _headSize;

    /// <param name="inputSize">Features of a time step, D.</param>
    /// <param name="width">Features of the block, H.</param>
    /// <param name="heads">Heads of the attention; they share the width in even parts.</param>
    public TransformerBlock(int inputSize, int width, int heads)
        : base(nameof(TransformerBlock))
    {
        if (width % (2 * heads) != 0)
            throw new ArgumentException($"{heads} heads with rotary positions want a width divisible by {2 * heads}, not {width}.", nameof(width));
        (_heads, _headSize) = (heads, width / heads);
        _entry = inputSize == width ? null : nn.Linear(inputSize, width);
        (_attentionNorm, _mlpNorm) = (new RmsNorm(width), new RmsNorm(width));
        (_attention, _attentionOut) = (nn.Linear(width, 3 * width), nn.Linear(width, width));
        (_up, _down) = (nn.Linear(width, MlpRatio * width), nn.Linear(MlpRatio * width, width));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var features = _entry is null ? input : _entry.call(input);
        features = features + _attentionOut.call(Attend(_attention.call(_attentionNorm.call(features))));
        var hidden = nn.functional.gelu(_up.call(_mlpNorm.call(features)));
        return (features + _down.call(hidden)).MoveToOuterDisposeScope();
    }

    /// <summary>Queries, keys and values [B, T, 3H] to [B, T, H].</summary>
    private Tensor Attend(Tensor projected)
    {
        var (batch, time) = (projected.size(0), projected.size(1));

        // [3, B, heads, T, head size].
        var parts = projected.view(batch, time, 3, _heads, _headSize).permute(2, 0, 3, 1, 4);
        var (cosine, sine) = Waves(time);
        var attended = nn.functional.scaled_dot_product_attention(
            Turn(parts[0], cosine, sine), Turn(parts[1], cosine, sine), parts[2], is_casual: true);
        return attended.transpose(1, 2).reshape(batch, time, _heads * _headSize);
    }

    /// <summary>Cosines and sines of each position and pair of features, [T, head size / 2].</summary>
    private (Tensor Cosine, Tensor Sine) Waves(long time)
    {
        var rates = (arange(0, _headSize, 2, dtype: float32) * (-Math.Log(LongestWave) / _headSize)).exp();
        var angles = outer(arange(time, dtype: float32), rates);
        return (angles.cos(), angles.sin());
    }

    private static Tensor Turn(Tensor features, Tensor cosine, Tensor sine)
    {
        var halves = features.chunk(2, -1);
        return cat([(halves[0] * cosine) - (halves[1] * sine), (halves[0] * sine) + (halves[1] * cosine)], -1);
    }
}
