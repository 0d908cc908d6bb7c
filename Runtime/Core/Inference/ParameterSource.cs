using System.Numerics;
using MinRnn.Inference.Matrices;
using MinRnn.Kernels;
using MinRnn.Safetensors;

namespace MinRnn.Inference;

/// <summary>The parameters of an open file, found and checked, as inference takes them.</summary>
internal sealed unsafe class ParameterSource<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly Dictionary<string, StoredParameter> parameters;
    private readonly List<QuantizationLoss> losses = [];
    private readonly bool quantizes;

    /// <param name="file">The file.</param>
    /// <param name="owner">Whose parameters they are, for messages.</param>
    /// <param name="wanted">What is wanted of it.</param>
    /// <param name="options">How it is read.</param>
    public ParameterSource(SafetensorsFile file, string owner, IReadOnlyList<WantedParameter> wanted, InferenceOptions options)
    {
        parameters = ParameterBinder.Bind(file, owner, wanted, options.Map).ToDictionary(parameter => parameter.Name, StringComparer.Ordinal);
        quantizes = options.Quantize;
        if (quantizes && typeof(T) != typeof(float))
            throw new NotSupportedException($"{owner} has Precision.Double; only weights of single precision are rounded to 8 bits.");
    }

    /// <summary>What rounding did to the maps that were made.</summary>
    public IReadOnlyList<QuantizationLoss> Losses => losses;

    /// <summary>The shape of a parameter.</summary>
    public IReadOnlyList<long> Shape(string name) => parameters[name].Shape;

    /// <summary>Reads a whole parameter.</summary>
    /// <returns>Its elements.</returns>
    public long Read(string name, T* target)
    {
        const int Chunk = 1 << 24;
        var parameter = parameters[name];
        var count = parameter.Shape.Aggregate(1L, (product, size) => product * size);
        for (long first = 0; first < count; first += Chunk)
            parameter.Read(first, new Span<T>(target + first, (int)long.Min(Chunk, count - first)));
        return count;
    }

    /// <summary>Reads a whole parameter into memory of its own.</summary>
    public NativeBuffer<T> Read(string name)
    {
        var buffer = new NativeBuffer<T>(parameters[name].Shape.Aggregate(1L, (product, size) => product * size));
        Read(name, buffer.Start);
        return buffer;
    }

    /// <summary>A linear map of a matrix and a bias, or none.</summary>
    public LinearMap<T> Map(string weight, string? bias) => Map(parameters[weight], bias is null ? null : parameters[bias]);

    /// <summary>The linear map of a layer's input to its pre-activations, without a bias.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="prefix">What its parameters' names begin with.</param>
    /// <param name="suffix">What they end with.</param>
    public LinearMap<T> Map(LayerDescription layer, string prefix, string suffix) => layer.Projections.All(projection => projection.Rank == 0)
        ? Map($"{prefix}weight{suffix}", null)
        : Map(new JoinedProjections(layer, name => parameters[prefix + name + suffix]), null);

    private LinearMap<T> Map(IParameter matrix, IParameter? offset)
    {
        if (!quantizes)
            return FullWeights<T>.Pack(matrix, offset);
        var map = Int8Weights.Pack(matrix, offset, out var loss);
        losses.Add(loss);
        return (LinearMap<T>)(object)map;
    }
}
