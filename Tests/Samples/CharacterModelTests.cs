using MinRnn.Samples.CharacterModel;
using MinRnn.Samples.Common;
using TorchSharp;
using Xunit;

namespace MinRnn.Tests.Samples;

/// <summary>A character model small enough to sample from in a test.</summary>
[SequenceModel(typeof(LogMinGru), VocabularySize = 4, Width = 8, Layers = 2, Expansion = 2, ConvolutionWidth = 3, MlpRatio = 2)]
public partial class TinyCharacters;

public sealed class CharacterModelTests : IDisposable
{
    private const string Pattern = "abcd";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_text_is_split_nine_to_one_and_comes_back_from_its_tokens()
    {
        var corpus = Load(100);

        Assert.Equal((4, 360, 40), (corpus.Vocabulary.Size, corpus.Training.Length, corpus.HeldOut.Length));
        Assert.Equal(corpus.HeldOutText, string.Concat(corpus.HeldOut.Select(token => corpus.Vocabulary.Decode((int)token))));
        Assert.Contains("U+007A", Assert.Throws<UserErrorException>(() => corpus.Vocabulary.Encode("abz")).Message);
    }

    [Fact]
    public void A_text_that_is_absent_or_too_short_is_refused()
    {
        Assert.Throws<UserErrorException>(() => Corpus.Load(_directory.File("none.txt"), window: 8));
        Assert.Contains("too short", Assert.Throws<UserErrorException>(() => Load(10, window: 8)).Message);
    }

    [Fact]
    public void Without_a_path_the_sources_of_the_repository_are_read_but_not_what_a_build_left()
    {
        Assert.Throws<UserErrorException>(() => Corpus.FromRepository(_directory.Root));
        (string Name, string Text)[] files =
            [("MinRnnGen.sln", ""), ("b/B.cs", "class B;"), ("a/A.cs", "class A;"), ("a/obj/C.cs", "!"), (".d/D.cs", "?")];
        foreach (var (name, text) in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_directory.File(name))!);
            File.WriteAllText(_directory.File(name), text);
        }

        var corpus = Corpus.FromRepository("/", _directory.File("b"));
        var tokens = corpus.Training.Concat(corpus.HeldOut);
        Assert.Equal("class A;class B;", string.Concat(tokens.Select(token => corpus.Vocabulary.Decode((int)token))));
    }

    [Fact]
    public void A_trained_model_continues_a_pattern_by_steps()
    {
        var corpus = Load(100);
        var settings = new TrainingSettings(new WarmupCosine(0.02, 5, 80, 0.1), WeightDecay: 0.01, Clip: 1, Seed: 1);
        var task = new CharacterTask(corpus, length: 12, batch: 8);
        using var trainer = new Trainer(() => new TinyCharacters(vocabularySize: corpus.Vocabulary.Size), task, settings);
        for (var step = 0; step < 80; step++)
            trainer.Step(step);

        var continued = new Sampler((TinyCharacters)trainer.Model, corpus.Vocabulary, temperature: 0, new SeededRandom(1)).Continue("ab", 6);
        Assert.Equal("cdabcd", continued);
        Assert.True(trainer.Evaluate(full: true).Loss < 0.5);
    }

    [Fact]
    public void Samples_are_reproducible_and_leave_no_tensor_behind()
    {
        var corpus = Load(100);
        torch.manual_seed(1);
        using var model = new TinyCharacters();
        string Sample(int seed) =>
            new Sampler(model, corpus.Vocabulary, temperature: 1, new SeededRandom(seed)).Continue("abc", 60);

        var first = Sample(1);

        // What earlier tests left to the finaliser must not go while tensors are counted.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var tensors = torch.Tensor.TotalCount;
        Assert.Equal(first, Sample(1));
        Assert.NotEqual(first, Sample(2));
        Assert.Equal(60, first.Length);
        Assert.Equal(tensors, torch.Tensor.TotalCount);
    }

    private Corpus Load(int repetitions, int window = 8)
    {
        var path = _directory.File("text.txt");
        File.WriteAllText(path, string.Concat(Enumerable.Repeat(Pattern, repetitions)));
        return Corpus.Load(path, window);
    }
}
