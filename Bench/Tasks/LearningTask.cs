using MinRnn.Samples.CharacterModel;
using MinRnn.Samples.Common;
using MinRnn.Samples.SelectiveCopy;
using static TorchSharp.torch;

namespace MinRnn.Bench.Tasks;

/// <summary>A task that contenders are trained on, with the setting of a run.</summary>
/// <param name="Name">What the command line and tables call it.</param>
/// <param name="Description">What is learned, how, and what guessing reaches.</param>
/// <param name="Steps">Training steps of a run in full.</param>
/// <param name="Seeds">Runs of a contender in full.</param>
/// <param name="Schedule">The learning rate over so many steps.</param>
/// <param name="Create">Makes a contender's network.</param>
/// <param name="Make">Makes the task of a seed.</param>
internal sealed record LearningTask(
    string Name,
    string Description,
    int Steps,
    int Seeds,
    Func<int, WarmupCosine> Schedule,
    Func<Contender, nn.Module<Tensor, Tensor>> Create,
    Func<int, ITrainingTask> Make)
{
    /// <summary>Characters of a window.</summary>
    public const int CharacterWindow = 128;

    private const int QuickShare = 10;

    /// <summary>The text that is learned; null where data are generated.</summary>
    public Lazy<Corpus>? Corpus { get; init; }

    /// <summary>What the text is; null where there is none.</summary>
    public string? Text => Corpus?.Value is { } corpus ? $"{corpus.Name}, {corpus.Training.Length + corpus.HeldOut.Length:N0} characters, SHA-256 {corpus.Fingerprint}…" : null;

    /// <summary>Whether the result is a loss in nats rather than a share of right answers.</summary>
    public bool IsLoss => Corpus is not null;

    /// <summary>Every task, in the order of the table.</summary>
    /// <param name="corpus">The text of the character task.</param>
    public static IReadOnlyList<LearningTask> All(Lazy<Corpus> corpus) => [.. new[] { 1, 2, 3 }.Select(Copy), Parity(), Recall(), Characters(corpus)];

    /// <summary>Training steps: a tenth where a rough answer will do.</summary>
    public int StepsOf(bool isQuick) => isQuick ? Math.Max(1, Steps / QuickShare) : Steps;

    /// <summary>The setting of one run.</summary>
    public TrainingSettings Settings(Contender contender, int seed, bool isQuick)
    {
        var steps = StepsOf(isQuick);
        var schedule = Schedule(steps);

        // Text is learned from the first step on, and by all best at the same rate.
        var share = IsLoss ? 1 : contender.RateShare;
        return new TrainingSettings(schedule with { Peak = schedule.Peak * share }, WeightDecay: 0.01, Clip: 1, seed) { EvaluateEvery = Math.Max(50, steps / 10) };
    }

    private static LearningTask Copy(int layers) => new(
        $"copy-{layers}",
        $"Selective copying (`Samples/SelectiveCopy`), {layers} {(layers == 1 ? "layer" : "layers")}: 8 data tokens at random places among 56, to be "
        + "given back in order; batch 32. Guessing: 7 %.",
        Steps: 2500, Seeds: 1,
        steps => new WarmupCosine(0.005, Math.Min(100, steps / 10), steps, FinalShare: 0.1),
        contender => contender.Wide(SelectiveCopyTask.VocabularySize, layers),
        seed => new SelectiveCopyTask(length: 64, dataTokens: 8, batch: 32, seed));

    private static LearningTask Parity()
    {
        const int Longest = 40, HeldOut = 256;
        return new LearningTask(
            "parity",
            $"Parity, one layer of 64 channels: trained on 1 to {Longest} bits behind a start token, tested on {HeldOut}, the answer at the last bit "
            + "alone; batch 128. Guessing: 50 %.",
            Steps: 3000, Seeds: 5,
            steps => new WarmupCosine(0.005, 0, steps, FinalShare: 0),
            contender => contender.Narrow(ParityTask.VocabularySize, 1),
            seed => new ParityTask(Longest, HeldOut, batch: 128, seed));
    }

    private static LearningTask Recall() => new(
        "recall",
        $"Multi-query associative recall, two layers: {RecallTask.Pairs} pairs of a key and a value ({RecallTask.Keys} keys, "
        + $"{RecallTask.Values} values), then every key again; batch 64. Guessing any value: 3 %; any of the sequence's: 12 %.",
        Steps: 2000, Seeds: 1,
        steps => new WarmupCosine(0.003, Math.Min(100, steps / 10), steps, FinalShare: 0.1),
        contender => contender.Wide(RecallTask.VocabularySize, 2),
        seed => new RecallTask(batch: 64, seed));

    private static LearningTask Characters(Lazy<Corpus> corpus) => new(
        "characters",
        $"The next character of a text, two layers without convolution or MLP: windows of {CharacterWindow}, batch 16. Held-out loss in nats a character.",
        Steps: 400, Seeds: 1,
        steps => new WarmupCosine(0.005, Math.Min(50, steps / 10), steps, FinalShare: 0.1),
        contender => contender.Wide(corpus.Value.Vocabulary.Size, 2),
        _ => new CharacterTask(corpus.Value, CharacterWindow, batch: 16))
    {
        Corpus = corpus,
    };
}
