using MinRnn.Safetensors;
using MinRnn.Tests.Conformance.Inference;
using MinRnn.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace MinRnn.Tests.Conformance.Torch;

/// <summary>Modules in safetensors files.</summary>
[Collection(nameof(TorchCollection))]
public sealed class SafetensorsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("minrnn");

    private string Target => Path.Combine(_folder.FullName, "file.safetensors");

    public void Dispose() => _folder.Delete(recursive: true);

    public static TheoryData<Func<RecurrentModule>> Layers =>
    [
        () => new DeployedMinGru(), () => new DeployedLogMinGru(), () => new DeployedOscillator(), () => new DeployedReverse(),
        () => new DeployedBidirectional(), () => new DeployedDouble(),
    ];

    [Theory]
    [MemberData(nameof(Layers))]
    public void A_saved_layer_has_the_same_parameters_when_loaded(Func<RecurrentModule> make)
    {
        using var scope = NewDisposeScope();
        using var layer = make();
        using var other = make();
        layer.SaveSafetensors(Target, new Dictionary<string, string> { ["note"] = "mine" });
        Assert.DoesNotContain(layer.parameters().Zip(other.parameters()), pair => pair.First.dim() > 1 && pair.First.equal(pair.Second).all().item<bool>());
        other.LoadSafetensors(Target);
        Assert.All(layer.parameters().Zip(other.parameters()), pair => Assert.True(pair.First.Equals(pair.Second)));
        Assert.All(other.parameters(), parameter => Assert.True(parameter.requires_grad));
        using var file = SafetensorsFile.Open(Target);
        Assert.Equal("mine", file.Metadata["note"]);
        Assert.Equal(layer.named_parameters().Select(entry => entry.name).Order(), file.Tensors.Select(tensor => tensor.Name).Order());
    }

    [Fact]
    public void A_saved_model_computes_the_same_when_loaded()
    {
        using var scope = NewDisposeScope();
        using var model = new DeployedModel(vocabularySize: 13, layers: 2);
        using var other = new DeployedModel(vocabularySize: 13, layers: 2);
        model.SaveSafetensors(Target);
        other.LoadSafetensors(Target);
        model.eval();
        other.eval();
        var ids = randint(0, 13, new[] { 2L, 7 }, dtype: ScalarType.Int64);
        Assert.True(model.call(ids).Equals(other.call(ids)));
    }

    [Fact]
    public void A_disposed_module_neither_saves_nor_loads_nor_runs()
    {
        using var scope = NewDisposeScope();
        var layer = new DeployedMinGru();
        var model = new DeployedModel(vocabularySize: 13, layers: 1);
        layer.SaveSafetensors(Target);
        var before = File.ReadAllBytes(Target);
        var input = zeros(1, 2, layer.InputSize);
        layer.Dispose();
        model.Dispose();
        foreach (Action use in new Action[]
        {
            () => layer.SaveSafetensors(Target), () => layer.LoadSafetensors(Target), () => layer.call(input), () => layer.step(input.select(1, 0)),
            () => model.SaveSafetensors(Target), () => model.LoadSafetensors(Target),
        })
        {
            Assert.Contains("is disposed of", Assert.Throws<ObjectDisposedException>(use).Message);
        }

        Assert.Equal(before, File.ReadAllBytes(Target));
    }

    [Theory]
    [InlineData(ScalarType.Float16, "F16")]
    [InlineData(ScalarType.BFloat16, "BF16")]
    public void Sixteen_bits_are_stored_as_they_are(ScalarType type, string stored)
    {
        using var scope = NewDisposeScope();
        using var layer = new DeployedMinGru();
        using var other = new DeployedMinGru();
        layer.to(type);
        layer.SaveSafetensors(Target);
        using (var file = SafetensorsFile.Open(Target))
            Assert.All(file.Tensors, tensor => Assert.Equal(stored, tensor.Type));
        other.LoadSafetensors(Target);
        Assert.All(layer.parameters().Zip(other.parameters()), pair => Assert.True(pair.First.to(ScalarType.Float32).Equals(pair.Second)));
    }

    [Fact]
    public void Another_architecture_is_refused_by_name_and_shape()
    {
        using var scope = NewDisposeScope();
        using var layer = new DeployedMinGru();
        layer.SaveSafetensors(Target);
        Refused(new DeployedMinLstm(), "its cell is 'MinRnn.MinGru', wanted 'MinRnn.MinLstm'");
        Refused(new DeployedReverse(), "its input is '7', wanted '5'");
        using var model = new DeployedBareModel();
        Assert.Contains("it holds a 'layer', not a model", Assert.Throws<SafetensorsException>(() => model.LoadSafetensors(Target)).Message);
        model.SaveSafetensors(Target);
        Refused(new DeployedMinGru(), "it holds a 'model', not a layer");
        using var larger = new DeployedBareModel(layers: 2);
        Assert.Contains("its layers is '1', wanted '2'", Assert.Throws<SafetensorsException>(() => larger.LoadSafetensors(Target)).Message);

        new SafetensorsWriter().Add("weight", [26, 6], new float[156]).Add("bias", [26], new float[26]).Save(Target);
        Refused(new DeployedMinGru(), "minrnn.version is missing");
        Refused(new DeployedMinGru(), "'weight' is F32 [26, 6]; DeployedMinGru needs [26, 7]", TensorMap.Identity);
        new SafetensorsWriter().Add("weight", [26, 7], new float[182]).Save(Target);
        Refused(new DeployedMinGru(), "no tensor 'bias', which DeployedMinGru needs for bias [26]", TensorMap.Identity);
        new SafetensorsWriter().Add("weight", [26, 7], new float[182]).Add("bias", [26], new float[26]).Add("more", [1], new float[1]).Save(Target);
        Refused(new DeployedMinGru(), "the tensor 'more' [1] is no parameter of DeployedMinGru", TensorMap.Identity);
    }

    [Fact]
    public void A_refused_file_changes_nothing()
    {
        using var scope = NewDisposeScope();
        using var layer = new DeployedMinGru();
        var before = layer.parameters().Select(parameter => parameter.detach().clone()).ToList();
        new SafetensorsWriter().Add("weight", [26, 7], new float[182]).Save(Target);
        Assert.Throws<SafetensorsException>(() => layer.LoadSafetensors(Target, TensorMap.Identity));
        Assert.All(layer.parameters().Zip(before), pair => Assert.True(pair.First.Equals(pair.Second)));
    }

    [Fact]
    public void The_library_keeps_its_own_keys()
    {
        using var layer = new DeployedMinGru();
        Assert.Throws<ArgumentException>("metadata", () => layer.SaveSafetensors(Target, new Dictionary<string, string> { ["minrnn.cell"] = "x" }));
        Assert.False(File.Exists(Target));
    }

    /// <summary>The file that minGRU-pytorch writes for a <c>minGRU</c>: rows of the hidden state, then of the gate, no bias.</summary>
    [Fact]
    public void Published_layers_of_minGRU_are_read()
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        manual_seed(1);
        var published = randn(2 * 72, 40) / 4;
        Save(("to_hidden_and_gate.weight", published));
        using var layer = new DeployedLogMinGru();
        layer.LoadSafetensors(Target, TensorMap.MinGruPytorch);
        var input = randn(2, 9, 40);
        var (output, _) = layer.call(input);
        Assert.True(allclose(PublishedMinGru(published, input), output, 1e-4, 1e-6));

        Save(("layers.0.2.to_hidden_and_gate.weight", published), ("layers.0.1.weight", ones(40)));
        using var other = new DeployedLogMinGru();
        Assert.Contains("no tensor 'to_hidden_and_gate.weight'", Assert.Throws<SafetensorsException>(() => other.LoadSafetensors(Target, TensorMap.MinGruPytorch)).Message);
        other.LoadSafetensors(Target, TensorMap.MinGruPytorch.Under("layers.0.2."));
        Assert.True(other.get_parameter("weight")!.Equals(layer.get_parameter("weight")!));

        Save(("weight", zeros_like(published)), ("rnn.weight", published));
        other.LoadSafetensors(Target, TensorMap.Identity.Under("rnn."));
        Assert.True(other.get_parameter("weight")!.Equals(published));
        Assert.Contains("no tensor 'gru.rnn.weight'", Assert.Throws<SafetensorsException>(
            () => other.LoadSafetensors(Target, TensorMap.Identity.Under("rnn.").Under("gru."))).Message);
    }

    /// <summary>And of a <c>minLSTM</c>: the hidden state, the forget gate, the input gate.</summary>
    [Fact]
    public void Published_layers_of_minLSTM_are_read()
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        manual_seed(2);
        var published = randn(3, 1);
        Save(("to_hidden_and_f_i_gate.weight", published));
        using var layer = new DeployedLogMinLstm();
        layer.LoadSafetensors(Target, TensorMap.MinGruPytorch);
        var input = randn(2, 5, 1);
        var (output, _) = layer.call(input);
        var parts = nn.functional.linear(input, published).chunk(3, -1);
        var (hidden, forget, enter) = (Positive(parts[0]), parts[1].sigmoid(), parts[2].sigmoid());
        var (state, sum) = (zeros(2, 1), forget + enter);
        for (var t = 0; t < 5; t++)
        {
            state = (forget / sum).select(1, t) * state + (enter / sum * hidden).select(1, t);
            Assert.True(allclose(state, output.select(1, t), 1e-4, 1e-6));
        }

        Assert.True(layer.get_parameter("bias")!.count_nonzero().item<long>() == 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Published_language_models_are_read(bool older)
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        manual_seed(3);
        var (norm, scale) = older ? ("gamma", 0) : ("weight", 1);
        var tensors = new Dictionary<string, Tensor>
        {
            ["token_emb.weight"] = randn(11, 12),
            [$"norm.{norm}"] = randn(12) / 8 + scale,
            ["to_logits.weight"] = randn(11, 12),
        };
        for (var i = 0; i < 2; i++)
        {
            tensors[$"layers.{i}.1.{norm}"] = randn(12) / 8 + scale;
            tensors[$"layers.{i}.2.to_hidden_and_gate.weight"] = randn(48, 12) / 3;
            tensors[$"layers.{i}.2.to_out.weight"] = randn(12, 24) / 3;
            tensors[$"layers.{i}.3.{norm}"] = randn(12) / 8 + scale;
            tensors[$"layers.{i}.4.0.weight"] = randn(48, 12) / 3;
            tensors[$"layers.{i}.4.0.bias"] = randn(48) / 3;
            tensors[$"layers.{i}.4.2.weight"] = randn(12, 48) / 3;
            tensors[$"layers.{i}.4.2.bias"] = randn(12) / 3;
        }

        Save([.. tensors.Select(entry => (entry.Key, entry.Value))]);
        using var model = new DeployedPublishedModel();
        model.LoadSafetensors(Target, TensorMap.MinLmPytorch);
        model.eval();
        var ids = randint(0, 11, new[] { 2L, 6 }, dtype: ScalarType.Int64);

        var x = tensors["token_emb.weight"].index_select(0, ids.view(-1)).view(2, 6, 12);
        for (var i = 0; i < 2; i++)
        {
            var inner = PublishedMinGru(tensors[$"layers.{i}.2.to_hidden_and_gate.weight"], Norm(x, $"layers.{i}.1."));
            x += nn.functional.linear(inner, tensors[$"layers.{i}.2.to_out.weight"]);
            var hidden = nn.functional.linear(Norm(x, $"layers.{i}.3."), tensors[$"layers.{i}.4.0.weight"], tensors[$"layers.{i}.4.0.bias"]);
            x += nn.functional.linear(nn.functional.gelu(hidden), tensors[$"layers.{i}.4.2.weight"], tensors[$"layers.{i}.4.2.bias"]);
        }

        var logits = nn.functional.linear(Norm(x, "norm."), tensors["to_logits.weight"]);
        Assert.True(allclose(logits, model.call(ids), 1e-4, 1e-4));

        Tensor Norm(Tensor value, string prefix) =>
            value / value.square().mean([-1], keepdim: true).sqrt() * (tensors[prefix + norm] + (1 - scale));
    }

    [Fact]
    public void A_map_for_another_cell_is_refused()
    {
        using var scope = NewDisposeScope();
        Save(("to_hidden_and_gate.weight", zeros(3 * 8, 16)));
        Refused(new DeployedMinLstm(), "as candidate, gate; its rows in DeployedMinLstm are forget, input, candidate", TensorMap.MinGruPytorch);
    }

    private void Save(params (string Name, Tensor Value)[] tensors)
    {
        var writer = new SafetensorsWriter();
        foreach (var (name, value) in tensors)
            writer.Add(name, value.shape, value.contiguous().data<float>().ToArray());
        writer.Save(Target);
    }

    private void Refused(RecurrentModule layer, string reason, TensorMap? map = null)
    {
        using (layer)
            Assert.Contains(reason, Assert.Throws<SafetensorsException>(() => layer.LoadSafetensors(Target, map)).Message);
    }

    private static Tensor Positive(Tensor x) => where(x.ge(0), x + 0.5, x.sigmoid());

    /// <summary>As that package states the sequential form, step by step from a state of zeros.</summary>
    private static Tensor PublishedMinGru(Tensor weight, Tensor input)
    {
        var parts = nn.functional.linear(input, weight).chunk(2, -1);
        var (hidden, gate) = (Positive(parts[0]), parts[1].sigmoid());
        var states = new List<Tensor> { hidden.select(1, 0) * gate.select(1, 0) };
        for (var t = 1; t < input.size(1); t++)
            states.Add(lerp(states[^1], hidden.select(1, t), gate.select(1, t)));
        return stack(states, 1);
    }
}
