using MinRnn.Samples.Common;
using MinRnn.Samples.SelectiveCopy;
using Xunit;
using static TorchSharp.torch;

namespace MinRnn.Tests.Samples;

/// <summary>A small model with everything that a step can depend on, dropout's generator among it.</summary>
[SequenceModel(typeof(MinLstm), VocabularySize = SelectiveCopyTask.VocabularySize, Width = 8, Layers = 2,
               Expansion = 2, ConvolutionWidth = 3, MlpRatio = 2, Dropout = 0.2)]
public partial class DropoutModel;

public sealed class ResumeTests : IDisposable
{
    private static readonly Dictionary<string, string> Options = new() { ["width"] = "8" };

    private static readonly TrainingSettings Settings =
        new(new WarmupCosine(0.005, WarmUp: 4, Steps: 23, FinalShare: 0.1), WeightDecay: 0.01, Clip: 1, Seed: 5)
        {
            EvaluateEvery = 5,
        };

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    // In the middle of an interval, after an evaluation, at the first step and with nothing left to do.
    [Theory]
    [InlineData(8)]
    [InlineData(10)]
    [InlineData(1)]
    [InlineData(23)]
    public void A_resumed_run_equals_an_uninterrupted_one_bit_for_bit(int interruption)
    {
        var (whole, wholeHistory) = Train("whole", stop: int.MaxValue);

        Train("part", stop: interruption);
        manual_seed(99);
        var (resumed, resumedHistory) = Train("part", stop: int.MaxValue, resume: true);

        Assert.Equal(5, wholeHistory.Count);
        Assert.Equal(wholeHistory, resumedHistory);
        foreach (var section in new[] { "model", "optimizer", "generator" })
            Assert.True(whole[section].SequenceEqual(resumed[section]), $"The section '{section}' differs.");
        var (wholeRun, resumedRun) = (RunState.Read("whole", "Test", whole), RunState.Read("part", "Test", resumed));
        Assert.Equal(
            (wholeRun.Step, wholeRun.DataState, wholeRun.Interval), (resumedRun.Step, resumedRun.DataState, resumedRun.Interval));
    }

    [Fact]
    public void Two_runs_of_a_seed_are_the_same_and_those_of_two_seeds_are_not()
    {
        var first = Train("first", stop: 5);
        var second = Train("second", stop: 5);
        var other = Train("other", stop: 5, settings: Settings with { Seed = 6 });

        Assert.Equal(first.Sections["model"], second.Sections["model"]);
        Assert.NotEqual(first.Sections["model"], other.Sections["model"]);
    }

    [Fact]
    public void A_run_ends_when_two_evaluations_reach_the_target()
    {
        var (sections, history) = Train("target", stop: int.MaxValue, settings: Settings with { TargetAccuracy = 1e-9 });

        Assert.Equal(2, history.Count);
        Assert.Equal(10, RunState.Read("target", "Test", sections).Step);
    }

    [Fact]
    public void A_loss_that_is_not_a_number_is_an_error_of_its_own()
    {
        var settings = Settings with { Schedule = new WarmupCosine(1e30, 0, 23, 1) };

        Assert.Throws<TrainingFailedException>(() => Train("wild", stop: int.MaxValue, settings: settings));
    }

    [Theory]
    [InlineData(true, "gradient")]
    [InlineData(false, "held-out")]
    public void What_is_not_a_number_reaches_no_checkpoint(bool inGradient, string part)
    {
        var (task, settings) = (new BrokenTask(inGradient), Settings with { EvaluateEvery = 1 });
        using var trainer = new Trainer(() => new DropoutModel(), task, settings);
        var run = new TrainingRun("Test", Options, trainer, task, settings);

        Assert.Contains(part, Assert.Throws<TrainingFailedException>(() => run.Train(_directory.File("broken"), new Silence(), () => false)).Message);
        Assert.False(File.Exists(_directory.File("broken")));
        Assert.All(trainer.Model.parameters(), parameter => Assert.All(parameter.data<float>().ToArray(), value => Assert.True(float.IsFinite(value))));
    }

    [Fact]
    public void Another_samples_checkpoint_is_refused()
    {
        var (sections, _) = Train("foreign", stop: 1);

        Assert.Throws<UserErrorException>(() => RunState.Read("foreign", SelectiveCopyOptions.Sample, sections));
    }

    private (IReadOnlyDictionary<string, byte[]> Sections, IReadOnlyList<HistoryPoint> History) Train(
        string name, int stop, bool resume = false, TrainingSettings? settings = null)
    {
        var path = _directory.File(name);
        var task = new SelectiveCopyTask(12, 3, batch: 4, seed: 5);
        using var trainer = new Trainer(() => new DropoutModel(), task, settings ?? Settings);
        var run = new TrainingRun("Test", Options, trainer, task, settings ?? Settings);
        if (resume)
        {
            var stored = CheckpointFile.Read(path);
            run.Restore(RunState.Read(path, "Test", stored), stored);
        }

        run.Train(path, new Silence(), () => run.Step >= stop);
        return (CheckpointFile.Read(path), run.History.ToArray());
    }

    /// <summary>Its loss is always finite.</summary>
    private sealed class BrokenTask(bool inGradient) : ITrainingTask
    {
        public int TokensPerBatch => 1;

        public (Tensor Loss, double Accuracy) TrainingLoss(nn.Module<Tensor, Tensor> model, SeededRandom random)
        {
            var parameter = model.parameters().First();
            return (inGradient ? (parameter - parameter.detach()).abs().sqrt().sum() : parameter.sum(), 0);
        }

        public Score Evaluate(nn.Module<Tensor, Tensor> model, bool full) => new(double.NaN, 0);
    }

    private sealed class Silence : IProgressDisplay
    {
        public void Step(TrainingRun run)
        {
        }

        public void Evaluated(TrainingRun run, HistoryPoint point)
        {
        }
    }
}
