using MinRnn.Kernels;
using MinRnn.Tests.Conformance.Cpu;
using MinRnn.Torch;
using TorchSharp;
using Xunit;
using static MinRnn.Tests.Conformance.Torch.SequenceCalls;
using static TorchSharp.torch;

namespace MinRnn.Tests.Conformance.Torch;

/// <summary>Models on lengths, offsets and resets against a call for each sequence alone, and in chunks against one call.</summary>
[Collection(nameof(TorchCollection))]
public class ModelSequenceTests
{
    private const int Vocabulary = 11, Width = 16;

    private static Model Make(int convolution = 4, string cell = "LogMinGru", Normalization normalization = Normalization.Rms) =>
        new(new SequenceDescription("Model", Vocabulary, Width, 2, convolution, 2, 0, CpuConformanceTests.Layers.Value[$"{cell}{Width}Double"])
        {
            Normalization = normalization,
        });

    private static Tensor Tokens(params long[] shape) => randint(0, Vocabulary, shape, dtype: ScalarType.Int64);

    [Theory]
    [InlineData(4, "LogMinGru")]
    [InlineData(0, "Spiral")]
    [InlineData(1, "Spiral")]
    [InlineData(4, "LogMinGru", Normalization.Layer)]
    [InlineData(0, "LogMinGru", Normalization.Layer)]
    [InlineData(4, "LogMinGru", Normalization.None)]
    [InlineData(0, "LogMinGru", Normalization.None)]
    public void Equal_each_sequence_alone(int convolution, string cell, Normalization normalization = Normalization.Rms)
    {
        using var model = Make(convolution, cell, normalization);
        manual_seed(1);
        foreach (var form in SequenceForm.All.Where(form => form.Rows < 300))
        {
            using var scope = NewDisposeScope();
            var ids = Tokens(Shape(form));
            var seed = randn(Shape(form, Vocabulary), dtype: ScalarType.Float64);
            Tensor[] Run(Tensor logits)
            {
                Tensor[] leaves = [.. model.parameters()];
                var loss = (logits * seed).sum() + leaves.Aggregate(zeros(1, dtype: ScalarType.Float64), (sum, leaf) => sum + (leaf.sum() * 0));
                return [logits, .. autograd.grad([loss], leaves)];
            }

            // Tokens in padding are none of the vocabulary.
            var expected = Run(Alone(model, form, ids.view(-1)).view(Shape(form, Vocabulary)));
            var actual = Run(model.call(Spoil(form, ids, -7), Lengths(form), Offsets(form), Resets(form)));
            for (var i = 0; i < expected.Length; i++)
                AssertClose(expected[i], actual[i], 1e-11, $"{form}, result {i}");
        }
    }

    [Theory]
    [InlineData(4, "LogMinGru")]
    [InlineData(0, "Spiral")]
    [InlineData(1, "LogMinGru")]
    [InlineData(7, "Spiral")]
    [InlineData(4, "LogMinGru", Normalization.Layer)]
    [InlineData(0, "LogMinGru", Normalization.None)]
    public void Chunks_and_steps_give_the_logits_of_the_sequence(int convolution, string cell, Normalization normalization = Normalization.Rms)
    {
        using var scope = NewDisposeScope();
        using var model = Make(convolution, cell, normalization);
        var ids = Tokens(3, 12);
        var logits = model.call(ids);
        foreach (var chunks in new[] { [12], [5, 7], [1, 0, 2, 9], new[] { 3, 3, 3, 3 } })
        {
            Tensor? state = null;
            var first = 0L;
            foreach (var steps in chunks)
            {
                (var part, state) = model.prefill(ids.narrow(1, first, steps), state);
                Assert.Equal([3, steps, Vocabulary], part.shape);
                Assert.Equal([3, model.StateSize], state.shape);
                AssertClose(logits.narrow(1, first, steps), part, 1e-12, "logits");
                first += steps;
            }

            // One more step from either state.
            var next = Tokens(3);
            var longer = model.call(cat([ids, next.unsqueeze(1)], 1)).select(1, 12);
            var (step, _) = model.step(next, state);
            AssertClose(longer, step, 1e-12, "step");
        }

        Assert.Equal([3, 0, Vocabulary], model.prefill(Tokens(3, 0)).Logits.shape);
    }

    [Fact]
    public void Gradients_of_chunks_are_those_of_the_sequence()
    {
        using var scope = NewDisposeScope();
        using var model = Make();
        var ids = Tokens(2, 9);
        var seed = randn(2, 9, Vocabulary, dtype: ScalarType.Float64);
        var (first, state) = model.prefill(ids.narrow(1, 0, 4));
        var (second, _) = model.prefill(ids.narrow(1, 4, 5), state);
        Tensor[] Gradients(Tensor logits) => [.. autograd.grad([(logits * seed).sum()], [.. model.parameters()])];
        foreach (var (expected, actual) in Gradients(model.call(ids)).Zip(Gradients(cat([first, second], 1))))
            AssertClose(expected, actual, 1e-11, "gradient");
    }

    [Fact]
    public void The_README_says_it_like_this()
    {
        using var scope = NewDisposeScope();
        using var layer = new Layers.Layer(CpuConformanceTests.Layers.Value["MinGru5Double"]);
        using var model = Make();
        Tensor Random(params long[] shape) => randn(shape, dtype: ScalarType.Float64);
        var (batch, lengths, rows, offsets) = (Random(2, 4, 5), tensor([4L, 1]), Random(10, 5), tensor([0L, 3, 3, 10]));
        var (mask, piece, state, prompt) = (zeros(2, 4, dtype: ScalarType.Bool), Random(2, 4, 5), Random(2, 5), Tokens(2, 3));

        var (padded, states) = layer.call(batch, lengths: lengths);
        var (packed, finals) = layer.call(rows, offsets: offsets);
        var (fresh, ends) = layer.call(batch, resets: mask);
        var (chunk, next) = layer.call(piece, state.detach());
        var (logits, memory) = model.prefill(prompt);

        Assert.Equal([[2, 4, 5], [2, 5], [10, 5], [3, 5]], new[] { padded, states, packed, finals }.Select(tensor => tensor.shape));
        Assert.Equal([[2, 4, 5], [2, 5], [2, 4, 5], [2, 5]], new[] { fresh, ends, chunk, next }.Select(tensor => tensor.shape));
        Assert.Equal([[2, 3, Vocabulary], [2, model.StateSize]], new[] { logits, memory }.Select(tensor => tensor.shape));
    }

    [Fact]
    public void Hooks_of_every_module_run()
    {
        using var scope = NewDisposeScope();
        using var model = Make();
        var seen = new List<string>();
        foreach (var (name, module) in model.named_modules().Where(entry => entry.name.EndsWith("convolution", StringComparison.Ordinal)))
            ((CausalConvolution)module).register_forward_hook(_ => seen.Add(name));
        model.register_forward_hook(_ => seen.Add("model"));
        model.call(Tokens(7), offsets: tensor([0L, 3, 7]));
        Assert.Equal(["blocks.0.convolution", "blocks.1.convolution", "model"], seen);
    }

    [Fact]
    public void Operators_of_torch_convolve_and_pad_sequences_alike()
    {
        using var scope = NewDisposeScope();
        foreach (var form in SequenceForm.All)
        {
            var sequences = form.Build();
            var compact = sequences.Compact(padsOutput: false);
            using var convolution = new CausalConvolution(Width, 4, ScalarType.Float64);
            Tensor[] parameters = [convolution.get_parameter("weight")!, convolution.get_parameter("bias")!];
            var padding = new MinRnn.Torch.Rows.PaddingFunction(sequences, compact);
            var input = randn(form.Rows, Width, dtype: ScalarType.Float64).requires_grad_();
            var seed = randn(form.Rows, Width, dtype: ScalarType.Float64);
            Tensor[] Run(Tensor output) => [output, .. autograd.grad([(output * seed).sum()], [input, .. parameters])];
            var expected = Run(padding.AddByOperators(
                CausalConvolution.ByOperators(padding.RemoveByOperators(input), parameters[0], parameters[1], compact)));
            var actual = Run(padding.Add(
                MinRnn.Torch.Rows.ConvolutionFunction.Apply(padding.Remove(input), parameters[0], parameters[1], compact)));
            for (var i = 0; i < expected.Length; i++)
                AssertClose(expected[i], actual[i], 1e-12, $"{form}, result {i}");
        }
    }

    [Fact]
    public void Wrong_sequences_and_states_are_named()
    {
        using var scope = NewDisposeScope();
        using var model = Make();
        Assert.Contains("[2, 3], wanted [total]", Assert.Throws<ArgumentException>("ids", () => model.call(Tokens(2, 3), offsets: tensor([0L, 6]))).Message);
        Assert.Contains("lengths[0] is 4, wanted 0 to 3", Assert.Throws<ArgumentException>("lengths", () => model.call(Tokens(1, 3), tensor([4L]))).Message);
        Assert.Contains("wanted Int64", Assert.Throws<ArgumentException>("ids", () => model.call(zeros(1, 3), tensor([2L]))).Message);
        Assert.Contains("wanted [B, T]", Assert.Throws<ArgumentException>("ids", () => model.prefill(Tokens(3))).Message);
        Assert.Contains($"wanted [2, {model.StateSize}]", Assert.Throws<ArgumentException>("state", () => model.prefill(Tokens(2, 3), zeros(2, 1))).Message);
    }

    private static Tensor Alone(SequenceModule model, SequenceForm form, Tensor ids)
    {
        var rows = Enumerable.Repeat(zeros(1, Vocabulary, dtype: ScalarType.Float64), form.Rows).ToArray();
        foreach (var (_, firstRow, steps, _, _) in form.Pieces().Where(piece => piece.Steps > 0))
        {
            var logits = model.call(ids.narrow(0, firstRow, steps).unsqueeze(0));
            for (var step = 0; step < steps; step++)
                rows[firstRow + step] = logits[0].narrow(0, step, 1);
        }

        return form.Rows == 0 ? zeros(0, Vocabulary, dtype: ScalarType.Float64) : cat(rows);
    }

    private sealed class Model(SequenceDescription description) : SequenceModule(description);
}
