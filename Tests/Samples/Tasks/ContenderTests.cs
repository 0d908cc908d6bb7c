using MinRnn.Bench.Tasks;
using MinRnn.Samples.CharacterModel;
using MinRnn.Samples.Common;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace MinRnn.Tests.Samples.Tasks;

public sealed class ContenderTests : IDisposable
{
    private const int Vocabulary = 5;

    private readonly TemporaryDirectory _directory = new();

    public static TheoryData<string> Names => [.. Contender.All.Select(contender => contender.Name)];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void Networks_give_logits_and_look_at_no_later_token(string name)
    {
        var contender = Contender.All.Single(contender => contender.Name == name);
        foreach (var create in new[] { contender.Narrow, contender.Wide })
        {
            using var scope = NewDisposeScope();
            using var inference = no_grad();
            manual_seed(1);
            using var network = create(Vocabulary, 2);
            network.eval();
            var ids = randint(Vocabulary, [3, 12], dtype: ScalarType.Int64);
            var logits = network.call(ids);
            var others = ids.clone();
            others.narrow(1, 7, 5).copy_((ids.narrow(1, 7, 5) + 1) % Vocabulary);

            Assert.Equal([3, 12, Vocabulary], logits.shape);
            var difference = (network.call(others) - logits).abs().amax([0, 2]).data<float>().ToArray();
            Assert.All(difference[..7], value => Assert.InRange(value, 0, 1e-5f));
            Assert.All(difference[7..], value => Assert.InRange(value, 1e-4f, 1e4f));
        }
    }

    [Fact]
    public void Each_task_trains_from_its_seed_alone()
    {
        foreach (var task in LearningTask.All(Text()))
        {
            var losses = Losses(task, seed: 1);
            Assert.Equal(losses, Losses(task, seed: 1));
            Assert.NotEqual(losses, Losses(task, seed: 2));
            Assert.All(losses, loss => Assert.True(double.IsFinite(loss)));
        }
    }

    private static double[] Losses(LearningTask task, int seed)
    {
        using var trainer = new Trainer(() => task.Create(Contender.All[0]), task.Make(seed), task.Settings(Contender.All[0], seed, isQuick: true));
        return [trainer.Step(0).Loss, trainer.Step(1).Loss];
    }

    private Lazy<Corpus> Text()
    {
        var path = _directory.File("text.txt");
        File.WriteAllText(path, string.Concat(Enumerable.Range(0, 2000).Select(number => $"{number} ")));
        return new Lazy<Corpus>(() => Corpus.Load(path, LearningTask.CharacterWindow));
    }
}
