using System.Globalization;
using MinRnn.Kernels;

namespace MinRnn.Safetensors;

/// <summary>
/// What a file says of the layer or model that its parameters belong to, stored beside them and checked when they are loaded.
/// </summary>
internal sealed class Specification
{
    private const string Prefix = "minrnn.";
    private const string Format = "format";
    private const string Version = "1";

    private readonly string owner;
    private readonly List<(string Key, string Value, string? Absent)> entries = [("version", Version, null)];

    private Specification(string owner) => this.owner = owner;

    public static Specification Of(LayerDescription layer) => new Specification(layer.Name)
        .With("kind", "layer").With(layer.Cell)
        .With("input", layer.InputSize).With("hidden", layer.HiddenSize)
        .With("direction", Lower(layer.Direction)).With("bias", layer.Kernels.Shape.HasBias ? "true" : "false");

    public static Specification Of(SequenceDescription model, int vocabularySize, int layers) => new Specification(model.Name)
        .With("kind", "model").With(model.Layer.Cell)
        .With("vocabulary", vocabularySize).With("width", model.Width).With("layers", layers).With("hidden", model.Layer.HiddenSize)
        .With("convolution", model.ConvolutionWidth).With("mlp", model.MlpRatio).With("bias", model.Layer.Kernels.Shape.HasBias ? "true" : "false")
        .With("normalization", Lower(model.Normalization), absent: Lower(Normalization.Rms));

    /// <summary>Stores it in the metadata of a file, with the mark by which other libraries know row-major tensors.</summary>
    /// <exception cref="ArgumentException">The metadata has a key that is the library's own.</exception>
    public void Store(IDictionary<string, string> metadata)
    {
        if (metadata.Keys.FirstOrDefault(key => key == Format || key.StartsWith(Prefix, StringComparison.Ordinal)) is { } taken)
            throw new ArgumentException($"The key '{taken}' is the library's own.", nameof(metadata));
        metadata[Format] = "pt";
        foreach (var (key, value, _) in entries)
            metadata[Prefix + key] = value;
    }

    /// <summary>Requires a file to have been stored by this very architecture.</summary>
    /// <exception cref="SafetensorsException">It was not; the message says in what it differs.</exception>
    public void Require(SafetensorsFile file)
    {
        foreach (var (key, value, absent) in entries)
        {
            if ((file.Metadata.GetValueOrDefault(Prefix + key) ?? absent) is not { } stored)
            {
                throw new SafetensorsException(
                    $"{file.Name}: the file does not say what it belongs to ({Prefix}{key} is missing). Load it with a map, {nameof(TensorMap)}.{nameof(TensorMap.Identity)} "
                    + "for parameters under their own names, to go by names and shapes alone.");
            }

            if (stored != value)
                throw new SafetensorsException($"{file.Name}: the file belongs to another architecture than {owner}: {Describe(key, stored, value)}.");
        }
    }

    private static string Describe(string key, string stored, string value) => key switch
    {
        "version" => $"its format is {HeaderReader.Quote(stored)}, this library's is {value}",
        "kind" => $"it holds a {HeaderReader.Quote(stored)}, not a {value}",
        "graph" => $"the equations of its cell were others (hash {HeaderReader.Quote(stored)}, now {value})",
        _ => $"its {key} is {HeaderReader.Quote(stored)}, wanted '{value}'",
    };

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    // A description that was made by hand names no cell.
    private Specification With(CellDescription? cell) => cell is null ? this : With("cell", cell.Name).With("graph", cell.Graph);

    private Specification With(string key, int value) => With(key, value.ToString(CultureInfo.InvariantCulture));

    /// <param name="key">What it is of the architecture.</param>
    /// <param name="value">Its value.</param>
    /// <param name="absent">The value of a file that does not say it, for it is older than the key; null where every file says it.</param>
    private Specification With(string key, string value, string? absent = null)
    {
        entries.Add((key, value, absent));
        return this;
    }
}
