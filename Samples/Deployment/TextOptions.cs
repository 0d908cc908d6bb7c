using MinRnn.Inference.Sampling;
using MinRnn.Samples.Common;

namespace MinRnn.Samples.Deployment;

/// <summary>What is to be continued, by which model, and how.</summary>
internal sealed record TextOptions(string Model, string? Prompt, int Characters, SamplingOptions Sampling, bool Quantize, bool Time)
{
    /// <summary>Every option of the command line.</summary>
    public static readonly IReadOnlyList<Option> Declared =
    [
        new("model", "FILE", "what Samples/CharacterModel has saved", "runs/character-model/model.safetensors"),
        new("prompt", "TEXT", "what is continued (default: a line break)"),
        new("characters", "N", "length of the continuation", "500"),
        new("temperature", "X", "0 takes the likeliest", "0.8"),
        new("top-k", "N", "pick among the N likeliest; 0 for all", "0"),
        new("top-p", "X", "pick among the likeliest that together have this probability", "1"),
        new("seed", "N", "decides the picks", "1"),
        new("int8", null, "round the weights to 8 bits, and say what that costs"),
        new("time", null, "say how long it took"),
        new("help", null, "show this text"),
    ];

    /// <summary>Reads the options.</summary>
    /// <exception cref="UserErrorException">One is out of range.</exception>
    public static TextOptions Read(CommandLine line) => new(
        line.Text("model")!,
        line.Text("prompt"),
        line.Integer("characters", 1),
        new SamplingOptions
        {
            Temperature = line.Number("temperature", 0, 100),
            TopK = line.Integer("top-k", 0),
            TopP = line.Number("top-p", 0, 1, above: true),
            Seed = (ulong)line.Integer("seed", 0),
        },
        line.Switch("int8"),
        line.Switch("time"));
}
