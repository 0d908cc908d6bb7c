using MinRnn.Kernels;
using MinRnn.Torch.Rows;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MinRnn.Torch;

/// <summary>The parameters of one direction of a layer: how they start, and how kernels take them.</summary>
internal sealed class LayerParameters
{
    private readonly nn.Module _module;
    private readonly LayerDescription _layer;
    private readonly string _weight;
    private readonly string _bias;
    private readonly string[] _cellWeights;
    private readonly string _suffix;
    private readonly int _mapRows;

    /// <summary>Registers new parameters on the CPU with a module, under their names and a suffix.</summary>
    public LayerParameters(nn.Module module, LayerDescription layer, ScalarType type, string suffix)
    {
        (_module, _layer, _suffix) = (module, layer, suffix);
        (_weight, _bias) = ("weight" + suffix, "bias" + suffix);
        _cellWeights = [.. layer.Weights.Select(weight => weight.Name + suffix)];

        var shape = layer.Kernels.Shape;
        _mapRows = (layer.Projections.Count(projection => projection.Rank == 0) * layer.HiddenSize) + shape.Shared;
        var bound = 1 / Math.Sqrt(layer.InputSize);
        Register(_weight, Uniform(bound, type, _mapRows, layer.InputSize));
        foreach (var projection in layer.Projections.Where(projection => projection.Rank > 0))
        {
            Register(projection.Name + "_down" + suffix, Uniform(bound, type, projection.Rank, layer.InputSize));
            Register(projection.Name + "_up" + suffix, Uniform(1 / Math.Sqrt(projection.Rank), type, layer.HiddenSize, projection.Rank));
        }

        if (shape.HasBias)
            Register(_bias, InitialBias(Uniform(bound, type, shape.PreactivationWidth)));
        for (var i = 0; i < _cellWeights.Length; i++)
            Register(_cellWeights[i], InitialWeight(layer.Weights[i], type));
    }

    /// <summary>
    /// The matrix of the linear map, [P·H + Q·N, D] less the projections of low rank. Modules replace parameters when they move: ask
    /// each time.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The layer is disposed of.</exception>
    public Parameter Weight => Get(_weight);

    /// <summary>The cell's own weights, which optimizers do not decay.</summary>
    public IEnumerable<Parameter> CellWeights => _cellWeights.Select(Get);

    /// <summary>The pre-activations of an input [..., D], without biases: [..., P·H + Q·N]; and the input for kernels that read it.</summary>
    public (Tensor Preactivations, Tensor Input) Project(Tensor input)
    {
        long columns = 0;
        var maps = new List<LowRankMap>();
        foreach (var projection in _layer.Projections)
        {
            if (projection.Rank > 0)
                maps.Add(new LowRankMap(columns, Matrix(projection, "_down"), Matrix(projection, "_up")));
            columns += _layer.HiddenSize;
        }

        return maps.Count == 0
            ? (nn.functional.linear(input, Weight), input)
            : ProjectionFunction.Apply(input, Weight, maps, columns + _layer.Kernels.Shape.Shared);
    }

    /// <summary>Biases, then weights of the cell, in one row; null when there are none. The caller disposes it.</summary>
    public Tensor? Pack()
    {
        var bias = _layer.Kernels.Shape.HasBias ? Get(_bias) : null;
        if (_cellWeights.Length == 0)
            return bias?.view(-1);

        var rows = new List<Tensor>(_cellWeights.Length + 1);
        if (bias is not null)
            rows.Add(bias);
        rows.AddRange(CellWeights.Select(weight => weight.reshape(-1)));
        return cat(rows);
    }

    /// <summary>Requires all parameters to have the device and the type of <paramref name="weight"/>, and as many elements as kernels read.</summary>
    /// <exception cref="InvalidOperationException">One has not.</exception>
    public void RequireBeside(Tensor weight)
    {
        var shape = _layer.Kernels.Shape;
        Check(_weight, _mapRows, _layer.InputSize);
        foreach (var projection in _layer.Projections)
        {
            if (projection.Rank == 0)
                continue;
            Check(projection.Name + "_down" + _suffix, projection.Rank, _layer.InputSize);
            Check(projection.Name + "_up" + _suffix, _layer.HiddenSize, projection.Rank);
        }

        if (shape.HasBias)
            Check(_bias, shape.PreactivationWidth);
        for (var i = 0; i < _cellWeights.Length; i++)
        {
            if (_layer.Weights[i].IsPerState)
                Check(_cellWeights[i], shape.StateSize, _layer.HiddenSize);
            else
                Check(_cellWeights[i], _layer.HiddenSize);
        }

        void Check(string name, params ReadOnlySpan<TensorCheck.Dimension> wanted) =>
            TensorCheck.RequireParameter(Get(name), name, weight, _layer.Name, wanted);
    }

    private Parameter Get(string name) => TensorCheck.ParameterOf(_module, name, _layer.Name);

    private Parameter Matrix(ProjectionDescription projection, string part) => Get(projection.Name + part + _suffix);

    private Tensor InitialBias(Tensor bias)
    {
        long first = 0;
        foreach (var projection in _layer.Projections)
            Start(projection, _layer.HiddenSize);
        foreach (var projection in _layer.Shared ?? [])
            Start(projection, _layer.Kernels.Shape.StateSize);
        return bias;

        void Start(ProjectionDescription projection, int size)
        {
            using var rows = bias.narrow(0, first, size);
            first += size;
            if (projection.InitializeBias is { } initialize)
            {
                using var values = Initial(initialize, 1, bias.dtype);
                rows.copy_(values.view(-1));
            }
            else if (projection.BiasInitial is { } initial)
            {
                using Scalar value = initial;
                rows.fill_(value);
            }
        }
    }

    private Tensor InitialWeight(WeightDescription weight, ScalarType type)
    {
        var rows = weight.IsPerState ? _layer.Kernels.Shape.StateSize : 1;
        using Scalar constant = weight.Initial;
        var values = weight.Initialize is null
            ? full(rows, _layer.HiddenSize, constant, dtype: type, device: CPU)
            : Initial(weight.Initialize, rows, type);
        if (weight.IsPerState)
            return values;
        using (values)
            return values.view(-1);
    }

    // [rows, H], by a method of the cell.
    private Tensor Initial(Func<int, int, int, Random, float> initialize, int rows, ScalarType type)
    {
        var channels = _layer.HiddenSize;
        using var seed = randint(int.MaxValue, [1], dtype: ScalarType.Int64, device: CPU);
        var random = new Random((int)seed.item<long>());
        var values = new double[rows, channels];
        for (var row = 0; row < rows; row++)
        {
            for (var channel = 0; channel < channels; channel++)
                values[row, channel] = initialize(channel, row, channels, random);
        }

        return tensor(values, dtype: type, device: CPU);
    }

    private static Tensor Uniform(double bound, ScalarType type, params long[] size) =>
        empty(size, dtype: type, device: CPU).uniform_(-bound, bound);

    private void Register(string name, Tensor value)
    {
        var parameter = new Parameter(value);
        parameter.DetachFromDisposeScope();
        _module.register_parameter(name, parameter);
    }
}
