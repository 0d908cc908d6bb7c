using MinRnn.Kernels;
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
    public RmsNorm(int width, double epsilon = SequenceDescription.NormEpsilon, ScalarType? dtype = null)
        : base(nameof(RmsNorm))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        _epsilon = epsilon;
        var weight = new Parameter(ones(width, dtype: dtype ?? ScalarType.Float32, device: CPU));
        weight.DetachFromDisposeScope();
        register_parameter("weight", weight);
    }

    /// <summary>Normalises [..., W]. Elements of 16 bits are normalised in 32.</summary>
    /// <exception cref="ArgumentException">The tensor is disposed, of the wrong size or type, or on another device than the weights.</exception>
    public override Tensor forward(Tensor input)
    {
        var weight = get_parameter("weight")!;
        TensorCheck.RequireLast(input, nameof(input), weight.dtype, weight.size(0));
        TensorCheck.RequireBeside(input, nameof(input), weight, nameof(RmsNorm));
        return input.device_type == DeviceType.CPU && weight.dtype is (ScalarType.Float32 or ScalarType.Float64)
            ? RmsNormFunction.Apply(input, weight, _epsilon)
            : ByOperators(input, weight, _epsilon);
    }

    /// <summary>The same as operators of torch, which run on every device.</summary>
    internal static Tensor ByOperators(Tensor input, Tensor weight, double epsilon)
    {
        using var scope = NewDisposeScope();
        var source = TensorCheck.Widen(input);
        var scale = (source.square().mean([-1], keepdim: true) + epsilon).rsqrt();
        return (source * scale * weight).to(input.dtype).MoveToOuterDisposeScope();
    }
}
