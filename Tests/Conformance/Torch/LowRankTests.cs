using System.Runtime.InteropServices;
using MinRnn.Torch;
using TorchSharp;
using static MinRnn.CellMath;
using static TorchSharp.torch;

namespace MinRnn.Tests.Conformance.Torch;

[RecurrentCell]
internal static partial class LowRankCell
{
    public static float Step(
        [State] float h, [Projection(Rank = 2)] float gate, [Projection(Rank = 1)] float candidate, [Projection(Rank = 3)] float scale, [Projection(Rank = 2)] float shift) =>
        (Sigmoid(gate) * h) + (Tanh(candidate) * Sigmoid(scale)) + shift;
}

[RecurrentLayer(typeof(LowRankCell), InputSize = 4, HiddenSize = 5, Precision = Precision.Double)]
internal sealed partial class LowRankLayer;

/// <summary>Layers all of whose maps are products of two matrices: no operation of torch's own stands in their graph.</summary>
[Collection(nameof(TorchCollection))]
public class LowRankTests
{
    [Fact]
    public void Any_number_of_maps_has_the_gradients_of_eager_operations()
    {
        using var scope = NewDisposeScope();
        using var layer = new LowRankLayer();
        var input = randn([2, 6, 4], ScalarType.Float64).requires_grad_();
        Tensor[] leaves = [input, .. layer.parameters().Where(parameter => parameter.numel() > 0)];
        var (expected, actual) = (Eager(layer, input), layer.call(input).Item1);
        Assert.True(allclose(expected, actual, 1e-12, 1e-12));
        foreach (var (first, second) in autograd.grad([expected.square().sum()], leaves).Zip(autograd.grad([actual.square().sum()], leaves)))
            Assert.True(allclose(first, second, 1e-10, 1e-10));
    }

    [Fact]
    public void A_second_derivative_is_refused()
    {
        using var scope = NewDisposeScope();
        using var layer = new LowRankLayer();
        var input = randn([2, 6, 4], ScalarType.Float64).requires_grad_();
        var gradient = autograd.grad([layer.call(input).Item1.sum()], [input], create_graph: true)[0];
        var failure = Assert.Throws<ExternalException>(() => gradient.sum().backward());
        Assert.IsType<NotSupportedException>(failure.InnerException);
    }

    [Fact]
    public void A_second_pass_needs_a_graph_that_was_retained()
    {
        using var scope = NewDisposeScope();
        using var layer = new LowRankLayer();
        var sum = layer.call(randn([2, 6, 4], ScalarType.Float64)).Item1.sum();
        sum.backward(retain_graph: true);
        sum.backward();
        Assert.Contains("second time", Assert.Throws<ExternalException>(() => sum.backward()).Message);
    }

    [Fact]
    public void A_state_that_is_not_detached_leads_into_a_graph_that_is_gone()
    {
        using var scope = NewDisposeScope();
        using var layer = new LowRankLayer();
        var (first, state) = layer.call(randn([2, 6, 4], ScalarType.Float64));
        first.sum().backward();
        layer.call(randn([2, 6, 4], ScalarType.Float64), state.detach()).Item1.sum().backward();
        var (second, _) = layer.call(randn([2, 6, 4], ScalarType.Float64), state);
        Assert.Contains("second time", Assert.Throws<ExternalException>(() => second.sum().backward()).Message);
    }

    private static Tensor Eager(RecurrentModule layer, Tensor input)
    {
        var bias = layer.get_parameter("bias")!;
        Tensor Map(string name, int index) => nn.functional.linear(
            nn.functional.linear(input, layer.get_parameter(name + "_down")!), layer.get_parameter(name + "_up")!, bias.narrow(0, index * 5, 5));
        var (gate, candidate, scale, shift) = (Map("gate", 0), Map("candidate", 1), Map("scale", 2), Map("shift", 3));
        var h = zeros(input.size(0), 5, dtype: ScalarType.Float64);
        var outputs = new List<Tensor>();
        for (long t = 0; t < input.size(1); t++)
        {
            h = (gate.select(1, t).sigmoid() * h) + (candidate.select(1, t).tanh() * scale.select(1, t).sigmoid()) + shift.select(1, t);
            outputs.Add(h);
        }

        return stack(outputs, 1);
    }
}
