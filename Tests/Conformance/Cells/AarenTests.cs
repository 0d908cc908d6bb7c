using MinRnn.Tests.Conformance.Cpu;
using MinRnn.Tests.Conformance.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace MinRnn.Tests.Conformance.Cells;

/// <summary>The recurrence is attention: a softmax over all steps so far, at logits whose exponentials no number holds.</summary>
[Collection(nameof(TorchCollection))]
public class AarenTests
{
    private const int Batch = 2, Time = 33, Channels = 5;

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    [InlineData(1000)]
    public void IsSoftmaxAttention(double magnitude)
    {
        var layer = CpuConformanceTests.Layers.Value["Aaren5NoBias"];
        var input = ScanInput.Random(layer, Batch, Time, seed: 2, hasState: false, intoState: false);
        using var scope = NewDisposeScope();
        var preactivations = tensor(input.Preactivations, dtype: float64).reshape(Batch, Time, 2, Channels);

        // Both ends of the scale, and ties between steps.
        preactivations.select(2, 0).copy_((preactivations.select(2, 0) * magnitude).clamp(-magnitude, magnitude).round());
        input = input with { Preactivations = preactivations.data<double>().ToArray() };
        preactivations.requires_grad_();
        var (logits, values) = (preactivations.select(2, 0), preactivations.select(2, 1));

        // [B, to, from, H]: a step attends to itself and what came before.
        var future = ones(Time, Time, dtype: ScalarType.Bool).triu(1).reshape(1, Time, Time, 1);
        var weights = logits.unsqueeze(1).masked_fill(future, double.NegativeInfinity).softmax(2);
        var output = (weights * values.unsqueeze(1)).sum(2);
        (output * tensor(input.OutputGradient!, dtype: float64).reshape(output.shape)).sum().backward();

        var scan = new CpuBackend().Run(layer, input);
        AssertClose(output, scan.Output);
        AssertClose(preactivations.grad!, scan.PreactivationGradient);
        Assert.All(scan.Tensors, tensor => Assert.All(tensor.Values, value => Assert.True(double.IsFinite(value), tensor.Name)));
    }

    private static void AssertClose(Tensor expected, double[] actual)
    {
        var values = expected.detach().contiguous().data<double>().ToArray();
        var error = values.Zip(actual, (x, y) => Math.Abs(x - y)).Max() / values.Max(Math.Abs);
        Assert.True(error <= 2e-5, $"off by {error:e2}");
    }
}
