using MinRnn.Inference;
using MinRnn.Inference.Sampling;
using MinRnn.Kernels;
using MinRnn.Safetensors;
using MinRnn.Tests.Common;
using MinRnn.Tests.Conformance.Torch;
using MinRnn.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace MinRnn.Tests.Conformance.Inference;

/// <summary>What is deployed of a model computes what its module does.</summary>
[Collection(nameof(TorchCollection))]
public class ModelInferenceTests
{
    private static readonly (int Batch, int Time)[] Shapes = [(1, 1), (3, 5), (2, 64), (70, 1), (3, 65), (1, 200), (0, 3), (2, 0)];

    public sealed record DeployedModelCase(string Name, Func<SequenceModule> Make, Func<string, InferenceOptions?, ModelInference<float>> Load, int StateSize)
    {
        public override string ToString() => Name;
    }

    private static readonly DeployedModelCase All = new("All", () => new DeployedModel(), DeployedModel.Inference.Load, DeployedModel.Inference.StateSize);

    public static TheoryData<DeployedModelCase> Models =>
    [
        All,
        new("Bare", () => new DeployedBareModel(), DeployedBareModel.Inference.Load, DeployedBareModel.Inference.StateSize),
        new("Oscillator", () => new DeployedOscillatorModel(), DeployedOscillatorModel.Inference.Load, DeployedOscillatorModel.Inference.StateSize),
        new("Aaren", () => new DeployedAarenModel(), DeployedAarenModel.Inference.Load, DeployedAarenModel.Inference.StateSize),
        new("Mamba", () => new DeployedMamba(), DeployedMamba.Inference.Load, DeployedMamba.Inference.StateSize),
        new("LayerNorm", () => new DeployedLayerNormModel(), DeployedLayerNormModel.Inference.Load, DeployedLayerNormModel.Inference.StateSize),
        new("Unnormalized", () => new DeployedUnnormalizedModel(), DeployedUnnormalizedModel.Inference.Load, DeployedUnnormalizedModel.Inference.StateSize),
        new("Plain", () => new DeployedPlainModel(), DeployedPlainModel.Inference.Load, DeployedPlainModel.Inference.StateSize),
        new("Published", () => new DeployedPublishedModel(), DeployedPublishedModel.Inference.Load, DeployedPublishedModel.Inference.StateSize),
    ];

    [Theory]
    [MemberData(nameof(Models))]
    public void Logits_are_the_modules(DeployedModelCase model)
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        var (module, inference) = Deploy(model);
        using var _ = module;
        Assert.Equal(module.StateSize, model.StateSize);
        Assert.Equal(module.VocabularySize, inference.VocabularySize);
        foreach (var (batch, time) in Shapes)
        {
            var ids = randint(0, module.VocabularySize, new long[] { batch, time }, dtype: ScalarType.Int64);
            var tokens = Array.ConvertAll(Deployment.Values<long>(ids), id => (int)id);
            var expected = module.call(ids);
            var (state, logits) = (new float[batch * model.StateSize], new float[expected.numel()]);
            inference.Forward(tokens, state, logits, batch, time);
            Deployment.AssertClose(expected, logits, 1e-5, $"logits of {batch} x {time}");
            if (time == 0)
                continue;
            var (prefilled, last) = (new float[state.Length], new float[batch * module.VocabularySize]);
            inference.Prefill(tokens, prefilled, last, batch, time);
            Assert.Equal(state, prefilled);
            for (var row = 0; row < batch; row++)
            {
                var place = ((row * time) + time - 1) * module.VocabularySize;
                Assert.Equal(logits.AsSpan(place, module.VocabularySize), last.AsSpan(row * module.VocabularySize, module.VocabularySize));
            }
        }
    }

    /// <summary>States are packed as the module packs them, where its cells start at 0.</summary>
    [Fact]
    public void States_are_the_modules()
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        var (module, inference) = Deploy(All);
        using var _ = module;
        Tensor? expected = null;
        var (state, logits) = (new float[2 * DeployedModel.Inference.StateSize], new float[2 * 11]);
        foreach (var token in new[] { 3, 0, 10, 4, 4 })
        {
            (var wanted, expected) = module.step(tensor(new long[] { token, 5 }), expected);
            inference.Step([token, 5], state, logits);
            Deployment.AssertClose(wanted, logits, 1e-5, "logits");
            Deployment.AssertClose(expected, state, 1e-5, "state");
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_sequence_has_the_same_bits_in_any_batch_and_cut_anywhere(DeployedModelCase model)
    {
        var (module, inference) = Deploy(model);
        using var _ = module;
        const int Batch = 4, Time = 90;
        var random = new Random(1);
        var (vocabulary, size) = (inference.VocabularySize, model.StateSize);
        int[] tokens = [.. Enumerable.Range(0, Batch * Time).Select(_ => random.Next(vocabulary))];
        var (state, logits) = (new float[Batch * size], new float[Batch * Time * vocabulary]);
        inference.Forward(tokens, state, logits, Batch, Time);
        for (var row = 0; row < Batch; row++)
        {
            var (alone, found) = (new float[size], new float[Time * vocabulary]);
            for (var step = 0; step < Time;)
            {
                var steps = int.Min(Time - step, random.Next(1, 30));
                inference.Forward(tokens.AsSpan((row * Time) + step, steps), alone, found.AsSpan(step * vocabulary, steps * vocabulary), 1, steps);
                step += steps;
            }

            Assert.Equal(logits.AsSpan(row * Time * vocabulary, Time * vocabulary), found.AsSpan());
            Assert.Equal(state.AsSpan(row * size, size), alone.AsSpan());
        }
    }

    [Fact]
    public void Steps_and_streams_allocate_nothing()
    {
        var (module, inference) = Deploy(All);
        using var _ = module;
        var (state, logits) = (new float[3 * DeployedModel.Inference.StateSize], new float[3 * 11]);
        int[] tokens = [1, 2, 3];
        var stream = inference.Generate([1, 2], new SamplingOptions { TopK = 5, TopP = 0.9, Temperature = 0.8 });
        inference.Step(tokens, state, logits);
        stream.Next();
        stream.Next();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            inference.Step(tokens, state, logits);
            stream.Next();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_stream_says_the_same_alone_and_among_others()
    {
        var (module, inference) = Deploy(All);
        using var _ = module;
        var sampling = new SamplingOptions { Temperature = 1.5, Seed = ulong.MaxValue };
        int[][] prompts = [[1], [2, 3, 4], [.. Enumerable.Range(0, 100).Select(i => i % 11)]];
        var batch = inference.GenerateBatch([.. prompts.Select(prompt => (ReadOnlyMemory<int>)prompt)], sampling);
        Assert.Equal(3, batch.Count);
        var together = Enumerable.Range(0, 60).Select(_ => batch.Next().ToArray()).ToList();
        for (var i = 0; i < prompts.Length; i++)
        {
            var alone = new List<int>();
            foreach (var token in inference.Generate(prompts[i], sampling with { Seed = unchecked(ulong.MaxValue + (ulong)i) }))
            {
                alone.Add(token);
                if (alone.Count == 60)
                    break;
            }

            Assert.Equal(together.Select(tokens => tokens[i]), alone);
            Assert.All(alone, token => Assert.InRange(token, 0, 10));
        }

        Assert.NotEqual(together.Select(tokens => tokens[0]), together.Select(tokens => tokens[1]));
        Assert.Contains("prompt has no token", Assert.Throws<ArgumentException>("prompt", () => inference.Generate([])).Message, StringComparison.Ordinal);
        Assert.Contains("prompt[1] is 11", Assert.Throws<ArgumentException>("prompt", () => inference.Generate([1, 11])).Message, StringComparison.Ordinal);
        Assert.Contains("prompts[1] has no token", Refusal([1], []), StringComparison.Ordinal);
        Assert.Contains("prompts[1][0] is -1", Refusal([1], [-1]), StringComparison.Ordinal);

        string Refusal(params int[][] texts) => Assert.Throws<ArgumentException>(
            "prompts", () => inference.GenerateBatch([.. texts.Select(text => (ReadOnlyMemory<int>)text)])).Message;
    }

    /// <summary>A width at which products are shared among threads.</summary>
    [Fact]
    public void Threads_do_not_change_bits_nor_allocate()
    {
        using var scope = NewDisposeScope();
        using var module = new DeployedWideModel();
        var inference = Deployment.Deploy(module, file => module.SaveSafetensors(file), file => DeployedWideModel.Inference.Load(file));
        const int Batch = 64;
        int[] tokens = [.. Enumerable.Range(0, Batch).Select(i => i % 31)];
        var (threads, team) = (Workers.MaxThreads, Workers.Team);
        try
        {
            var expected = Run(1, out _);
            foreach (var count in new[] { 2, 3, 8 })
            {
                Assert.Equal(expected, Run(count, out var allocated));
                Assert.Equal(0, allocated);
            }

            // As in deployment: .NET's own threads, whose pool allocates when it grows.
            Workers.Team = null;
            foreach (var count in new[] { 2, 3, 8 })
                Assert.Equal(expected, Run(count, out _));
        }
        finally
        {
            (Workers.MaxThreads, Workers.Team) = (threads, team);
        }

        float[] Run(int count, out long allocated)
        {
            Workers.MaxThreads = count;
            var (state, logits) = (new float[Batch * DeployedWideModel.Inference.StateSize], new float[Batch * 31]);
            inference.Step(tokens, state, logits);
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 20; i++)
                inference.Step(tokens, state, logits);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            return [.. state, .. logits];
        }
    }

    [Fact]
    public void The_file_decides_the_vocabulary_and_the_declaration_the_layers()
    {
        using var scope = NewDisposeScope();
        using var larger = new DeployedModel(vocabularySize: 29);
        Assert.Equal(29, Deployment.Deploy(larger, file => larger.SaveSafetensors(file), file => DeployedModel.Inference.Load(file)).VocabularySize);
        using var deeper = new DeployedModel(layers: 4);
        Assert.Contains("its layers is '4', wanted '3'", Assert.Throws<SafetensorsException>(
            () => Deployment.Deploy(deeper, file => deeper.SaveSafetensors(file), file => DeployedModel.Inference.Load(file))).Message);
        Assert.Contains("'blocks.3.", Assert.Throws<SafetensorsException>(() => Deployment.Deploy(
            deeper, file => deeper.SaveSafetensors(file), file => DeployedModel.Inference.Load(file, new InferenceOptions { Map = TensorMap.Identity }))).Message);
    }

    [Fact]
    public void Published_models_are_read()
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        manual_seed(4);
        var file = Path.GetTempFileName();
        Published(tokens: 11).Save(file);
        using var module = new DeployedPublishedModel();
        module.LoadSafetensors(file, TensorMap.MinLmPytorch);
        module.eval();
        var inference = DeployedPublishedModel.Inference.Load(file, new InferenceOptions { Map = TensorMap.MinLmPytorch });
        File.Delete(file);
        var logits = new float[6 * 11];
        inference.Forward([3, 1, 4, 1, 5, 9], new float[DeployedPublishedModel.Inference.StateSize], logits, 1, 6);
        Deployment.AssertClose(module.call(tensor(new long[] { 3, 1, 4, 1, 5, 9 }).unsqueeze(0)), logits, 1e-5, "logits");
    }

    [Fact]
    public void A_vocabulary_of_nothing_is_refused()
    {
        var file = Path.GetTempFileName();
        Published(tokens: 0).Save(file);
        Assert.Contains("has no tokens", Assert.Throws<SafetensorsException>(
            () => DeployedPublishedModel.Inference.Load(file, new InferenceOptions { Map = TensorMap.MinLmPytorch })).Message);
        File.Delete(file);
    }

    private static SafetensorsWriter Published(int tokens)
    {
        using var scope = NewDisposeScope();
        var writer = new SafetensorsWriter();
        Add("token_emb.weight", tokens, 12);
        Add("norm.weight", 12);
        Add("to_logits.weight", tokens, 12);
        for (var i = 0; i < 2; i++)
        {
            Add($"layers.{i}.1.weight", 12);
            Add($"layers.{i}.2.to_hidden_and_gate.weight", 48, 12);
            Add($"layers.{i}.2.to_out.weight", 12, 24);
            Add($"layers.{i}.3.weight", 12);
            Add($"layers.{i}.4.0.weight", 48, 12);
            Add($"layers.{i}.4.0.bias", 48);
            Add($"layers.{i}.4.2.weight", 12, 48);
            Add($"layers.{i}.4.2.bias", 12);
        }

        return writer;

        void Add(string name, params long[] shape) => writer.Add(name, shape, shape[0] == 0 ? Array.Empty<float>() : randn(shape).data<float>().ToArray());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Hostile_files_of_a_model_are_loaded_or_refused(bool byNames)
    {
        using var module = new DeployedBareModel();
        var content = Deployment.Deploy(module, file => module.SaveSafetensors(file), File.ReadAllBytes);
        var hostile = new HostileFiles(seed: 1, content);
        var options = new InferenceOptions { Map = byNames ? TensorMap.Identity : null };
        var (loaded, refused) = (0, 0);
        for (var i = 0; i < 4000; i++)
        {
            var file = hostile.Next();
            try
            {
                DeployedBareModel.Inference.Load(file, options);
                loaded++;
            }
            catch (SafetensorsException)
            {
                refused++;
            }
        }

        Assert.True(loaded > 50 && refused > 1000, $"{loaded} loaded, {refused} refused");
    }

    [Fact]
    public void Wrong_tokens_and_spans_are_named_and_change_nothing()
    {
        var (module, inference) = Deploy(All);
        using var _ = module;
        var (state, logits) = (new float[2 * DeployedModel.Inference.StateSize], new float[2 * 11]);
        Assert.Contains("tokens[1] is 11, wanted 0 to 10", Assert.Throws<ArgumentException>("tokens", () => inference.Step([1, 11], state, logits)).Message);
        Assert.Contains("tokens[0] is -1", Assert.Throws<ArgumentException>("tokens", () => inference.Step([-1, 1], state, logits)).Message);
        Assert.Throws<ArgumentException>("state", () => inference.Step([1], state, logits));
        Assert.Throws<ArgumentException>("logits", () => inference.Step([1, 1], state, new float[21]));
        Assert.Throws<ArgumentException>("tokens", () => inference.Forward([1], state, logits, 2, 1));
        Assert.Throws<ArgumentOutOfRangeException>("time", () => inference.Prefill([], state, logits, 2, 0));
        Assert.All(state, value => Assert.Equal(0, value));
    }

    [Fact]
    public void Weights_of_8_bits_lose_little_and_say_how_much()
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        manual_seed(2);
        using var module = new DeployedModel();
        module.eval();
        var inference = Deployment.Deploy(module, file => module.SaveSafetensors(file), file => DeployedModel.Inference.Load(file, new InferenceOptions { Quantize = true }));
        Assert.Equal((3 * 4) + 1, inference.QuantizationLosses.Count);
        Assert.All(inference.QuantizationLosses, loss => Assert.InRange(loss.RelativeError, 0.001, 0.01));
        var ids = randint(0, 11, new[] { 2L, 70 }, dtype: ScalarType.Int64);
        var logits = new float[2 * 70 * 11];
        inference.Forward(Array.ConvertAll(ids.data<long>().ToArray(), id => (int)id), new float[2 * DeployedModel.Inference.StateSize], logits, 2, 70);
        Deployment.AssertClose(module.call(ids), logits, 0.1, "logits");
    }

    private static (SequenceModule Module, ModelInference<float> Inference) Deploy(DeployedModelCase model)
    {
        manual_seed(1);
        var module = model.Make();
        module.eval();
        return (module, Deployment.Deploy(module, file => module.SaveSafetensors(file), file => model.Load(file, null)));
    }
}
