using MinRnn.Torch.Rows;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MinRnn.Torch;

/// <summary>
/// Root-mean-square normalisation over the last dimension: <c>x / √(mean(x²) + ε) · weight</c>. Parameter: <c>weight</c> [W].
/// </summary>
public sealed class RmsNorm : nn.Module<Tensor, Tensor>
{
    private readonly double _epsilon;

    /// <summary>Creates the norm with weights of one, on the CPU.</summary>
    /// <param name="width">Features, W.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <param name="dtype">The type of the weights; 32-bit when null.</param>
    public RmsNorm(int width, double epsilon = 1e-6, ScalarType? dtype = null)
        : base(nameof(RmsNorm))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        _epsilon = epsilon;
        var weight = new Parameter(ones(width, dtype: dtype ?? ScalarType.Float32, device: CPU));
        weight.DetachFromDisposeScope();
        register_parameter("weight", weight);
    }

    /// <summary>Normalises [..., W].</summary>
    /// <exception cref="ArgumentException">The tensor is disposed, or of the wrong size or type.</exception>
    public override Tensor forward(Tensor input)
    {
        var weight = get_parameter("weight")!;
        TensorCheck.RequireLast(input, nameof(input), weight.dtype, weight.size(0));
        if (input.device_type == DeviceType.CPU && weight.dtype is (ScalarType.Float32 or ScalarType.Float64))
            return RmsNormFunction.Apply(input, weight, _epsilon);

        using var scope = NewDisposeScope();
        var scale = input.square().mean([-1], keepdim: true).add_(_epsilon).rsqrt_();
        return (input * scale * weight).MoveToOuterDisposeScope();
    }
}
