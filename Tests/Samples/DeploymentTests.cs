using System.Diagnostics;
using System.Reflection;
using MinRnn.Samples.CharacterModel;
using MinRnn.Samples.Common;
using TorchSharp;
using Xunit;

namespace MinRnn.Tests.Samples;

/// <summary>What one project has trained with TorchSharp, another continues without.</summary>
public sealed class DeploymentTests : IDisposable
{
    private static readonly string Folder = typeof(DeploymentTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "DeploymentFolder").Value!;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void The_program_has_neither_TorchSharp_nor_ILGPU()
    {
        var files = Directory.EnumerateFiles(Folder, "*.dll").Select(Path.GetFileName).Order(StringComparer.Ordinal);
        Assert.Equal(["MinRnn.Attributes.dll", "MinRnn.Core.dll", "MinRnn.Samples.Deployment.dll"], files);
    }

    [Fact]
    public void It_continues_a_text_as_the_trained_model_does()
    {
        var vocabulary = new Vocabulary("ab cd\n");
        torch.manual_seed(1);
        using var model = new SmallNetwork(vocabularySize: vocabulary.Size);
        var file = Save(model, vocabulary, nameof(SmallNetwork));
        var expected = new Sampler(model, vocabulary, temperature: 0, new SeededRandom(1)).Continue("ab", 40);
        var (code, output, error) = Run("--model", file, "--prompt", "ab", "--characters", "40", "--temperature", "0", "--time");
        Assert.Equal((0, "ab" + expected), (code, output.TrimEnd('\r', '\n')[..42]));
        Assert.Contains("characters a second, 0 bytes allocated", error);

        var picked = Run("--model", file, "--characters", "40", "--top-k", "3", "--top-p", "0.9", "--seed", "5", "--int8");
        Assert.Equal(0, picked.Code);
        Assert.Contains("head.weight: relative error 0.00", picked.Error);
        Assert.Equal(picked, Run("--model", file, "--characters", "40", "--top-k", "3", "--top-p", "0.9", "--seed", "5", "--int8"));
    }

    [Fact]
    public void Half_of_a_surrogate_pair_is_written_as_a_replacement()
    {
        var vocabulary = new Vocabulary("a\ud83d\ude00");
        torch.manual_seed(1);
        using var model = new SmallNetwork(vocabularySize: vocabulary.Size);
        var (code, output, error) = Run("--model", Save(model, vocabulary, nameof(SmallNetwork)), "--prompt", "a", "--characters", "200", "--temperature", "3", "--seed", "1");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains('\ufffd', output);
        Assert.Contains("\ud83d\ude00", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_do_not_fit_are_refused_in_a_sentence()
    {
        var vocabulary = new Vocabulary("ab");
        using var model = new SmallNetwork(vocabularySize: vocabulary.Size);
        var refused = Run("--model", Save(model, vocabulary, nameof(PaperNetwork)));
        Assert.Equal(2, refused.Code);
        Assert.Contains("another architecture than PaperNetwork: its width is '128', wanted '384'", refused.Error);
        Assert.Contains("is no model of Samples/CharacterModel", Run("--model", Save(model, vocabulary, "Other")).Error);
        Assert.Contains("The vocabulary has 1 characters, wanted 2", Run("--model", Save(model, new Vocabulary("a"), nameof(SmallNetwork))).Error);
        Assert.Contains("There is no model", Run("--model", _directory.File("none")).Error);
        Assert.Contains("cannot be read: is it a file", Run("--model", Path.GetDirectoryName(_directory.File("none"))!).Error);
        Assert.Equal(2, Run("--prompt", "").Code);
        File.WriteAllText(_directory.File("text"), "no model at all");
        Assert.Equal(2, Run("--model", _directory.File("text")).Code);
    }

    [Fact]
    public void A_vocabulary_comes_back_from_its_text()
    {
        var vocabulary = new Vocabulary("b a\n\ud83d\ude00\u00e4");
        Assert.Equal("000a 0020 0061 0062 00e4 d83d de00", vocabulary.ToString());
        Assert.Equal(vocabulary.ToString(), Vocabulary.Parse(vocabulary.ToString(), 7).ToString());
        foreach (var broken in new[] { "", "0061 0061", "0062 0061", "x", "0061  0062", "10000" })
            Assert.Throws<UserErrorException>(() => Vocabulary.Parse(broken, 2));
    }

    private string Save(SmallNetwork model, Vocabulary vocabulary, string network)
    {
        var file = _directory.File($"{network}.safetensors");
        model.SaveSafetensors(file, new Dictionary<string, string> { [Vocabulary.Key] = vocabulary.ToString(), [Vocabulary.NetworkKey] = network });
        return file;
    }

    private static (int Code, string Output, string Error) Run(params string[] arguments)
    {
        var information = new ProcessStartInfo("dotnet", [Path.Combine(Folder, "MinRnn.Samples.Deployment.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(information)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
