using MinRnn.Kernels;
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

    /// <summary>Registers new parameters on the CPU with a module, under their names and a suffix.</summary>
    public LayerParameters(nn.Module module, LayerDescription layer, ScalarType type, string suffix)
    {
        (_module, _layer) = (module, layer);
        (_weight, _bias) = ("weight" + suffix, "bias" + suffix);
        _cellWeights = [.. layer.Weights.Select(weight => weight.Name + suffix)];

        var rows = layer.Projections.Count * layer.HiddenSize;
        var bound = 1 / Math.Sqrt(layer.InputSize);
        Register(_weight, empty(rows, layer.InputSize, dtype: type, device: CPU).uniform_(-bound, bound));
        if (layer.Kernels.Shape.HasBias)
            Register(_bias, InitialBias(empty(rows, dtype: type, device: CPU).uniform_(-bound, bound)));
        for (var i = 0; i < _cellWeights.Length; i++)
            Register(_cellWeights[i], InitialWeight(layer.Weights[i], type));
    }

    /// <summary>The matrix of the linear map, [P·H, D]. Modules replace parameters when they move: ask each time.</summary>
    public Parameter Weight => _module.get_parameter(_weight)!;

    /// <summary>Biases, then weights of the cell: [R, H], or null when there are none. The caller disposes it.</summary>
    public Tensor? Pack()
    {
        var bias = _layer.Kernels.Shape.HasBias ? _module.get_parameter(_bias) : null;
        if (_cellWeights.Length == 0)
            return bias?.view(-1, _layer.HiddenSize);

        var rows = new List<Tensor>(_cellWeights.Length + 1);
        if (bias is not null)
            rows.Add(bias);
        foreach (var name in _cellWeights)
            rows.Add(_module.get_parameter(name)!);
        using var packed = cat(rows);
        return packed.view(-1, _layer.HiddenSize);
    }

    /// <summary>Requires all parameters to have the device and the type of <paramref name="weight"/>.</summary>
    /// <exception cref="InvalidOperationException">One has not.</exception>
    public void RequireBeside(Tensor weight)
    {
        Check(_weight);
        if (_layer.Kernels.Shape.HasBias)
            Check(_bias);
        foreach (var name in _cellWeights)
            Check(name);

        void Check(string name)
        {
            var parameter = _module.get_parameter(name)!;
            if (parameter.dtype != weight.dtype || !TensorCheck.AreBeside(parameter, weight))
            {
                throw new InvalidOperationException(
                    $"The parameters of {_layer.Name} differ: {name} is {parameter.dtype} on {parameter.device}, weight is {weight.dtype} on {weight.device}.");
            }
        }
    }

    private Tensor InitialBias(Tensor bias)
    {
        for (var i = 0; i < _layer.Projections.Count; i++)
        {
            if (_layer.Projections[i].BiasInitial is not { } initial)
                continue;
            using var rows = bias.narrow(0, i * _layer.HiddenSize, _layer.HiddenSize);
            rows.fill_(initial);
        }

        return bias;
    }

    private Tensor InitialWeight(WeightDescription weight, ScalarType type)
    {
        var channels = _layer.HiddenSize;
        if (weight.Initialize is null)
            return full(channels, weight.Initial, dtype: type, device: CPU);

        using var seed = randint(int.MaxValue, [1], dtype: ScalarType.Int64, device: CPU);
        var random = new Random((int)seed.item<long>());
        var values = new double[channels];
        for (var i = 0; i < channels; i++)
            values[i] = weight.Initialize(i, 0, channels, random);
        return tensor(values, dtype: type, device: CPU);
    }

    private void Register(string name, Tensor value)
    {
        var parameter = new Parameter(value);
        parameter.DetachFromDisposeScope();
        _module.register_parameter(name, parameter);
    }
}
