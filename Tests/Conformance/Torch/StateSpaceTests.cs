using MinRnn.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace MinRnn.Tests.Conformance.Torch;

[RecurrentLayer(typeof(SelectiveSsm), InputSize = 20, HiddenSize = 20, Precision = Precision.Double)]
internal sealed partial class SelectiveDouble;

[RecurrentLayer(typeof(SelectiveSsm), InputSize = 20, HiddenSize = 20, Direction = Direction.Bidirectional)]
internal sealed partial class SelectiveBothWays;

[RecurrentLayer(typeof(S4D), InputSize = 19, HiddenSize = 19, Precision = Precision.Double)]
internal sealed partial class DiagonalDouble;

[SequenceModel(typeof(SelectiveSsm), VocabularySize = 11, Width = 20, Layers = 2, ConvolutionWidth = 3)]
internal sealed partial class SelectiveModel;

/// <summary>The state space models against their papers' formulas, written with eager operations.</summary>
[Collection(nameof(TorchCollection))]
public class StateSpaceTests
{
    private const double Tolerance = 1e-10;

    /// <summary>Algorithm 2 of arXiv 2312.00752, a step at a time.</summary>
    private static (Tensor, Tensor) Selective(RecurrentModule layer, Tensor input, Tensor? state)
    {
        var (h, n) = (layer.HiddenSize, SelectiveSsm.StateSize);
        var bias = layer.get_parameter("bias")!;
        var low = nn.functional.linear(input, layer.get_parameter("delta_down")!);
        var delta = nn.functional.softplus(nn.functional.linear(low, layer.get_parameter("delta_up")!) + bias.narrow(0, 0, h), 1, 1000);
        var shared = nn.functional.linear(input, layer.get_parameter("weight")!) + bias.narrow(0, h, 2 * n);
        var (b, c) = (shared.narrow(2, 0, n), shared.narrow(2, n, n));
        var a = -layer.get_parameter("logA")!.exp();
        var s = state?.squeeze(1) ?? zeros(input.size(0), n, h, dtype: input.dtype);
        var outputs = new List<Tensor>();
        for (long t = 0; t < input.size(1); t++)
        {
            var (d, x) = (delta.select(1, t).unsqueeze(1), input.select(1, t).unsqueeze(1));
            s = ((d * a).exp() * s) + (d * b.select(1, t).unsqueeze(2) * x);
            outputs.Add((c.select(1, t).unsqueeze(2) * s).sum(1) + (layer.get_parameter("skip")! * x.squeeze(1)));
        }

        return (stack(outputs, 1), s.unsqueeze(1));
    }

    /// <summary>Zero-order hold in complex numbers, arXiv 2206.11893, equation 4.</summary>
    private static (Tensor, Tensor) Diagonal(RecurrentModule layer, Tensor input, Tensor? state)
    {
        var a = complex(-layer.get_parameter("logDecay")!.exp(), layer.get_parameter("frequency")!);
        var keep = (a * layer.get_parameter("logStep")!.exp()).exp();
        var entry = (keep - 1) / a;
        var read = complex(layer.get_parameter("readReal")!, layer.get_parameter("readImaginary")!);
        var s = state is null
            ? zeros(input.size(0), S4D.StateSize, layer.HiddenSize, dtype: ScalarType.ComplexFloat64)
            : complex(state.select(1, 0), state.select(1, 1));
        var outputs = new List<Tensor>();
        for (long t = 0; t < input.size(1); t++)
        {
            var x = input.select(1, t).unsqueeze(1);
            s = (keep * s) + (entry * x);
            outputs.Add((2 * (read * s).real.sum(1)) + (layer.get_parameter("skip")! * x.squeeze(1)));
        }

        return (stack(outputs, 1), stack([s.real, s.imag], 1));
    }

    private static void AreEqual(RecurrentModule layer, Func<RecurrentModule, Tensor, Tensor?, (Tensor, Tensor)> eager, long[] stateShape)
    {
        foreach (var (batch, time) in ((long, long)[])[(2, 70), (1, 1), (3, 16)])
        {
            foreach (var state in (Tensor?[])[null, randn([batch, .. stateShape], ScalarType.Float64).requires_grad_()])
            {
                var input = randn([batch, time, layer.InputSize], ScalarType.Float64).requires_grad_();
                Tensor[] leaves = [input, .. layer.parameters(), .. state is null ? (Tensor[])[] : [state]];
                Tensor[] Run((Tensor Y, Tensor Last) result) => [result.Y, result.Last, .. autograd.grad(
                    [result.Y.square().sum() + (result.Last * 3).sum() + leaves.Aggregate(zeros(1, ScalarType.Float64), (sum, leaf) => sum + (leaf.sum() * 0))], leaves)];
                foreach (var (expected, actual) in Run(eager(layer, input, state)).Zip(Run(layer.call(input, state))))
                {
                    Assert.Equal(expected.shape, actual.shape);
                    if (expected.numel() == 0)
                        continue; // S4D has no projection.
                    var error = (expected - actual).abs().max().item<double>() / Math.Max(expected.abs().max().item<double>(), 1e-3);
                    Assert.True(error < Tolerance, $"[{batch}, {time}], {string.Join(",", expected.shape)}: {error}");
                }
            }
        }
    }

    [Fact]
    public void Selective_model_equals_the_papers()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var layer = new SelectiveDouble();
        AreEqual(layer, Selective, [1, 16, 20]);
    }

    [Fact]
    public void Diagonal_model_equals_the_papers()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var layer = new DiagonalDouble();
        AreEqual(layer, Diagonal, [2, 32, 19]);
    }

    [Fact]
    public void Short_steps_keep_their_limit()
    {
        // As the step goes to 0 an input enters as step times input: in single precision exp(ΔA) - 1 would be 0 here.
        Assert.Equal(1e-9f * 3, S4D.Step(0, 0, 3, MathF.Log(1e-9f), MathF.Log(0.5f), 0).Item1, 1e-14f);
        var (real, imaginary) = S4D.Step(0, 0, 3, MathF.Log(1e-9f), MathF.Log(0.5f), 40);
        Assert.Equal(3e-9f, real, 1e-14f);
        Assert.Equal(0, imaginary, 1e-14f);
    }

    [Fact]
    public void Parameters_have_the_shapes_and_starts_of_the_papers()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var layer = new SelectiveDouble();
        Assert.Equal(
            ["bias [52]", "delta_down [16, 20]", "delta_up [20, 16]", "logA [16, 20]", "skip [20]", "weight [32, 20]"],
            layer.named_parameters().Select(entry => $"{entry.name} [{string.Join(", ", entry.parameter.shape)}]").Order(StringComparer.Ordinal));
        Assert.Equal(layer.parameters().Sum(parameter => parameter.numel()), layer.ParameterCount);
        Assert.Equal((1, 16), (layer.StateCount, layer.StateSize));
        Assert.Equal(Math.Log(5), layer.get_parameter("logA")!.exp().log()[4, 7].item<double>(), 1e-6);
        var steps = nn.functional.softplus(layer.get_parameter("bias")!.narrow(0, 0, 20), 1, 1000);
        Assert.InRange(steps.min().item<double>(), 0.00099, 0.1001);
        Assert.InRange(steps.max().item<double>(), 0.00099, 0.1001);

        // Weights of elements are matrices, and yet weights of the cell.
        Assert.Equal(3, layer.DecayedParameters.Count());
        Assert.Equal(3, layer.UndecayedParameters.Count());
    }

    [Fact]
    public void Both_directions_are_two_layers()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var layer = new SelectiveBothWays();
        var (input, state) = (randn(2, 9, 20), randn([2, 2, 1, 16, 20]));
        var (output, last) = layer.call(input, state);
        Assert.Equal([2, 9, 40], output.shape);
        Assert.Equal([2, 2, 1, 16, 20], last.shape);
        foreach (var parameter in layer.named_parameters().Where(entry => !entry.name.EndsWith("_reverse", StringComparison.Ordinal)))
            layer.get_parameter(parameter.name + "_reverse")!.detach().copy_(parameter.parameter);
        (output, last) = layer.call(input, state);
        var (flipped, flippedLast) = layer.call(input.flip(1), state.flip(1));
        Assert.True(allclose(output.narrow(2, 0, 20), flipped.narrow(2, 20, 20).flip(1), 1e-5, 1e-6));
        Assert.True(allclose(last.select(1, 0), flippedLast.select(1, 1), 1e-5, 1e-6));
    }

    [Fact]
    public void Steps_of_layer_and_model_give_the_numbers_of_the_sequence()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var layer = new SelectiveDouble();
        using var model = new SelectiveModel();
        var input = randn([3, 20, 20], ScalarType.Float64);
        var (output, last) = layer.call(input);
        Tensor? state = null;
        for (var t = 0; t < 20; t++)
        {
            (var y, state) = layer.step(input.select(1, t), state);
            Assert.True(allclose(output.select(1, t), y, 1e-9, 1e-12));
        }

        Assert.True(allclose(last, state!, 1e-9, 1e-12));

        using var without = no_grad();
        var ids = randint(11, [2, 12]);
        var logits = model.call(ids);
        state = null;
        for (var t = 0; t < 12; t++)
        {
            (var next, state) = model.step(ids.select(1, t), state);
            Assert.True(allclose(logits.select(1, t), next, 1e-4, 1e-5));
        }
    }

    [Fact]
    public void A_state_of_the_wrong_shape_is_named()
    {
        using var scope = NewDisposeScope();
        using var layer = new SelectiveDouble();
        var error = Assert.Throws<ArgumentException>(() => layer.call(zeros([2, 3, 20], ScalarType.Float64), zeros([2, 16, 20], ScalarType.Float64)));
        Assert.StartsWith("state has shape [2, 16, 20], wanted [2, 1, 16, 20].", error.Message, StringComparison.Ordinal);
    }
}
