using MinRnn.Kernels;
using MinRnn.Torch.Rows;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MinRnn.Torch;

/// <summary>A norm over the last dimension, in one pass over memory on the CPU.</summary>
public abstract class RowNorm : nn.Module<Tensor, Tensor>
{
    private readonly int _width;
    private readonly bool _hasBias;
    private readonly double _epsilon;

    private protected RowNorm(string name, int width, bool hasBias, double epsilon, ScalarType? dtype)
        : base(name)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        if (!(epsilon >= 0 && double.IsFinite(epsilon)))
            throw new ArgumentOutOfRangeException(nameof(epsilon), epsilon, "What is added to a mean square is finite and at least 0.");
        (_width, _hasBias, _epsilon) = (width, hasBias, epsilon);
        var type = dtype ?? ScalarType.Float32;
        Register("weight", ones(width, dtype: type, device: CPU));
        if (hasBias)
            Register("bias", zeros(width, dtype: type, device: CPU));
    }

    /// <summary>Normalises [..., W]. Elements of 16 bits are normalised in 32.</summary>
    /// <exception cref="ArgumentException">The tensor is disposed, of the wrong size or type, or on another device than the weights.</exception>
    public override Tensor forward(Tensor input)
    {
        var owner = GetName();
        var weight = TensorCheck.ParameterOf(this, "weight", owner);
        var bias = _hasBias ? TensorCheck.ParameterOf(this, "bias", owner) : null;
        TensorCheck.RequireParameter(weight, "weight", weight, owner, _width);
        if (bias is not null)
            TensorCheck.RequireParameter(bias, "bias", weight, owner, _width);
        TensorCheck.RequireLast(input, nameof(input), weight.dtype, _width);
        TensorCheck.RequireBeside(input, nameof(input), weight, owner);
        return input.device_type == DeviceType.CPU && weight.dtype is (ScalarType.Float32 or ScalarType.Float64)
            ? NormFunction.Apply(input, weight, bias, _epsilon)
            : ByOperators(input, weight, bias, _epsilon);
    }

    /// <summary>A norm of the kind that a model is declared with; null for none.</summary>
    internal static RowNorm? Of(SequenceDescription model, ScalarType dtype) => model.Normalization switch
    {
        Normalization.Rms => new RmsNorm(model.Width, dtype: dtype),
        Normalization.Layer => new LayerNorm(model.Width, dtype: dtype),
        _ => null,
    };

    /// <summary>Normalises, where there is a norm.</summary>
    internal static Tensor Apply(RowNorm? norm, Tensor input) => norm is null ? input : norm.call(input);

    /// <summary>The same as operators of torch, which run on every device.</summary>
    internal static Tensor ByOperators(Tensor input, Tensor weight, Tensor? bias, double epsilon)
    {
        if (bias is not null)
            return nn.functional.layer_norm(input, weight.shape, weight, bias, epsilon);
        using var scope = NewDisposeScope();
        var source = TensorCheck.Widen(input);
        using Scalar floor = epsilon;
        var scale = (source * source).mean([-1], keepdim: true).add(floor, HeldScalars.One).rsqrt();
        var output = (source * scale * weight).to(input.dtype);
        GC.KeepAlive(input);
        return output.MoveToOuterDisposeScope();
    }

    private void Register(string name, Tensor value)
    {
        var parameter = new Parameter(value);
        parameter.DetachFromDisposeScope();
        register_parameter(name, parameter);
    }
}
