using MinRnn.Kernels;
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
        var layout = HiddenArgument.Take(this);
        var (weight, bias) = Parameters();
        layout.Require(input, nameof(input), weight.dtype, _width);
        TensorCheck.RequireBeside(input, nameof(input), weight, nameof(CausalConvolution));
        return input.device_type == DeviceType.CPU && weight.dtype is (ScalarType.Float32 or ScalarType.Float64)
            ? ConvolutionFunction.Apply(input, weight, bias, layout.Sequences)
            : ByOperators(input, weight, bias, layout.Sequences);
    }

    /// <summary>Convolves each of the sequences in [rows, W] for itself.</summary>
    internal Tensor call(Tensor input, SequenceLayout layout) => HiddenArgument.Pass(this, layout, () => call(input));

    /// <summary>
    /// Convolves [B, T, W] behind the inputs in a cache [B, (K - 1)·W], null for zeros: the same numbers as a <see cref="step"/> for each
    /// time step. Returns the output and the new cache.
    /// </summary>
    /// <exception cref="ArgumentException">A tensor is disposed, or of the wrong shape or type.</exception>
    public (Tensor Output, Tensor Cache) prefill(Tensor input, Tensor? cache)
    {
        var (weight, _) = Parameters();
        TensorCheck.Require(input, nameof(input), weight.dtype, "B", "T", _width);
        RequireCache(cache, input.size(0), weight);
        using var scope = NewDisposeScope();
        var past = cache ?? zeros(input.size(0), CacheSize, dtype: input.dtype, device: input.device);
        var window = cat([past.view(input.size(0), _taps - 1, _width), input], 1);
        GC.KeepAlive((input, cache));
        return scope.MoveToOuter(
            call(window).narrow(1, _taps - 1, input.size(1)), window.narrow(1, input.size(1), _taps - 1).flatten(1).contiguous());
    }

    /// <summary>One time step: [B, W] and a cache [B, (K - 1)·W], null for zeros, to the output and the new cache.</summary>
    /// <exception cref="ArgumentException">A tensor is disposed, or of the wrong shape or type.</exception>
    public (Tensor Output, Tensor Cache) step(Tensor input, Tensor? cache)
    {
        var (weight, bias) = Parameters();
        TensorCheck.Require(input, nameof(input), weight.dtype, "B", _width);
        TensorCheck.RequireBeside(input, nameof(input), weight, nameof(CausalConvolution));
        RequireCache(cache, input.size(0), weight);

        using var scope = NewDisposeScope();
        var past = cache ?? zeros(input.size(0), CacheSize, dtype: input.dtype, device: input.device);
        var window = cat([past, input], 1);
        GC.KeepAlive((input, cache));
        var output = Convolve(window.view(-1, _taps, _width), weight, bias, 1).squeeze(1);
        return scope.MoveToOuter(output, window.narrow(1, _width, CacheSize).contiguous());
    }

    /// <summary>The same as operators of torch, which run on every device.</summary>
    internal static Tensor ByOperators(Tensor input, Tensor weight, Tensor bias, ScanSequences? sequences = null)
    {
        using var scope = NewDisposeScope();
        if (sequences is not null)
            return ByOperators(input.unsqueeze(0), weight, bias, StepsBefore(sequences, input.device)).squeeze(0).MoveToOuterDisposeScope();
        return ByOperators(input, weight, bias, (Tensor?)null).MoveToOuterDisposeScope();
    }

    private static Tensor ByOperators(Tensor input, Tensor weight, Tensor bias, Tensor? stepsBefore) =>
        Convolve(nn.functional.pad(input, [0, 0, weight.size(0) - 1, 0]), weight, bias, input.size(1), stepsBefore);

    /// <summary>Adds up the taps; those that reach farther back than there are steps before see zeros.</summary>
    private static Tensor Convolve(Tensor padded, Tensor weight, Tensor bias, long time, Tensor? stepsBefore = null)
    {
        var (source, factors) = (TensorCheck.Widen(padded), TensorCheck.Widen(weight));
        var output = TensorCheck.Widen(bias).expand(padded.size(0), time, bias.size(0));
        var taps = weight.size(0);
        for (var k = 0; k < taps; k++)
        {
            var shifted = source.narrow(1, k, time);
            if (stepsBefore is not null && k < taps - 1)
            {
                using Scalar reach = taps - 1 - k;
                shifted = shifted.masked_fill(stepsBefore.lt(reach), HeldScalars.Zero);
            }

            output = addcmul(output, shifted, factors[k], HeldScalars.One);
        }

        return output.to(padded.dtype);
    }

    /// <summary>[rows, 1], the steps of a row's sequence that lie before it.</summary>
    private static Tensor StepsBefore(ScanSequences sequences, Device device)
    {
        var before = new long[sequences.Rows];
        foreach (var segment in sequences.Segments)
        {
            for (long step = 0; step < segment.Steps; step++)
                before[segment.FirstRow + step] = step;
        }

        return tensor(before, device: device).unsqueeze(1);
    }

    private (Parameter Weight, Parameter Bias) Parameters()
    {
        const string owner = nameof(CausalConvolution);
        var (weight, bias) = (TensorCheck.ParameterOf(this, "weight", owner), TensorCheck.ParameterOf(this, "bias", owner));
        TensorCheck.RequireParameter(weight, "weight", weight, owner, _taps, _width);
        TensorCheck.RequireParameter(bias, "bias", weight, owner, _width);
        return (weight, bias);
    }

    private void RequireCache(Tensor? cache, long batch, Tensor weight)
    {
        if (cache is null)
            return;
        TensorCheck.Require(cache, nameof(cache), weight.dtype, batch, CacheSize);
        TensorCheck.RequireBeside(cache, nameof(cache), weight, nameof(CausalConvolution));
    }

    private void Register(string name, Tensor value)
    {
        var parameter = new Parameter(value);
        parameter.DetachFromDisposeScope();
        register_parameter(name, parameter);
    }
}
