using System.Globalization;
using MinRnn.Samples.Common;

namespace MinRnn.Samples.SelectiveCopy;

/// <summary>What a run of this sample is: the options that a resumed run has to share.</summary>
public sealed record SelectiveCopyOptions(
    DeclaredModel Model, int Length, int DataTokens, int Layers, int Steps, int Seed, int Batch, double Rate, double Target)
{
    /// <summary>The sample's name in checkpoints.</summary>
    public const string Sample = "SelectiveCopy";

    /// <summary>Lengths from which the default batch is the smaller one: the same tokens a step.</summary>
    private const int LongLength = 128;

    /// <summary>Every option of the command line.</summary>
    public static readonly IReadOnlyList<Option> Declared =
    [
        new("cell", "NAME", "cell of the recurrent layers: MinGru, LogMinGru, MinLstm, LogMinLstm", nameof(MinGru)),
        new("width", "N", "features between layers: 32, 64, 128", "64"),
        new("layers", "N", "recurrent layers", "2"),
        new("length", "N", "tokens of a sequence; 128 is a harder task", "64"),
        new("data", "N", "data tokens to copy", "8"),
        new("batch", "N", "sequences a step (default 32, from length 128 on 16)"),
        new("steps", "N", "training steps at most; the learning rate falls over them", "4000"),
        new("rate", "X", "highest learning rate", "0.005"),
        new("target", "X", "held-out accuracy in % that ends the run when met twice in a row; 0 runs every step", "98"),
        new("seed", "N", "seed of parameters and data", "1"),
        new("output", "DIR", "where checkpoint and plot go", "runs/selective-copy"),
        new("resume", "FILE", "continue from a checkpoint, with its options and in its directory"),
        new("help", null, "show this text"),
    ];

    /// <summary>Reads the options and checks that they fit each other.</summary>
    /// <exception cref="UserErrorException">An option is out of range or names no declared model.</exception>
    public static SelectiveCopyOptions Read(CommandLine line)
    {
        var length = line.Integer("length", 2, 1 << 20);
        var dataTokens = line.Integer("data", 1, 1 << 16);
        if (2 * dataTokens > length)
            throw new UserErrorException($"--length {length} has no room for {dataTokens} data tokens and as many markers.");

        return new SelectiveCopyOptions(
            FindModel(line.Text("cell")!, line.Text("width")!),
            length,
            dataTokens,
            line.Integer("layers", 1, 64),
            line.Integer("steps", 1),
            line.Integer("seed", 0),
            line.Text("batch") is null ? (length < LongLength ? 32 : 16) : line.Batch("batch", length),
            line.Number("rate", 0, 1, above: true),
            line.Number("target", 0, 100));
    }

    /// <summary>The options as a checkpoint keeps them, by name.</summary>
    public IReadOnlyDictionary<string, string> ToDictionary() => new Dictionary<string, string>
    {
        ["cell"] = Model.Cell,
        ["width"] = Text(Model.Width),
        ["layers"] = Text(Layers),
        ["length"] = Text(Length),
        ["data"] = Text(DataTokens),
        ["batch"] = Text(Batch),
        ["steps"] = Text(Steps),
        ["rate"] = Text(Rate),
        ["target"] = Text(Target),
        ["seed"] = Text(Seed),
    };

    /// <summary>How the run trains.</summary>
    public TrainingSettings Settings() =>
        new(new WarmupCosine(Rate, WarmUp: 100, Steps, FinalShare: 0.1), WeightDecay: 0.01, Clip: 1, Seed)
        {
            TargetAccuracy = Target > 0 ? Target / 100 : null,
        };

    private static DeclaredModel FindModel(string cell, string width)
    {
        foreach (var model in Models.All)
        {
            if (model.Cell.Equals(cell, StringComparison.OrdinalIgnoreCase) && Text(model.Width) == width)
                return model;
        }

        var declared = Models.All.GroupBy(model => model.Cell)
            .Select(group => $"{group.Key} {string.Join(", ", group.Select(model => model.Width))}");
        throw new UserErrorException(
            $"No model is declared for --cell {cell} --width {width}; declared are {string.Join("; ", declared)}.");
    }

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
