namespace MinRnn.Safetensors;

/// <summary>Finds parameters in a file, by their own names or by a map, and checks that all fit before one is read.</summary>
internal static class ParameterBinder
{
    /// <summary>The parameters, in the order in which they are wanted.</summary>
    /// <param name="file">The file.</param>
    /// <param name="owner">Whose parameters they are, for messages.</param>
    /// <param name="wanted">What is wanted.</param>
    /// <param name="map">Where they are found; null for their own names.</param>
    /// <exception cref="SafetensorsException">One is missing, or of another shape or type; or the file holds more.</exception>
    public static IReadOnlyList<StoredParameter> Bind(SafetensorsFile file, string owner, IReadOnlyList<WantedParameter> wanted, TensorMap? map)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var parameters = wanted.Select(parameter => Bind(file, owner, parameter, map, taken)).ToList();
        var left = file.Tensors.FirstOrDefault(tensor => tensor.Element is not null && !taken.Contains(tensor.Name));
        if (left is not null && map?.IgnoresOthers != true)
        {
            throw new SafetensorsException(
                $"{file.Name}: the tensor {HeaderReader.Quote(left.Name)} {TensorEntry.Print(left.Shape)} is no parameter of {owner}.");
        }

        return parameters;
    }

    /// <summary>Whether the file has a tensor for a parameter.</summary>
    public static bool Has(SafetensorsFile file, string parameter, TensorMap? map) => Find(file, parameter, map) is { Tensor: not null };

    private static StoredParameter Bind(SafetensorsFile file, string owner, WantedParameter wanted, TensorMap? map, HashSet<string> taken)
    {
        var (tensor, rule) = Find(file, wanted.Name, map);
        if (tensor is null)
        {
            return rule is { Tensor: null }
                ? new StoredParameter(file, wanted.Name, wanted.Shape, null, rule.Addend, [])
                : throw new SafetensorsException(
                    $"{file.Name}: there is no tensor {string.Join(" or ", Names(wanted.Name, map).Select(HeaderReader.Quote))}, "
                    + $"which {owner} needs for {wanted.Name} {Print(wanted.Shape)}.");
        }

        var fits = tensor.Shape.Count == wanted.Shape.Count;
        for (var i = 0; fits && i < wanted.Shape.Count; i++)
            fits = wanted.Shape[i] < 0 || wanted.Shape[i] == tensor.Shape[i];
        if (!fits || tensor.Element is null)
        {
            throw new SafetensorsException(
                $"{file.Name}: {HeaderReader.Quote(tensor.Name)} is {tensor.Type} {TensorEntry.Print(tensor.Shape)}; "
                + $"{owner} needs {Print(wanted.Shape)} of F32, F64, F16 or BF16.");
        }

        taken.Add(tensor.Name);
        return new StoredParameter(file, wanted.Name, tensor.Shape, tensor, rule?.Addend ?? 0, Runs(owner, wanted, rule, tensor));
    }

    private static (TensorEntry? Tensor, TensorRule? Rule) Find(SafetensorsFile file, string parameter, TensorMap? map)
    {
        if (map is null || map.Rules.Count == 0)
            return (file.Find(map?.Prefix + parameter), null);
        foreach (var rule in map.Rules)
        {
            if (rule.TensorFor(parameter) is not { } name)
                continue;
            if (rule.Tensor is null)
                return (null, rule);
            if (file.Find(name) is { } tensor)
                return (tensor, rule);
        }

        return default;
    }

    private static IEnumerable<string> Names(string parameter, TensorMap? map) => map is null || map.Rules.Count == 0
        ? [map?.Prefix + parameter]
        : map.Rules.Where(rule => rule.Tensor is not null).Select(rule => rule.TensorFor(parameter)).OfType<string>().DefaultIfEmpty(parameter);

    private static List<(long First, long Count)> Runs(string owner, WantedParameter wanted, TensorRule? rule, TensorEntry tensor)
    {
        if (rule?.RowOrder is not { } order)
            return [];
        if (!order.Order(StringComparer.Ordinal).SequenceEqual(wanted.Blocks.Select(block => block.Name).Order(StringComparer.Ordinal)))
        {
            throw new SafetensorsException(
                $"The map stacks {wanted.Name} as {string.Join(", ", order)}; "
                + $"its rows in {owner} are {string.Join(", ", wanted.Blocks.Select(block => block.Name))}.");
        }

        var width = tensor.Shape.Skip(1).Aggregate(1L, (product, size) => product * size);
        var firsts = new Dictionary<string, long>(StringComparer.Ordinal);
        long row = 0;
        foreach (var name in order)
        {
            firsts.Add(name, row * width);
            row += wanted.Blocks.First(block => block.Name == name).Rows;
        }

        return [.. wanted.Blocks.Select(block => (firsts[block.Name], block.Rows * width))];
    }

    private static string Print(IEnumerable<long> shape) => $"[{string.Join(", ", shape.Select(size => size < 0 ? "any" : $"{size}"))}]";
}
