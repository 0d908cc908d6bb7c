using MinRnn.Kernels;
using MinRnn.Safetensors;
using MinRnn.Torch.Autograd;
using MinRnn.Torch.Files;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MinRnn.Torch;

/// <summary>
/// The base of generated recurrent layers: a linear map of the input, then the cell's recurrence by compiled kernels.
/// </summary>
/// <remarks>
/// Input [B, T, D], output [B, T, H]; state [B, H] for one state, [B, S, H] for S. A bidirectional layer gives output
/// [B, T, 2H], the forward half first, and state [B, 2, H] or [B, 2, S, H]. Parameters: <c>weight</c> [P·H, D],
/// <c>bias</c> [P·H] and one [H] parameter for each weight of the cell; those of the second direction end in
/// <c>_reverse</c>. An error in the backward pass is the inner exception of what <c>backward()</c> throws.
/// The parameters' device and type pick the kernels: the declared precision on the CPU; on CUDA devices, where the declaring project
/// references MinRnn.Ilgpu, also Float16 and BFloat16 for a layer of single precision, whose arithmetic is in Float32.
/// </remarks>
public abstract class RecurrentModule : nn.Module<Tensor, Tensor?, (Tensor, Tensor)>
{
    private readonly LayerDescription _layer;
    private readonly ScalarType _type;
    private readonly LayerParameters[] _directions;

    /// <summary>Creates the layer with fresh parameters: reproducible after <c>torch.manual_seed</c>, on every device alike.</summary>
    /// <param name="layer">What the declaration says, and the kernels.</param>
    /// <param name="device">The device of the parameters, CPU or CUDA; the default device when null.</param>
    /// <param name="dtype">
    /// The type of the parameters; the precision that the layer is declared with when null. On a CUDA device also Float16 or BFloat16.
    /// </param>
    /// <exception cref="ArgumentException">The layer has no kernels for <paramref name="dtype"/>.</exception>
    /// <exception cref="NotSupportedException">The layer has no kernels for the device, or none there for the type.</exception>
    /// <exception cref="DllNotFoundException">TorchSharp's native library cannot be loaded.</exception>
    protected RecurrentModule(LayerDescription layer, Device? device = null, ScalarType? dtype = null)
        : base(Loaded(layer).Name)
    {
        _layer = layer;
        _type = KernelChoice.DeclaredType(layer);
        var target = device ?? get_default_device();
        KernelChoice.Require(layer, target, dtype, layer.Name);
        _directions = layer.Direction == Direction.Bidirectional
            ? [new LayerParameters(this, layer, _type, ""), new LayerParameters(this, layer, _type, "_reverse")]
            : [new LayerParameters(this, layer, _type, "")];
        if (target.type != DeviceType.CPU || (dtype ?? _type) != _type)
            _to(target, dtype ?? _type, non_blocking: false);
    }

    /// <summary>Features of a time step of the input, D.</summary>
    public int InputSize => _layer.InputSize;

    /// <summary>Channels of the recurrence, H.</summary>
    public int HiddenSize => _layer.HiddenSize;

    /// <summary>States of a channel, S.</summary>
    public int StateCount => _layer.Kernels.Shape.States;

    /// <summary>The order of time.</summary>
    public Direction Direction => _layer.Direction;

    /// <summary>Elements of all parameters.</summary>
    public long ParameterCount => ParameterGroups.Count(this);

    /// <summary>The parameters for weight decay: the matrices of the linear maps.</summary>
    public IEnumerable<Parameter> DecayedParameters => ParameterGroups.Decayed(this);

    /// <summary>The parameters without weight decay: biases and the cell's weights.</summary>
    public IEnumerable<Parameter> UndecayedParameters => ParameterGroups.Undecayed(this);

    /// <summary>The scalar type that the layer is declared with.</summary>
    internal ScalarType DeclaredType => _type;

    /// <summary>Runs the layer over a sequence.</summary>
    /// <param name="input">[B, T, D]; B and T may be 0.</param>
    /// <param name="state">
    /// The state before the first step, as the class's remarks shape it; null for the cell's constants, zeros by default.
    /// </param>
    /// <returns>The output of every step, and the state after the last one in the direction's order.</returns>
    /// <exception cref="ArgumentException">A tensor is disposed, of the wrong shape, or of another type or device than the parameters.</exception>
    /// <exception cref="NotSupportedException">The layer has no kernels for the parameters' device and type.</exception>
    public new (Tensor, Tensor) call(Tensor input, Tensor? state = null) => base.call(input, state);

    /// <inheritdoc cref="call"/>
    /// <remarks>Like <see cref="call"/>, without the module's hooks.</remarks>
    public override (Tensor, Tensor) forward(Tensor input, Tensor? state)
    {
        var (kernels, weight) = ChooseKernels();
        TensorCheck.Require(input, nameof(input), weight.dtype, "B", "T", _layer.InputSize);
        TensorCheck.RequireBeside(input, nameof(input), weight, _layer.Name);
        RequireState(state, input);

        using var scope = NewDisposeScope();
        var (output, final) = _layer.Direction switch
        {
            Direction.Bidirectional => Both(kernels, input, state),
            var direction => Scan(kernels, _directions[0], direction == Direction.Reverse, input, state),
        };
        return scope.MoveToOuter(output, final);
    }

    /// <summary>Runs one time step: the same numbers as a sequence of length 1.</summary>
    /// <param name="input">[B, D].</param>
    /// <param name="state">The state before the step; null for the cell's constants.</param>
    /// <returns>The output [B, H] and the state after the step.</returns>
    /// <exception cref="InvalidOperationException">The layer's direction is not forward.</exception>
    /// <exception cref="ArgumentException">A tensor is disposed, of the wrong shape, or of another type or device than the parameters.</exception>
    /// <exception cref="NotSupportedException">The layer has no kernels for the parameters' device and type.</exception>
    public (Tensor, Tensor) step(Tensor input, Tensor? state = null)
    {
        if (_layer.Direction != Direction.Forward)
            throw new InvalidOperationException($"{_layer.Name} has Direction.{_layer.Direction}; only a forward layer has step.");
        var (kernels, weight) = ChooseKernels();
        TensorCheck.Require(input, nameof(input), weight.dtype, "B", _layer.InputSize);
        TensorCheck.RequireBeside(input, nameof(input), weight, _layer.Name);
        RequireState(state, input);

        using var scope = NewDisposeScope();
        var (output, final) = Scan(kernels, _directions[0], reverse: false, input.unsqueeze(1), state);
        return scope.MoveToOuter(output.squeeze(1), final);
    }

    /// <summary>
    /// Writes all parameters, in their own type, as a safetensors file, with what it needs to be known by. An older file of that name is
    /// replaced as a whole: a crash leaves it as it was.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="metadata">Strings to store beside them; keys that begin with <c>minrnn.</c>, and <c>format</c>, are the library's own.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SaveSafetensors(string path, IReadOnlyDictionary<string, string>? metadata = null) => OnFile.Save(path, metadata);

    /// <summary>Replaces the values of all parameters by those of a safetensors file; of none when the file does not fit.</summary>
    /// <param name="path">The file.</param>
    /// <param name="map">
    /// Where the parameters are found in a file of another program; null for a file of this architecture, whose stored specification is
    /// checked.
    /// </param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="SafetensorsException">The file is not valid, belongs to another architecture, or lacks a parameter of the right shape.</exception>
    public void LoadSafetensors(string path, TensorMap? map = null) => OnFile.Load(path, map);

    private ModuleFile OnFile => new(this, _layer.Name, Specification.Of(_layer), name => WantedParameters.Blocks(_layer, name));

    // The library has to be in the process before the base class's constructor, and a null must fail with its name.
    private static LayerDescription Loaded(LayerDescription layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        TorchLibrary.EnsureLoaded();
        return layer;
    }

    private (Tensor Output, Tensor Final) Both(ScanKernels kernels, Tensor input, Tensor? state)
    {
        var (ahead, aheadFinal) = Scan(kernels, _directions[0], reverse: false, input, state?.select(1, 0));
        var (back, backFinal) = Scan(kernels, _directions[1], reverse: true, input, state?.select(1, 1));
        return (cat([ahead, back], 2), stack([aheadFinal, backFinal], 1));
    }

    // State and final state without the dimension of states where there is one.
    private (Tensor Output, Tensor Final) Scan(ScanKernels kernels, LayerParameters parameters, bool reverse, Tensor input, Tensor? state)
    {
        var shape = kernels.Shape;
        var preactivations = nn.functional.linear(input, parameters.Weight);
        var (output, final) = ScanFunction.Apply(
            kernels,
            reverse,
            preactivations,
            parameters.Pack(),
            shape.HasInput ? input : null,
            shape.States == 1 ? state?.unsqueeze(1) : state);
        return (output, shape.States == 1 ? final.squeeze(1) : final);
    }

    // Parameters may move or change at any time: the kernels are picked at each call.
    private (ScanKernels Kernels, Tensor Weight) ChooseKernels()
    {
        Tensor weight = _directions[0].Weight;
        foreach (var direction in _directions)
            direction.RequireBeside(weight);
        return (KernelChoice.Of(_layer, weight.device_type, weight.device_index, weight.dtype), weight);
    }

    private void RequireState(Tensor? state, Tensor input)
    {
        if (state is null)
            return;
        var (batch, type) = (input.size(0), input.dtype);
        switch (_layer.Direction == Direction.Bidirectional, StateCount > 1)
        {
            case (false, false):
                TensorCheck.Require(state, nameof(state), type, batch, HiddenSize);
                break;
            case (false, true):
                TensorCheck.Require(state, nameof(state), type, batch, StateCount, HiddenSize);
                break;
            case (true, false):
                TensorCheck.Require(state, nameof(state), type, batch, 2, HiddenSize);
                break;
            default:
                TensorCheck.Require(state, nameof(state), type, batch, 2, StateCount, HiddenSize);
                break;
        }

        TensorCheck.RequireBeside(state, nameof(state), _directions[0].Weight, _layer.Name);
    }
}
