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
            ? [
                .. layer.Projections.Where(projection => projection.Rank == 0 || parameter.StartsWith("bias", StringComparison.Ordinal))
                    .Select(projection => new RowBlock(projection.Name, layer.HiddenSize)),
                .. (layer.Shared ?? []).Select(projection => new RowBlock(projection.Name, layer.Kernels.Shape.StateSize)),
            ]
            : [];

    /// <summary>The parameters of a norm of a model; none where it has no norms.</summary>
    public static IEnumerable<WantedParameter> OfNorm(SequenceDescription model, string name)
    {
        if (model.Normalization != Normalization.None)
            yield return new WantedParameter($"{name}.weight", model.Width);
        if (model.Normalization == Normalization.Layer)
            yield return new WantedParameter($"{name}.bias", model.Width);
    }

    private static IEnumerable<WantedParameter> OfDirection(LayerDescription layer, string prefix, string suffix)
    {
        var (shape, blocks) = (layer.Kernels.Shape, Blocks(layer, "weight"));
        yield return new WantedParameter($"{prefix}weight{suffix}", [blocks.Sum(block => block.Rows), layer.InputSize], blocks);
        foreach (var projection in layer.Projections.Where(projection => projection.Rank > 0))
        {
            yield return new WantedParameter($"{prefix}{projection.Name}_down{suffix}", projection.Rank, layer.InputSize);
            yield return new WantedParameter($"{prefix}{projection.Name}_up{suffix}", layer.HiddenSize, projection.Rank);
        }

        if (shape.HasBias)
            yield return new WantedParameter($"{prefix}bias{suffix}", [shape.PreactivationWidth], Blocks(layer, "bias"));
        foreach (var weight in layer.Weights)
            yield return new WantedParameter($"{prefix}{weight.Name}{suffix}", weight.IsPerState ? [shape.StateSize, layer.HiddenSize] : [layer.HiddenSize]);
    }
}
