using MinRnn.Kernels;
using MinRnn.Torch;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace MinRnn.Tests.Conformance.Torch;

[Collection(nameof(TorchCollection))]
public class SequenceModuleTests
{
    private const int Width = 6;

    private static Model Make(
        int convolution = 4, int mlp = 2, int states = 1, double dropout = 0, int? vocabulary = null, int? layers = null, int expansion = 2,
        Normalization normalization = Normalization.Rms)
    {
        var shape = ReferenceCell<float>.MakeShape(Width * expansion, weight: true, states: states, initial: 0.5);
        return new(
            new SequenceDescription("Model", 11, Width, 2, convolution, mlp, dropout, Layers.Describe(new ReferenceCell<float>(shape), inputSize: Width))
            {
                Normalization = normalization,
            },
            vocabulary, layers);
    }

    private static Tensor Tokens(long batch, long time) => randint(0, 11, new[] { batch, time }, dtype: ScalarType.Int64);

    [Theory]
    [InlineData(4, 2, 1)]
    [InlineData(0, 0, 1)]
    [InlineData(1, 0, 2)]
    [InlineData(3, 4, 2)]
    [InlineData(4, 2, 1, Normalization.Layer)]
    [InlineData(0, 0, 2, Normalization.Layer)]
    [InlineData(4, 2, 1, Normalization.None)]
    [InlineData(0, 0, 2, Normalization.None)]
    public void Steps_give_the_logits_of_the_sequence(int convolution, int mlp, int states, Normalization normalization = Normalization.Rms)
    {
        using var scope = NewDisposeScope();
        using var model = Make(convolution, mlp, states, normalization: normalization);
        var ids = Tokens(2, 9);
        var logits = model.call(ids);
        Assert.Equal([2, 9, 11], logits.shape);
        Tensor? state = null;
        for (var t = 0; t < 9; t++)
        {
            (var next, state) = model.step(ids.select(1, t), state);
            Assert.Equal([2, model.StateSize], state.shape);
            Assert.True(allclose(logits.select(1, t), next, 1e-4, 1e-5));
        }
    }

    [Fact]
    public void Calls_leave_their_results_alone_behind()
    {
        using var model = Make();
        using var scope = NewDisposeScope();
        var ids = Tokens(2, 9);
        model.call(ids).Dispose();
        var (logits, state) = model.prefill(ids);
        model.step(ids.select(1, 0), state);

        // Tokens twice, and twice logits and a state.
        Assert.Equal(6, scope.DisposablesCount);
    }

    [Fact]
    public void A_token_has_no_influence_on_logits_before_it()
    {
        using var scope = NewDisposeScope();
        using var model = Make();
        var ids = Tokens(1, 8);
        var changed = ids.clone();
        changed[0, 5] = (changed[0, 5] + 1) % 11;
        var (before, after) = (model.call(ids), model.call(changed));
        Assert.True(allclose(before.narrow(1, 0, 5), after.narrow(1, 0, 5)));
        Assert.False(allclose(before.narrow(1, 5, 3), after.narrow(1, 5, 3)));
    }

    [Theory]
    [InlineData(Normalization.Rms)]
    [InlineData(Normalization.Layer)]
    [InlineData(Normalization.None)]
    public void Every_parameter_has_a_name_and_learns(Normalization normalization)
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        using var model = Make(normalization: normalization);
        var ids = Tokens(4, 16);
        var optimizer = optim.AdamW(model.parameters(), 1e-2);
        float Loss()
        {
            var loss = nn.functional.cross_entropy(model.call(ids).view(-1, 11), ids.view(-1));
            optimizer.zero_grad();
            loss.backward();
            foreach (var (name, parameter) in model.named_parameters())
                Assert.True(parameter.grad is { IsInvalid: false }, name);
            optimizer.step();
            return loss.item<float>();
        }

        var first = Loss();
        for (var i = 0; i < 60; i++)
            Loss();
        var last = Loss();
        Assert.True(last < first / 3, $"{first} to {last}");

        var names = model.named_parameters().Select(p => p.name).ToArray();
        Assert.Equal(names.Length, model.state_dict().Count);
        Assert.All(
            ["embedding.weight", "blocks.1.convolution.weight", "blocks.1.layer.weight", "blocks.1.layer.scale",
                "blocks.0.projection.weight", "blocks.0.mlp.expand.bias", "head.weight"],
            name => Assert.Contains(name, names));
        Assert.DoesNotContain(names, name => name.Contains('_') && !name.Contains("mlp_norm"));
        string[] ofNorm = normalization switch { Normalization.None => [], Normalization.Layer => ["weight", "bias"], _ => ["weight"] };
        string[] norms = ["blocks.0.norm", "blocks.0.mlp_norm", "blocks.1.norm", "blocks.1.mlp_norm", "norm"];
        Assert.Equal(norms.SelectMany(norm => ofNorm.Select(parameter => $"{norm}.{parameter}")), names.Where(name => name.Contains("norm")));
    }

    [Fact]
    public void The_constructor_overrides_the_declaration()
    {
        using var scope = NewDisposeScope();
        using var model = Make(vocabulary: 7, layers: 3);
        Assert.Equal(7, model.VocabularySize);
        Assert.Equal([1, 2, 7], model.call(zeros(1, 2, dtype: ScalarType.Int64)).shape);
        Assert.Contains(model.named_parameters(), p => p.name == "blocks.2.layer.weight");
        Assert.Throws<ArgumentOutOfRangeException>("vocabularySize", () => Make(vocabulary: 0));
        Assert.Throws<ArgumentOutOfRangeException>("layers", () => Make(layers: -1));
        Assert.Throws<ArgumentOutOfRangeException>("dropout", () => Make(dropout: 1));
        Assert.Contains(
            "Wanted Rms, Layer, None", Assert.Throws<ArgumentOutOfRangeException>("Normalization", () => Make(normalization: (Normalization)3)).Message);
    }

    [Fact]
    public void Dropout_acts_in_training_only()
    {
        using var scope = NewDisposeScope();
        using var model = Make(dropout: 0.5);
        var ids = Tokens(2, 5);
        Assert.False(allclose(model.call(ids), model.call(ids)));
        model.eval();
        Assert.True(allclose(model.call(ids), model.call(ids)));
    }

    [Theory]
    [InlineData(Normalization.Rms)]
    [InlineData(Normalization.Layer)]
    [InlineData(Normalization.None)]
    public void Weight_decay_groups_are_complete_and_disjoint(Normalization normalization)
    {
        using var model = Make(normalization: normalization);
        Assert.Equal(model.parameters().Count(), model.DecayedParameters.Count() + model.UndecayedParameters.Count());
        Assert.All(model.DecayedParameters, p => Assert.True(p.dim() >= 2));
        Assert.Equal(model.parameters().Sum(p => p.numel()), model.ParameterCount);
        AdamW.ParamGroup[] groups =
        [
            new(model.DecayedParameters, weight_decay: 0.1), new(model.UndecayedParameters, weight_decay: 0),
        ];
        optim.AdamW(groups, 1e-3).Dispose();
    }

    [Fact]
    public void A_saved_model_computes_the_same_when_loaded()
    {
        using var scope = NewDisposeScope();
        using var model = Make();
        using var other = Make();
        var file = Path.GetTempFileName();
        try
        {
            model.save(file);
            other.load(file);
        }
        finally
        {
            File.Delete(file);
        }

        var ids = Tokens(2, 3);
        Assert.True(allclose(model.call(ids), other.call(ids)));
    }

    [Fact]
    public void Wrong_tokens_and_states_are_named()
    {
        using var scope = NewDisposeScope();
        using var model = Make();
        Assert.Contains("wanted [B, T]", Assert.Throws<ArgumentException>("ids", () => model.call(zeros(3, dtype: ScalarType.Int64))).Message);
        Assert.Contains("token 11, wanted 0 to 10", Assert.Throws<ArgumentException>("ids", () => model.call(full(3, 2, 11L))).Message);
        Assert.Contains("token -1, wanted 0 to 10", Assert.Throws<ArgumentException>("ids", () => model.step(full(3, -1L))).Message);
        Assert.Contains("wanted Int64", Assert.Throws<ArgumentException>("ids", () => model.call(zeros(3, 2))).Message);
        Assert.Throws<ArgumentException>("state", () => model.step(zeros(3, dtype: ScalarType.Int64), zeros(3, 1)));
        Assert.Contains(
            "ids is on device meta, and the parameters of Model are on cpu",
            Assert.Throws<ArgumentException>("ids", () => model.call(zeros(3, 2, dtype: ScalarType.Int64, device: META))).Message);
        Assert.Throws<ArgumentException>("state", () => model.step(zeros(3, dtype: ScalarType.Int64), zeros(3, model.StateSize, device: META)));
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(2, 0)]
    public void Empty_sequences_have_empty_logits(long batch, long time)
    {
        using var scope = NewDisposeScope();
        using var model = Make();
        var logits = model.call(Tokens(batch, time));
        Assert.Equal([batch, time, 11], logits.shape);
        logits.sum().backward();
    }

    [Fact]
    public void A_second_precision_is_the_declared_one()
    {
        using var scope = NewDisposeScope();
        var cell = new ReferenceCell<double>(ReferenceCell<double>.MakeShape(Width));
        using var model = new Model(new SequenceDescription("Model", 11, Width, 1, 4, 2, 0, Layers.Describe(cell, inputSize: Width)));
        Assert.Equal(ScalarType.Float64, model.call(Tokens(1, 2)).dtype);
        Assert.All(model.parameters(), p => Assert.Equal(ScalarType.Float64, p.dtype));
    }

    [Fact]
    public void Two_bytes_on_the_CPU_are_refused()
    {
        using var scope = NewDisposeScope();
        using var model = Make();
        model.to(ScalarType.Float16);
        Assert.Contains("Float16 on the CPU", Assert.Throws<NotSupportedException>(() => model.call(Tokens(1, 2))).Message);
        model.to(ScalarType.Float32);
        model.call(Tokens(1, 2));
    }

    private sealed class Model(SequenceDescription description, int? vocabularySize = null, int? layers = null)
        : SequenceModule(description, vocabularySize, layers);
}
