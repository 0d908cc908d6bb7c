using MinRnn.Kernels;
using MinRnn.Tests.Conformance.Cpu;
using MinRnn.Torch;
using TorchSharp;
using Xunit;
using static MinRnn.Tests.Conformance.Torch.SequenceCalls;
using static TorchSharp.torch;

namespace MinRnn.Tests.Conformance.Torch;

/// <summary>Layers on lengths, offsets and resets against a call for each sequence alone.</summary>
[Collection(nameof(TorchCollection))]
public class RecurrentSequenceTests
{
    /// <summary>One state, and two with an output, an input, a weight and constants of their own.</summary>
    public static TheoryData<string, Direction> Kinds
    {
        get
        {
            var kinds = new TheoryData<string, Direction>();
            foreach (var cell in new[] { "LogMinGru", "Spiral" })
            {
                foreach (var direction in Enum.GetValues<Direction>())
                    kinds.Add(cell, direction);
            }

            return kinds;
        }
    }

    private static LayerDescription Describe(string cell, Direction direction = Direction.Forward) =>
        CpuConformanceTests.Layers.Value[$"{cell}5Double"] with { Direction = direction };

    private static long[] StateShape(LayerDescription layer, long count) =>
    [
        count, .. layer.Direction == Direction.Bidirectional ? (long[])[2] : [], .. layer.Kernels.Shape.States > 1 ? (long[])[layer.Kernels.Shape.States] : [], 5,
    ];

    private static Tensor Random(params long[] shape) => randn(shape, dtype: ScalarType.Float64);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Equal_each_sequence_alone(string cell, Direction direction)
    {
        var description = Describe(cell, direction);
        using var layer = new Layers.Layer(description);
        manual_seed(1);
        foreach (var form in SequenceForm.All.Where(form => form.Rows < 300))
        {
            foreach (var hasState in new[] { true, false })
            {
                using var scope = NewDisposeScope();
                var state = hasState ? Random(StateShape(description, form.Count)).requires_grad_() : null;
                var clean = Random(Shape(form, 5)).requires_grad_();
                var spoilt = Spoil(form, clean.detach().clone()).requires_grad_();
                var (outputSeed, stateSeed) = (Random(Shape(form, layer.Direction == Direction.Bidirectional ? 10 : 5)), Random(StateShape(description, form.Count)));
                Tensor[] Run(Tensor input, (Tensor Output, Tensor Final) result)
                {
                    Tensor[] leaves = [input, .. state is null ? (Tensor[])[] : [state], .. layer.parameters()];
                    var loss = (result.Output * outputSeed).sum() + (result.Final * stateSeed).sum();
                    loss += leaves.Aggregate(zeros(1, dtype: ScalarType.Float64), (sum, leaf) => sum + (leaf.nan_to_num(0).sum() * 0));
                    return [result.Output, result.Final, .. autograd.grad([loss], leaves)];
                }

                var expected = Run(clean, Alone(layer, [.. description.Kernels.Shape.InitialStates], form, clean, state));
                var actual = Run(spoilt, layer.call(spoilt, state, Lengths(form), Offsets(form), Resets(form)));
                for (var i = 0; i < expected.Length; i++)
                    AssertClose(expected[i], actual[i], 1e-12, $"{form}, {direction}, result {i}");
            }
        }
    }

    /// <summary>The module leaves padding out of everything but the output: every cell's kernels have to know the one from the other.</summary>
    [Theory]
    [MemberData(nameof(CpuConformanceTests.CellNames), MemberType = typeof(CpuConformanceTests))]
    public void Rows_of_lengths_equal_calls_of_their_own(string cell)
    {
        long[] lengths = [5, 0, 20, 1];
        manual_seed(2);
        foreach (var direction in Enum.GetValues<Direction>())
        {
            using var scope = NewDisposeScope();
            using var layer = new Layers.Layer(Describe(cell, direction));
            var input = Random(4, 20, 5);
            var isPadding = arange(20).unsqueeze(0).greater_equal(tensor(lengths).unsqueeze(1)).unsqueeze(2);
            var seed = Random(4, 20, direction == Direction.Bidirectional ? 10 : 5);
            var expected = Run(given =>
            {
                var rows = lengths.Select((length, row) => layer.call(given.narrow(0, row, 1).narrow(1, 0, length))).ToList();
                var outputs = rows.Select((row, i) => nn.functional.pad(row.Item1, [0, 0, 0, 20 - lengths[i]]));
                return (cat([.. outputs]), cat([.. rows.Select(row => row.Item2)]));
            });
            var actual = Run(given => layer.call(given.masked_fill(isPadding, double.NaN), lengths: tensor(lengths)));
            for (var i = 0; i < expected.Length; i++)
                AssertClose(expected[i], actual[i], 1e-12, $"{direction}, result {i}");

            Tensor[] Run(Func<Tensor, (Tensor Output, Tensor Final)> call)
            {
                Tensor[] leaves = [input.clone().requires_grad_(), .. layer.parameters()];
                var (output, state) = call(leaves[0]);

                // Some cells start at -infinity, where an empty row stays.
                var final = state.clamp(-1e3, 1e3);
                var loss = (output * seed).sum() + (final * final).sum();
                loss += leaves.Aggregate(zeros(1, dtype: ScalarType.Float64), (sum, leaf) => sum + (leaf.sum() * 0));
                return [output, final, .. autograd.grad([loss], leaves)];
            }
        }
    }

    [Fact]
    public void Padding_is_zero_and_has_no_gradient()
    {
        using var scope = NewDisposeScope();
        using var layer = new Layers.Layer(Describe("MinGru", Direction.Bidirectional));
        var form = SequenceForm.All.Single(form => form.Name == "lengths and resets");
        var input = Spoil(form, Random(Shape(form, 5))).requires_grad_();
        var (output, _) = layer.call(input, lengths: Lengths(form), resets: Resets(form));

        // Whatever comes back for padding: zeros are constants.
        output.backward([Spoil(form, ones_like(output))]);
        var isPadding = Spoil(form, zeros(Shape(form, 1)), 1).to(ScalarType.Bool);
        Assert.Equal(32 - 14, isPadding.sum().item<long>());
        Assert.Equal(0, output.masked_select(isPadding).abs().max().item<double>());
        Assert.Equal(0, input.grad!.masked_select(isPadding).abs().max().item<double>());
        Assert.All(layer.parameters(), parameter => Assert.True(parameter.grad!.isfinite().all().item<bool>()));
    }

    [Fact]
    public void No_gradient_crosses_a_reset()
    {
        using var scope = NewDisposeScope();
        using var layer = new Layers.Layer(Describe("MinGru", Direction.Bidirectional));
        var input = Random(2, 6, 5).requires_grad_();
        var state = Random(2, 2, 5).requires_grad_();
        var resets = zeros(2, 6, dtype: ScalarType.Bool);
        resets[0, 0] = true;
        resets[1, 3] = true;
        var (output, _) = layer.call(input, state, resets: resets);

        // The forward half of row 0 starts anew; both halves of row 1 are cut before step 3.
        (output[0].sum() + output[1].narrow(0, 3, 3).sum()).backward();
        Assert.Equal(0, state.grad![0, 0].abs().max().item<double>());
        Assert.Equal(0, state.grad[1, 0].abs().max().item<double>());
        Assert.NotEqual(0, state.grad[0, 1].abs().max().item<double>());
        Assert.NotEqual(0, state.grad[1, 1].abs().max().item<double>());
        Assert.Equal(0, input.grad![1].narrow(0, 0, 3).abs().max().item<double>());
        Assert.NotEqual(0, input.grad[1].narrow(0, 3, 3).abs().min().item<double>());
    }

    [Fact]
    public void Chunks_with_a_detached_state_train_without_what_lies_behind()
    {
        using var scope = NewDisposeScope();
        using var layer = new Layers.Layer(Describe("Spiral"));
        var input = Random(2, 12, 5).requires_grad_();
        var (whole, last) = layer.call(input);
        Tensor? state = null;
        for (var chunk = 0; chunk < 3; chunk++)
        {
            var piece = input.narrow(1, chunk * 4, 4);
            (var output, state) = layer.call(piece, state?.detach());
            AssertClose(whole.narrow(1, chunk * 4, 4), output, 1e-12, "output");
            var reached = autograd.grad([output.sum()], [input])[0];
            Assert.Equal(0, reached.narrow(1, 0, chunk * 4).abs().sum().item<double>());
            Assert.NotEqual(0, reached.narrow(1, chunk * 4, 4).abs().min().item<double>());
        }

        AssertClose(last, state!, 1e-12, "state");
    }

    [Fact]
    public void Hooks_run_around_a_call_with_sequences()
    {
        using var scope = NewDisposeScope();
        using var layer = new Layers.Layer(Describe("MinGru"));
        using var other = new Layers.Layer(Describe("MinGru"));
        var calls = new List<string>();
        layer.register_forward_pre_hook(_ =>
        {
            // Another module's call does not take what is meant for this one.
            calls.Add("before " + string.Join(",", other.call(Random(2, 4, 5)).Item1.shape));
        });
        layer.register_forward_hook(_ => calls.Add("after"));
        var (output, final) = layer.call(Random(7, 5), offsets: tensor([0L, 3, 7]));
        Assert.Equal(["before 2,4,5", "after"], calls);
        Assert.Equal([7L, 5], output.shape);
        Assert.Equal([2L, 5], final.shape);
        Assert.Equal([1L, 7, 5], layer.call(Random(1, 7, 5)).Item1.shape);
    }

    /// <summary>What is on its way through a module's hooks is neither lost nor taken by calls that these make.</summary>
    [Fact]
    public void Calls_from_hooks_have_sequences_of_their_own()
    {
        using var scope = NewDisposeScope();
        using var layer = new Layers.Layer(Describe("MinGru"));
        using var other = new Layers.Layer(Describe("MinGru"));
        var (input, lengths) = (Random(2, 4, 5), tensor([4L, 1]));
        var expected = layer.call(input, lengths: lengths).Item1;
        var inHook = false;
        var hook = layer.register_forward_pre_hook(_ =>
        {
            if (inHook)
                return;
            inHook = true;
            other.call(input, lengths: tensor([1L, 2]));
            Assert.Equal([1L, 6, 5], layer.call(Random(1, 6, 5)).Item1.shape);
            Assert.Equal([1L, 5], layer.call(Random(3, 5), offsets: tensor([0L, 3])).Item2.shape);
            inHook = false;
        });
        Assert.True(allclose(expected, layer.call(input, lengths: lengths).Item1, 0, 0));
        hook.remove();
    }

    [Fact]
    public void Wrong_sequences_are_named_with_what_they_are_and_what_is_wanted()
    {
        using var scope = NewDisposeScope();
        using var layer = new Layers.Layer(Describe("MinGru"));
        void Refused(string argument, string part, Tensor input, Tensor? state = null, Tensor? lengths = null, Tensor? offsets = null, Tensor? resets = null)
        {
            var refusal = Assert.Throws<ArgumentException>(argument, () => layer.call(input, state, lengths, offsets, resets));
            Assert.Contains(part, refusal.Message);
        }

        var (batch, rows) = (Random(2, 4, 5), Random(8, 5));
        var (lengths, offsets, resets) = (tensor([4L, 2]), tensor([0L, 3, 8]), zeros(2, 4, dtype: ScalarType.Bool));
        Refused("offsets", "lengths and offsets are both given", batch, lengths: lengths, offsets: offsets);
        Refused("lengths", "[3], wanted [2]", batch, lengths: tensor([4L, 2, 1]));
        Refused("lengths", "[2, 1], wanted [2]", batch, lengths: lengths.unsqueeze(1));
        Refused("lengths", "Int32, wanted Int64", batch, lengths: lengths.to(ScalarType.Int32));
        Refused("lengths", "lengths[1] is 5, wanted 0 to 4", batch, lengths: tensor([4L, 5]));
        Refused("lengths", "lengths[0] is -1, wanted 0 to 4", batch, lengths: tensor([-1L, 2]));
        Refused("lengths", "on device meta, wanted cpu", batch, lengths: zeros(2, dtype: ScalarType.Int64, device: META));
        Refused("input", "[2, 4, 5], wanted [total, 5]", batch, offsets: offsets);
        Refused("input", "[8, 5], wanted [B, T, 5]", rows, lengths: lengths);
        Refused("input", "[8, 5], wanted [B, T, 5]", rows, resets: resets);
        Refused("input", "Float32, wanted Float64", batch.to(ScalarType.Float32), lengths: lengths);
        Refused("offsets", "[1, 3], wanted [N + 1]", rows, offsets: offsets.unsqueeze(0));
        Refused("offsets", "no element", rows, offsets: zeros(0, dtype: ScalarType.Int64));
        Refused("offsets", "offsets[0] is 1, wanted 0", rows, offsets: tensor([1L, 8]));
        Refused("offsets", "offsets[2] is 3, wanted at least offsets[1], 5", rows, offsets: tensor([0L, 5, 3, 8]));
        Refused("offsets", "offsets[1], the last, is 7, wanted 8, the rows of the input", rows, offsets: tensor([0L, 7]));
        Refused("resets", "[4, 2], wanted [2, 4]", batch, resets: resets.t());
        Refused("resets", "[2, 4], wanted [8]", rows, offsets: offsets, resets: resets);
        Refused("resets", "Byte, wanted Bool", batch, resets: resets.to(ScalarType.Byte));
        Refused("state", "[3, 5], wanted [2, 5]", rows, state: Random(3, 5), offsets: offsets);
        var disposed = tensor([4L, 2]);
        disposed.Dispose();
        Refused("lengths", "disposed", batch, lengths: disposed);
        Assert.Throws<ArgumentNullException>("input", () => layer.call(null!, lengths: lengths));

        // Strided and on purpose.
        layer.call(batch, lengths: tensor([4L, 9, 2]).view(3, 1).select(1, 0)[TensorIndex.Slice(step: 2)]);
        layer.call(batch, resets: zeros(4, 2, dtype: ScalarType.Bool).t());
    }

    [Fact]
    public void Calls_with_sequences_leave_nothing_behind()
    {
        using var layer = new Layers.Layer(Describe("Spiral"));
        using var input = Random(4, 6, 5).requires_grad_();
        using var lengths = tensor([6L, 2, 0, 5]);
        using var resets = zeros(4, 6, dtype: ScalarType.Bool);
        using (var scope = NewDisposeScope())
        {
            layer.call(input, lengths: lengths, resets: resets);
            Assert.Equal(2, scope.DisposablesCount);
        }

        void Run(int count)
        {
            for (var i = 0; i < count; i++)
            {
                using var scope = NewDisposeScope();
                var (output, last) = layer.call(input, lengths: lengths, resets: resets);
                (output.sum() + last.sum()).backward();
            }
        }

        Run(300);
        var tensors = Tensor.TotalCount;
        Assert.InRange(Enumerable.Range(0, 4).Min(_ => MemoryTests.Growth(() => Run(400))), long.MinValue, 512 << 10);
        Assert.InRange(Tensor.TotalCount - tensors, -1000, 20);
    }
}
