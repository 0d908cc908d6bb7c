using MinRnn.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace MinRnn.Tests.Conformance.Torch;

[RecurrentLayer(typeof(MinLstm), InputSize = 7, HiddenSize = 7, Precision = Precision.Double)]
internal sealed partial class PlainLstm;

[RecurrentLayer(typeof(MinLstm), InputSize = 7, HiddenSize = 7, Precision = Precision.Double, Skip = true, Gate = true, ForgetBias = 2)]
internal sealed partial class GatedLstm;

[RecurrentLayer(typeof(Sru), InputSize = 7, HiddenSize = 7, Precision = Precision.Double)]
internal sealed partial class PlainSru;

[RecurrentLayer(typeof(Sru), InputSize = 7, HiddenSize = 7, Precision = Precision.Double, Skip = true, ForgetBias = -1)]
internal sealed partial class SkippedSru;

[RecurrentLayer(typeof(SelectiveSsm), InputSize = 18, HiddenSize = 18, Precision = Precision.Double)]
internal sealed partial class PlainSsm;

[RecurrentLayer(typeof(SelectiveSsm), InputSize = 18, HiddenSize = 18, Precision = Precision.Double, Gate = true)]
internal sealed partial class GatedSsm;

[RecurrentLayer(typeof(S4D), InputSize = 6, HiddenSize = 6, Precision = Precision.Double, Gate = true)]
internal sealed partial class GatedS4D;

[RecurrentLayer(typeof(S4D), InputSize = 6, HiddenSize = 6, Precision = Precision.Double)]
internal sealed partial class PlainS4D;

/// <summary>Layers with options against layers without and eager operations around them, gradients included.</summary>
[Collection(nameof(TorchCollection))]
public class LayerOptionTests
{
    private const double Tolerance = 1e-10;

    [Fact]
    public void Skip_and_gate_are_what_the_equations_say() =>
        Agree(new GatedLstm(), new PlainLstm(), firstGate: 3 * 7, (layer, output, input) => (output + (Parameter(layer, "skip") * input)) * Gate(layer, input, 3 * 7));

    [Fact]
    public void A_cell_with_an_input_skips_that_input() =>
        Agree(new SkippedSru(), new PlainSru(), firstGate: null, (layer, output, input) => output + (Parameter(layer, "skip") * input));

    [Fact]
    public void Vector_states_are_gated_once()
    {
        Agree(new GatedSsm(), new PlainSsm(), firstGate: 0, (layer, output, input) => output * Gate(layer, input, 0, biases: 18));
        Agree(new GatedS4D(), new PlainS4D(), firstGate: 0, (layer, output, input) => output * Gate(layer, input, 0));
    }

    [Fact]
    public void Biases_of_the_forget_gate_start_where_the_layer_says()
    {
        using var lstm = new GatedLstm();
        using var sru = new SkippedSru();
        using var plain = new PlainLstm();
        Assert.All(lstm.get_parameter("bias")!.narrow(0, 0, 7).data<double>().ToArray(), bias => Assert.Equal(2, bias));
        Assert.All(lstm.get_parameter("bias")!.narrow(0, 7, 21).data<double>().ToArray(), bias => Assert.NotEqual(2, bias));
        Assert.Contains(sru.get_parameter("bias")!.data<double>().ToArray(), bias => bias == -1);
        Assert.DoesNotContain(plain.get_parameter("bias")!.data<double>().ToArray(), bias => bias == 2);
        Assert.All(lstm.get_parameter("skip")!.data<double>().ToArray(), weight => Assert.Equal(1, weight));
    }

    /// <summary>Compares output, final state, one step, and the gradients of everything that both have.</summary>
    /// <param name="layer">The layer with options.</param>
    /// <param name="plain">The same cell without.</param>
    /// <param name="firstGate">The gate's first row of the weight, which the plain layer lacks; null without a gate.</param>
    /// <param name="around">What the options add to the plain layer's output.</param>
    private static void Agree(RecurrentModule layer, RecurrentModule plain, int? firstGate, Func<RecurrentModule, Tensor, Tensor, Tensor> around)
    {
        manual_seed(3);
        using var scope = NewDisposeScope();
        var size = (int)layer.HiddenSize;
        using (no_grad())
        {
            foreach (var parameter in layer.parameters())
                parameter.add_(randn_like(parameter), 0.3);
            foreach (var (name, parameter) in plain.named_parameters())
                parameter.copy_(Cut(name, layer.get_parameter(name)!));
        }

        var inputs = new[] { randn(2, 19, size, dtype: float64, requires_grad: true), null! };
        inputs[1] = inputs[0].detach().clone().requires_grad_();
        var (output, last) = layer.call(inputs[0]);
        var (inner, expectedLast) = plain.call(inputs[1]);
        var expected = around(layer, inner, inputs[1]);
        Close(expected, output, "output");
        Close(expectedLast, last, "state");
        var (one, next) = layer.step(inputs[0].select(1, 0), null);
        Close(expected.select(1, 0), one, "step");
        Close(plain.step(inputs[1].select(1, 0), null).Item2, next, "state after a step");

        var weights = randn_like(output);
        ((output * weights).sum() + last.square().sum()).backward();
        var found = layer.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter.grad!.clone());
        layer.zero_grad();
        ((expected * weights).sum() + expectedLast.square().sum()).backward();
        Close(inputs[1].grad!, inputs[0].grad!, "input's gradient");
        foreach (var (name, parameter) in plain.named_parameters())
            Close(parameter.grad!, Cut(name, found[name]), name);

        // What the options added has its gradient from the eager operations.
        foreach (var (name, parameter) in layer.named_parameters())
        {
            if (parameter.grad is { } gradient && gradient.abs().sum().item<double>() > 0)
                Close(gradient, found[name] * gradient.not_equal(0).to(float64), $"{name} of the options");
        }

        Tensor Cut(string name, Tensor tensor)
        {
            if (firstGate is not { } first || name is not ("weight" or "bias"))
                return tensor;
            // Rows of the bias begin with the projections of low rank, which have no rows in the weight.
            var rows = name == "bias" && plain is PlainSsm ? first + size : first;
            return cat([tensor.narrow(0, 0, rows), tensor.narrow(0, rows + size, tensor.size(0) - rows - size)]);
        }
    }

    private static Tensor Gate(RecurrentModule layer, Tensor input, int row, int? biases = null) => nn.functional.silu(nn.functional.linear(
        input, Parameter(layer, "weight").narrow(0, row, layer.HiddenSize), Parameter(layer, "bias").narrow(0, biases ?? row, layer.HiddenSize)));

    private static Tensor Parameter(RecurrentModule layer, string name) => layer.get_parameter(name)!;

    private static void Close(Tensor expected, Tensor actual, string what)
    {
        if (expected.numel() == 0 && actual.numel() == 0)
            return;
        var error = ((expected - actual).abs().max() / expected.abs().max()).item<double>();
        Assert.True(error <= Tolerance, $"{what} is off by {error:e2}");
    }
}
