using MinRnn.Kernels;

namespace MinRnn.Safetensors;

/// <summary>The parameters of layers, by the names that modules give them.</summary>
internal static class WantedParameters
{
    /// <summary>The parameter's suffix in the second direction of a bidirectional layer.</summary>
    public const string ReverseSuffix = "_reverse";

    /// <summary>All parameters of a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="prefix">What its names begin with in a model.</param>
    public static IReadOnlyList<WantedParameter> Of(LayerDescription layer, string prefix = "") => layer.Direction == Direction.Bidirectional
        ? [.. OfDirection(layer, prefix, ""), .. OfDirection(layer, prefix, ReverseSuffix)]
        : [.. OfDirection(layer, prefix, "")];

    /// <summary>The blocks of rows that a parameter of a layer stacks: a projection's each.</summary>
    public static IReadOnlyList<RowBlock> Blocks(LayerDescription layer, string parameter) =>
        parameter is "weight" or "bias" or "weight" + ReverseSuffix or "bias" + ReverseSuffix
            ? [.. layer.Projections.Select(projection => new RowBlock(projection.Name, layer.HiddenSize))]
            : [];

    private static IEnumerable<WantedParameter> OfDirection(LayerDescription layer, string prefix, string suffix)
    {
        long rows = layer.Projections.Count * layer.HiddenSize;
        yield return new WantedParameter($"{prefix}weight{suffix}", [rows, layer.InputSize], Blocks(layer, "weight"));
        if (layer.Kernels.Shape.HasBias)
            yield return new WantedParameter($"{prefix}bias{suffix}", [rows], Blocks(layer, "bias"));
        foreach (var weight in layer.Weights)
            yield return new WantedParameter($"{prefix}{weight.Name}{suffix}", layer.HiddenSize);
    }
}
