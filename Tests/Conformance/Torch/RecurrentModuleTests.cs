using MinRnn.Torch;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace MinRnn.Tests.Conformance.Torch;

[Collection(nameof(TorchCollection))]
public class RecurrentModuleTests
{
    public static TheoryData<Direction, int> Kinds => new()
    {
        { Direction.Forward, 1 }, { Direction.Forward, 2 }, { Direction.Reverse, 1 },
        { Direction.Reverse, 2 }, { Direction.Bidirectional, 1 }, { Direction.Bidirectional, 2 },
    };

    private static long[] StateShape(Direction direction, int states, long batch)
    {
        List<long> shape = [batch];
        if (direction == Direction.Bidirectional)
            shape.Add(2);
        if (states > 1)
            shape.Add(states);
        return [.. shape, Layers.Hidden];
    }

    private static (Tensor, Tensor) Eager(RecurrentModule layer, int states, double initial, Tensor input, Tensor? state)
    {
        (Tensor Output, Tensor Final) Run(string suffix, bool reverse, Tensor? start)
        {
            var pre = input.matmul(layer.get_parameter("weight" + suffix)!.t());
            var parameters = cat([layer.get_parameter("bias" + suffix)!, layer.get_parameter("scale" + suffix)!]).view(3, -1);
            var shape = ReferenceCell<float>.MakeShape(Layers.Hidden, true, true, states: states, initial: initial);
            var (y, last) = ReferenceCell<float>.Eager(shape, reverse, pre, parameters, null, states == 1 ? start?.unsqueeze(1) : start);
            return (y, states == 1 ? last.squeeze(1) : last);
        }

        if (layer.Direction != Direction.Bidirectional)
            return Run("", layer.Direction == Direction.Reverse, state);
        var (ahead, back) = (Run("", false, state?.select(1, 0)), Run("_reverse", true, state?.select(1, 1)));
        return (cat([ahead.Output, back.Output], 2), stack([ahead.Final, back.Final], 1));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Values_and_gradients_equal_those_of_eager_operations(Direction direction, int states)
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        using var layer = Layers.Make(direction, states, weight: true, initial: 0.5);
        foreach (var (batch, time) in ((long, long)[])[(2, 7), (1, 1), (0, 4), (3, 0), (0, 0)])
        {
            foreach (var state in (Tensor?[])[null, randn(StateShape(direction, states, batch)).requires_grad_()])
            {
                var input = randn(batch, time, Layers.Input).requires_grad_();
                Tensor[] leaves = [input, .. layer.parameters(), .. state is null ? (Tensor[])[] : [state]];
                Tensor[] Run((Tensor Y, Tensor Last) result) =>
                    [result.Y, result.Last, .. autograd.grad([result.Y.square().sum() + (result.Last * 3).sum() + leaves.Aggregate(zeros(1), (sum, leaf) => sum + (leaf.sum() * 0))], leaves)];
                var expected = Run(Eager(layer, states, 0.5, input, state));
                var actual = Run(layer.call(input, state));
                Assert.Equal(StateShape(direction, states, batch), actual[1].shape);
                foreach (var (e, a) in expected.Zip(actual))
                {
                    Assert.Equal(e.shape, a.shape);
                    Assert.True(allclose(e, a, 1e-4, 1e-5));
                }
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Steps_give_the_numbers_of_the_sequence(int states)
    {
        using var scope = NewDisposeScope();
        using var layer = Layers.Make(states: states, weight: true, initial: 0.5);
        var input = randn(2, 6, Layers.Input);
        var (output, last) = layer.call(input);
        Tensor? state = null;
        for (var t = 0; t < 6; t++)
        {
            (var y, state) = layer.step(input.select(1, t), state);
            Assert.True(allclose(output.select(1, t), y, 1e-5, 1e-6));
        }

        Assert.True(allclose(last, state!, 1e-5, 1e-6));
    }

    [Theory]
    [InlineData(Direction.Reverse)]
    [InlineData(Direction.Bidirectional)]
    public void Only_a_forward_layer_steps(Direction direction)
    {
        using var layer = Layers.Make(direction);
        Assert.Contains(direction.ToString(), Assert.Throws<InvalidOperationException>(() => layer.step(zeros(1, Layers.Input))).Message);
    }

    [Fact]
    public void Wrong_tensors_are_named_with_what_they_are_and_what_is_wanted()
    {
        using var scope = NewDisposeScope();
        using var layer = Layers.Make();
        void Refused(string argument, string part, Tensor input, Tensor? state = null)
        {
            var refusal = Assert.Throws<ArgumentException>(argument, () => layer.call(input, state));
            Assert.Contains(part, refusal.Message);
        }

        Refused("input", "[2, 3], wanted [B, T, 3]", zeros(2, 3));
        Refused("input", "[2, 4, 7], wanted [B, T, 3]", zeros(2, 4, 7));
        Refused("input", "Float64, wanted Float32", zeros(2, 4, 3, dtype: ScalarType.Float64));
        Refused("state", "[3, 5], wanted [2, 5]", zeros(2, 4, 3), zeros(3, 5));
        Refused("state", "[2, 1, 5], wanted [2, 5]", zeros(2, 4, 3), zeros(2, 1, 5));
        Refused("state", "Int64, wanted Float32", zeros(2, 4, 3), zeros(2, 5, dtype: ScalarType.Int64));
        var disposed = zeros(2, 4, 3);
        disposed.Dispose();
        Refused("input", "disposed", disposed);
        Refused("input", "sparse", zeros(2, 4, 3).to_sparse());
        Assert.Throws<ArgumentNullException>("input", () => layer.call(null!));
        Assert.Throws<ArgumentException>("input", () => layer.step(zeros(2, 4, 3)));
        Refused("input", "on device meta, and the parameters of Layer are on cpu", zeros(2, 4, 3, device: META));
        Refused("state", "on device meta, and the parameters of Layer are on cpu", zeros(2, 4, 3), zeros(2, 5, device: META));
        Assert.Throws<ArgumentException>("input", () => layer.step(zeros(2, 3, device: META)));

        using var two = Layers.Make(Direction.Bidirectional, states: 2);
        var shape = Assert.Throws<ArgumentException>("state", () => two.call(zeros(4, 2, 3), zeros(4, 5)));
        Assert.Contains("wanted [4, 2, 2, 5]", shape.Message);
    }

    [Fact]
    public void Another_type_than_the_declared_precision_is_refused()
    {
        var kernels = new ReferenceCell<float>(ReferenceCell<float>.MakeShape(4));
        Assert.Throws<ArgumentException>("dtype", () => new Layers.Layer(Layers.Describe(kernels), dtype: ScalarType.Float64));
        Assert.Throws<ArgumentException>("dtype", () => new Layers.Layer(Layers.Describe(kernels), dtype: ScalarType.Int64));
        using var layer = new Layers.Layer(Layers.Describe(kernels), dtype: ScalarType.Float32);
        layer.to(ScalarType.Float64);
        Assert.Contains("Float64", Assert.Throws<InvalidOperationException>(() => layer.call(zeros(1, 1, 3))).Message);
        layer.to(ScalarType.Float32);
        layer.call(zeros(1, 1, 3));
    }

    [Fact]
    public void Two_bytes_on_the_CPU_and_other_devices_are_refused()
    {
        using var scope = NewDisposeScope();
        var layer = Layers.Make();
        layer.to(ScalarType.BFloat16);
        var half = Assert.Throws<NotSupportedException>(() => layer.call(zeros(1, 1, 3, dtype: ScalarType.BFloat16)));
        Assert.Contains("Layer has type BFloat16 on the CPU", half.Message);
        Assert.Throws<NotSupportedException>(
            () => new Layers.Layer(Layers.Describe(new ReferenceCell<float>(ReferenceCell<float>.MakeShape(4))), CPU, ScalarType.Float16));
        layer.to(META);
        Assert.Contains("Layer is on device meta", Assert.Throws<NotSupportedException>(() => layer.call(zeros(1, 1, 3))).Message);
    }

    [Fact]
    public void Parameters_that_differ_among_themselves_are_named()
    {
        using var scope = NewDisposeScope();
        using var layer = Layers.Make(weight: true);
        layer.Replace("scale", new TorchSharp.Modules.Parameter(zeros(Layers.Hidden, dtype: ScalarType.Float64)));
        var failure = Assert.Throws<InvalidOperationException>(() => layer.call(zeros(1, 1, 3)));
        Assert.Contains("scale is Float64 on cpu, weight is Float32 on cpu", failure.Message);
    }

    [Fact]
    public void Parameters_of_the_wrong_size_are_named()
    {
        using var scope = NewDisposeScope();
        using var layer = Layers.Make(weight: true);
        layer.Replace("bias", new TorchSharp.Modules.Parameter(zeros(3)));
        var failure = Assert.Throws<InvalidOperationException>(() => layer.call(zeros(1, 1, 3)));
        Assert.Contains("bias of Layer has shape [3], wanted [10]", failure.Message);
    }

    [Fact]
    public void Parameters_start_as_declared_and_as_the_seed_says()
    {
        using var scope = NewDisposeScope();
        var kernels = new ReferenceCell<float>(ReferenceCell<float>.MakeShape(400, weight: true));
        Layers.Layer Make(long seed)
        {
            manual_seed(seed);
            return new Layers.Layer(Layers.Describe(
                kernels, inputSize: 16, biasInitial: 2f, initialize: (channel, state, channels, random) =>
                    channel + (state * 1000) + (channels * 10000) + (float)random.NextDouble()));
        }

        using var layer = Make(1);
        Assert.Equal(["weight", "bias", "scale"], layer.named_parameters().Select(p => p.name));
        Assert.Equal([800, 16], layer.get_parameter("weight")!.shape);
        Assert.InRange(layer.get_parameter("weight")!.abs().max().item<float>(), 0.24f, 0.25f);
        Assert.True(layer.get_parameter("bias")!.narrow(0, 0, 400).eq(2).all().item<bool>());
        Assert.InRange(layer.get_parameter("bias")!.narrow(0, 400, 400).abs().max().item<float>(), 0.23f, 0.25f);
        var scale = layer.get_parameter("scale")!;
        Assert.InRange(scale[3].item<float>(), 4000003f, 4000004f);

        using var same = Make(1);
        using var other = Make(2);
        foreach (var (a, b, c) in layer.parameters().Zip(same.parameters(), other.parameters()))
        {
            Assert.True(a.equal(b).all().item<bool>());
            Assert.False(a.equal(c).all().item<bool>());
        }

        Assert.Equal(800 * 16 + 800 + 400, layer.ParameterCount);
        Assert.Single(layer.DecayedParameters);
        Assert.Equal(2, layer.UndecayedParameters.Count());
    }

    [Fact]
    public void A_saved_layer_computes_the_same_when_loaded()
    {
        using var scope = NewDisposeScope();
        using var layer = Layers.Make(Direction.Bidirectional, weight: true);
        using var other = Layers.Make(Direction.Bidirectional, weight: true);
        Assert.Equal(
            ["weight", "bias", "scale", "weight_reverse", "bias_reverse", "scale_reverse"], layer.state_dict().Keys);
        var file = Path.GetTempFileName();
        try
        {
            layer.save(file);
            other.load(file);
        }
        finally
        {
            File.Delete(file);
        }

        var input = randn(2, 3, Layers.Input);
        Assert.True(allclose(layer.call(input).Item1, other.call(input).Item1));
    }

    [Fact]
    public void Hooks_run_and_results_outlive_the_call_alone()
    {
        using var layer = Layers.Make(weight: true);
        var hooked = 0;
        layer.register_forward_hook(_ => hooked++);
        using var scope = NewDisposeScope();
        var input = randn(2, 3, Layers.Input);
        var (output, last) = layer.call(input);
        Assert.Equal(1, hooked);
        Assert.False(output.IsInvalid || last.IsInvalid || input.IsInvalid);
        // The input and the two results.
        Assert.Equal(3, scope.DisposablesCount);
    }

    [Fact]
    public void A_layer_made_in_a_dispose_scope_outlives_it()
    {
        Layers.Layer layer;
        using (NewDisposeScope())
            layer = Layers.Make(weight: true);
        using (layer)
            layer.call(zeros(1, 2, Layers.Input));
    }
}
