using MinRnn.Torch;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace MinRnn.Tests.Conformance.Torch;

[Collection(nameof(TorchCollection))]
public class RowFunctionTests
{
    private static void AssertSame(nn.Module<Tensor, Tensor> module, Func<Tensor, Tensor> eager, Tensor input)
    {
        Tensor[] leaves = [input, .. module.parameters()];
        var seed = randn_like(input);
        Tensor[] Run(Func<Tensor, Tensor> function)
        {
            var output = function(input);
            return [output, .. autograd.grad([output], leaves, [seed])];
        }

        foreach (var (expected, actual) in Run(eager).Zip(Run(module.call)))
        {
            Assert.Equal(expected.shape, actual.shape);
            var precision = input.dtype == ScalarType.Float64 ? 1e-12 : 1e-4;
            Assert.True(allclose(expected, actual, precision, precision));
        }
    }

    public static TheoryData<long, long, int, ScalarType> Rows => new()
    {
        { 2, 3, 5, ScalarType.Float64 }, { 1, 1, 1, ScalarType.Float32 }, { 16, 40, 67, ScalarType.Float32 }, { 3, 700, 64, ScalarType.Float64 },
        { 0, 3, 5, ScalarType.Float32 },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Rms_norm_equals_eager_operations(long batch, long time, int width, ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var norm = new RmsNorm(width, 1e-3, type);
        using (no_grad())
            norm.get_parameter("weight")!.uniform_(0.5, 2);
        var input = randn(batch, time, width, dtype: type).requires_grad_();
        AssertSame(norm, x => x * (x.square().mean([-1], true) + 1e-3).rsqrt() * norm.get_parameter("weight")!, input);
        AssertSame(norm, x => RowNorm.ByOperators(x, norm.get_parameter("weight")!, null, 1e-3), input);
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Layer_norm_equals_torchs(long batch, long time, int width, ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var norm = new LayerNorm(width, 1e-3, type);
        var (weight, bias) = (norm.get_parameter("weight")!, norm.get_parameter("bias")!);
        using (no_grad())
        {
            weight.uniform_(0.5, 2);
            bias.uniform_(-1, 1);
        }

        var input = (randn(batch, time, width, dtype: type) + 2).requires_grad_();
        AssertSame(norm, x => nn.functional.layer_norm(x, [width], weight, bias, 1e-3), input);
        AssertSame(norm, x => RowNorm.ByOperators(x, weight, bias, 1e-3), input);
    }

    /// <summary>Parameters that do not lie as kernels read them.</summary>
    [Fact]
    public void Strided_parameters_are_copied_and_those_of_another_shape_refused()
    {
        using var scope = NewDisposeScope();
        using var norm = new LayerNorm(5);
        using var convolution = new CausalConvolution(5, 3);
        foreach (var (module, name) in new (nn.Module, string)[] { (norm, "weight"), (norm, "bias"), (convolution, "bias") })
            Set(module, name, randn(10).slice(0, 0, 10, 2));
        Set(convolution, "weight", randn(5, 3).t());
        var input = randn(2, 4, 5).requires_grad_();
        AssertSame(norm, x => RowNorm.ByOperators(x, norm.get_parameter("weight")!, norm.get_parameter("bias"), 1e-6), input);
        AssertSame(convolution, x => CausalConvolution.ByOperators(x, convolution.get_parameter("weight")!, convolution.get_parameter("bias")!), input);

        Set(norm, "bias", randn(1));
        Assert.Contains("bias of LayerNorm has shape [1], wanted [5]", Assert.Throws<InvalidOperationException>(() => norm.call(input)).Message, StringComparison.Ordinal);
        Set(convolution, "bias", randn(1));
        Assert.Contains("bias of CausalConvolution has shape [1], wanted [5]", Assert.Throws<InvalidOperationException>(() => convolution.call(input)).Message, StringComparison.Ordinal);

        static void Set(nn.Module module, string name, Tensor value)
        {
            using (no_grad())
                module.get_parameter(name)!.set_(value);
        }
    }

    /// <summary>What backward works in lies beside the parameters, whatever the default device is.</summary>
    [Fact]
    public void The_default_device_is_nothing_to_them()
    {
        using var scope = NewDisposeScope();
        using var norm = new LayerNorm(5);
        using var convolution = new CausalConvolution(5, 3);
        var input = randn(2, 4, 5).requires_grad_();
        var before = get_default_device();
        set_default_device(META);
        try
        {
            norm.call(convolution.call(input)).sum().backward();
        }
        finally
        {
            set_default_device(before);
        }

        Assert.Equal(CPU.type, input.grad!.device_type);
    }

    [Fact]
    public void Modules_refuse_sizes_that_are_none()
    {
        Assert.Throws<ArgumentOutOfRangeException>("width", () => new Mlp(0, 8));
        Assert.Throws<ArgumentOutOfRangeException>("hidden", () => new Mlp(4, -1));
        Assert.Throws<ArgumentOutOfRangeException>("epsilon", () => new RmsNorm(4, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>("epsilon", () => new RmsNorm(4, -1));
    }

    [Fact]
    public void Layer_norm_keeps_digits_beside_a_large_mean()
    {
        using var scope = NewDisposeScope();
        using var norm = new LayerNorm(64);
        var input = randn(5, 64) + 1000;
        var exact = nn.functional.layer_norm(input.to(ScalarType.Float64), [64], eps: 1e-6);
        Assert.True(allclose(exact, norm.call(input).to(ScalarType.Float64), 0, 3e-4));
    }

    [Theory]
    [InlineData(2, 3, 5, 4, ScalarType.Float64)]
    [InlineData(2, 9, 8, 1, ScalarType.Float32)]
    [InlineData(4, 200, 67, 4, ScalarType.Float64)]
    [InlineData(3, 700, 64, 3, ScalarType.Float64)]
    [InlineData(2, 0, 5, 4, ScalarType.Float32)]
    public void Convolution_equals_eager_operations(long batch, long time, int width, int taps, ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var convolution = new CausalConvolution(width, taps, type);
        var input = randn(batch, time, width, dtype: type).requires_grad_();
        Tensor Eager(Tensor x)
        {
            var padded = cat([zeros(batch, taps - 1, width, dtype: type), x], 1);
            var sum = convolution.get_parameter("bias")!.expand(batch, time, width);
            for (var k = 0; k < taps; k++)
                sum = sum + (padded.narrow(1, k, time) * convolution.get_parameter("weight")![k]);
            return sum;
        }

        AssertSame(convolution, Eager, input);
        AssertSame(
            convolution,
            x => CausalConvolution.ByOperators(x, convolution.get_parameter("weight")!, convolution.get_parameter("bias")!), input);
    }

    [Theory]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    public void Elements_of_two_bytes_are_rounded_once(ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var norm = new RmsNorm(64, dtype: type);
        using var convolution = new CausalConvolution(64, 4, type);

        // The squares are out of half precision's range.
        var input = (randn(2, 20, 64) * 300).to(type);
        var exact = RowNorm.ByOperators(input.to(ScalarType.Float32), norm.get_parameter("weight")!.to(ScalarType.Float32), null, 1e-6);
        Assert.True(norm.call(input).equal(exact.to(type)).all().item<bool>());

        using var layerNorm = new LayerNorm(64, dtype: type);
        exact = nn.functional.layer_norm(input.to(ScalarType.Float64), [64], eps: 1e-6);
        Assert.True(allclose(layerNorm.call(input).to(ScalarType.Float64), exact, type == ScalarType.Float16 ? 1e-3 : 8e-3, 1e-4));

        var (weight, bias) = (convolution.get_parameter("weight")!.to(ScalarType.Float32), convolution.get_parameter("bias")!.to(ScalarType.Float32));
        exact = CausalConvolution.ByOperators(input.to(ScalarType.Float32), weight, bias);
        var output = convolution.call(input);
        Assert.True(output.equal(exact.to(type)).all().item<bool>());
        Assert.Equal(type, output.dtype);

        var (step, cache) = convolution.step(input.select(1, 0), null);
        Assert.True(step.equal(output.select(1, 0)).all().item<bool>());
        Assert.Equal(type, cache.dtype);
    }

    [Fact]
    public void The_number_of_threads_leaves_no_trace()
    {
        using var scope = NewDisposeScope();
        using var convolution = new CausalConvolution(64, 4);
        using var norm = new LayerNorm(64);
        var input = randn(8, 300, 64).requires_grad_();
        Tensor[] Run() =>
            [.. autograd.grad([norm.call(convolution.call(input)).pow(3).sum()], [input, .. convolution.parameters(), .. norm.parameters()])];
        var threads = get_num_threads();
        var several = Run();
        try
        {
            set_num_threads(1);
            foreach (var (one, many) in Run().Zip(several))
                Assert.True(one.equal(many).all().item<bool>());
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    [Fact]
    public void Wrong_inputs_are_named()
    {
        using var scope = NewDisposeScope();
        using var norm = new RmsNorm(4);
        using var layerNorm = new LayerNorm(4);
        using var convolution = new CausalConvolution(4, 3);
        Assert.Contains("wanted [..., 4]", Assert.Throws<ArgumentException>("input", () => norm.call(zeros(2, 5))).Message);
        Assert.Contains("wanted [B, T, 4]", Assert.Throws<ArgumentException>("input", () => convolution.call(zeros(2, 4))).Message);
        Assert.Contains("wanted [..., 4]", Assert.Throws<ArgumentException>("input", () => layerNorm.call(zeros(2, 5))).Message);
        Assert.Contains(
            "the parameters of LayerNorm are on cpu", Assert.Throws<ArgumentException>("input", () => layerNorm.call(zeros(2, 4, device: META))).Message);
        Assert.Contains("on device meta", Assert.Throws<ArgumentException>("input", () => norm.call(zeros(2, 4, device: META))).Message);
        Assert.Contains("on device meta", Assert.Throws<ArgumentException>("input", () => convolution.call(zeros(2, 3, 4, device: META))).Message);
        Assert.Contains("wanted [2, 8]", Assert.Throws<ArgumentException>("cache", () => convolution.step(zeros(2, 4), zeros(2, 4))).Message);
    }
}
