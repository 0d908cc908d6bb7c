using MinRnn.Torch.Rows;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MinRnn.Torch;

/// <summary>
/// A depthwise convolution over time that sees the present and the past: <c>y[t] = bias + Σ_k weight[k] · x[t - K + 1 + k]</c>, each
/// channel for itself, zeros before the first step. Parameters: <c>weight</c> [K, W], <c>bias</c> [W].
/// </summary>
public sealed class CausalConvolution : nn.Module<Tensor, Tensor>
{
    private readonly int _width;
    private readonly int _taps;

    /// <summary>Creates the convolution on the CPU, its parameters uniform in ±1/√K as <c>nn.Conv1d</c>'s are.</summary>
    /// <param name="width">Channels, W.</param>
    /// <param name="taps">Steps that an output sees, K.</param>
    /// <param name="dtype">The type of the parameters; 32-bit when null.</param>
    public CausalConvolution(int width, int taps, ScalarType? dtype = null)
        : base(nameof(CausalConvolution))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(taps);
        (_width, _taps) = (width, taps);
        var bound = 1 / Math.Sqrt(taps);
        var type = dtype ?? ScalarType.Float32;
        Register("weight", empty(taps, width, dtype: type, device: CPU).uniform_(-bound, bound));
        Register("bias", empty(width, dtype: type, device: CPU).uniform_(-bound, bound));
    }

    /// <summary>Elements of one row of the cache that <see cref="step"/> carries: the last K - 1 inputs.</summary>
    public int CacheSize => (_taps - 1) * _width;

    /// <summary>Convolves [B, T, W]. Elements of 16 bits are added up in 32.</summary>
    /// <exception cref="ArgumentException">The tensor is disposed, of the wrong shape or type, or on another device than the parameters.</exception>
    public override Tensor forward(Tensor input)
    {
        var (weight, bias) = (get_parameter("weight")!, get_parameter("bias")!);
        TensorCheck.Require(input, nameof(input), weight.dtype, "B", "T", _width);
        TensorCheck.RequireBeside(input, nameof(input), weight, nameof(CausalConvolution));
        return input.device_type == DeviceType.CPU && weight.dtype is (ScalarType.Float32 or ScalarType.Float64)
            ? ConvolutionFunction.Apply(input, weight, bias)
            : ByOperators(input, weight, bias);
    }

    /// <summary>One time step: [B, W] and a cache [B, (K - 1)·W], null for zeros, to the output and the new cache.</summary>
    /// <exception cref="ArgumentException">A tensor is disposed, or of the wrong shape or type.</exception>
    public (Tensor Output, Tensor Cache) step(Tensor input, Tensor? cache)
    {
        var (weight, bias) = (get_parameter("weight")!, get_parameter("bias")!);
        TensorCheck.Require(input, nameof(input), weight.dtype, "B", _width);
        TensorCheck.RequireBeside(input, nameof(input), weight, nameof(CausalConvolution));
        if (cache is not null)
        {
            TensorCheck.Require(cache, nameof(cache), weight.dtype, input.size(0), CacheSize);
            TensorCheck.RequireBeside(cache, nameof(cache), weight, nameof(CausalConvolution));
        }

        using var scope = NewDisposeScope();
        var past = cache ?? zeros(input.size(0), CacheSize, dtype: input.dtype, device: input.device);
        var window = cat([past, input], 1);
        var output = Convolve(window.view(-1, _taps, _width), weight, bias, 1).squeeze(1);
        return scope.MoveToOuter(output, window.narrow(1, _width, CacheSize).contiguous());
    }

    /// <summary>The same as operators of torch, which run on every device.</summary>
    internal static Tensor ByOperators(Tensor input, Tensor weight, Tensor bias)
    {
        using var scope = NewDisposeScope();
        var padded = nn.functional.pad(input, [0, 0, weight.size(0) - 1, 0]);
        return Convolve(padded, weight, bias, input.size(1)).MoveToOuterDisposeScope();
    }

    private static Tensor Convolve(Tensor padded, Tensor weight, Tensor bias, long time)
    {
        var (source, factors) = (TensorCheck.Widen(padded), TensorCheck.Widen(weight));
        var output = TensorCheck.Widen(bias).expand(padded.size(0), time, bias.size(0));
        for (var k = 0; k < weight.size(0); k++)
            output = addcmul(output, source.narrow(1, k, time), factors[k], 1);
        return output.to(padded.dtype);
    }

    private void Register(string name, Tensor value)
    {
        var parameter = new Parameter(value);
        parameter.DetachFromDisposeScope();
        register_parameter(name, parameter);
    }
}
