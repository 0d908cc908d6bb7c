using System.Globalization;
using MinRnn.Samples.Common;

namespace MinRnn.Samples.CharacterModel;

/// <summary>What a run of this sample is: the options that a resumed run has to share, and how to continue the text.</summary>
public sealed record CharacterOptions(
    bool Paper, string? Text, int Length, int Batch, int Steps, double Rate, int Seed,
    double Temperature, int Characters, string? Prompt)
{
    /// <summary>The sample's name in checkpoints.</summary>
    public const string Sample = "CharacterModel";

    /// <summary>Every option of the command line.</summary>
    public static readonly IReadOnlyList<Option> Declared =
    [
        new("text", "FILE", "text to learn (default: this repository's C# sources)"),
        new("paper", null, "the paper's Shakespeare setting: hours on two cores; needs --text"),
        new("length", "N", "characters of a window (default 128, with --paper 256)"),
        new("batch", "N", "windows a step (default 16, with --paper 64)"),
        new("steps", "N", "training steps (default 600, with --paper 1000)"),
        new("rate", "X", "highest learning rate (default 0.004, with --paper 0.001 throughout)"),
        new("seed", "N", "seed of parameters, data and sample", "1"),
        new("temperature", "X", "of the sample; 0 takes the likeliest", "0.8"),
        new("characters", "N", "length of the sample", "500"),
        new("prompt", "TEXT", "what the sample continues (default: the start of the held-out text)"),
        new("output", "DIR", "where checkpoint and plot go", "runs/character-model"),
        new("resume", "FILE", "continue from a checkpoint, with its options and in its directory"),
        new("help", null, "show this text"),
    ];

    /// <summary>Reads the options and checks that they fit each other.</summary>
    /// <exception cref="UserErrorException">An option is out of range, or one that another needs is absent.</exception>
    public static CharacterOptions Read(CommandLine line)
    {
        var paper = line.Switch("paper");
        var text = line.Text("text");
        if (paper && text is null)
            throw new UserErrorException("--paper needs --text FILE, the text that the paper's setting is trained on.");

        line = line.WithMissing(new Dictionary<string, string>
        {
            ["length"] = paper ? "256" : "128",
            ["batch"] = paper ? "64" : "16",
            ["steps"] = paper ? "1000" : "600",
            ["rate"] = paper ? "0.001" : "0.004",
        });
        var length = line.Integer("length", 1, 1 << 16);
        return new CharacterOptions(
            paper, text is null ? null : Path.GetFullPath(text),
            length, line.Batch("batch", length), line.Integer("steps", 1),
            line.Number("rate", 0, 1, above: true), line.Integer("seed", 0),
            line.Number("temperature", 0, 100), line.Integer("characters", 1, 1 << 20), line.Text("prompt"));
    }

    /// <summary>The options as a checkpoint keeps them, by name.</summary>
    public IReadOnlyDictionary<string, string> ToDictionary()
    {
        var options = new Dictionary<string, string>
        {
            ["paper"] = Paper ? "true" : "false",
            ["length"] = Length.ToString(CultureInfo.InvariantCulture),
            ["batch"] = Batch.ToString(CultureInfo.InvariantCulture),
            ["steps"] = Steps.ToString(CultureInfo.InvariantCulture),
            ["rate"] = Rate.ToString(CultureInfo.InvariantCulture),
            ["seed"] = Seed.ToString(CultureInfo.InvariantCulture),
        };
        if (Text is not null)
            options["text"] = Text;
        return options;
    }

    /// <summary>How the run trains. The paper names no schedule, so its rate stays what it is.</summary>
    public TrainingSettings Settings() => Paper
        ? new TrainingSettings(new WarmupCosine(Rate, WarmUp: 0, Steps, FinalShare: 1), WeightDecay: 0.01, Clip: 0.25, Seed)
        {
            EvaluateEvery = 25,
            CheckpointEvery = 25,
        }
        : new TrainingSettings(new WarmupCosine(Rate, WarmUp: 50, Steps, FinalShare: 0.1), WeightDecay: 0.01, Clip: 1, Seed)
        {
            EvaluateEvery = 50,
            CheckpointEvery = 100,
        };
}
