using MinRnn.Kernels;
using MinRnn.Torch.Autograd;
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
/// </remarks>
public abstract class RecurrentModule : nn.Module<Tensor, Tensor?, (Tensor, Tensor)>
{
    private readonly LayerDescription _layer;
    private readonly ScalarType _type;
    private readonly LayerParameters[] _directions;

    /// <summary>Creates the layer with fresh parameters: reproducible after <c>torch.manual_seed</c>, on every device alike.</summary>
    /// <param name="layer">What the declaration says, and the kernels.</param>
    /// <param name="device">The device of the parameters; the default device when null.</param>
    /// <param name="dtype">The type of the parameters; null, or the precision that the layer is declared with.</param>
    /// <exception cref="ArgumentException"><paramref name="dtype"/> is not the declared precision.</exception>
    /// <exception cref="DllNotFoundException">TorchSharp's native library cannot be loaded.</exception>
    protected RecurrentModule(LayerDescription layer, Device? device = null, ScalarType? dtype = null)
        : base(Loaded(layer).Name)
    {
        _layer = layer;
        _type = layer.Kernels.Precision == Precision.Double ? ScalarType.Float64 : ScalarType.Float32;
        if (dtype is not null && dtype != _type)
        {
            throw new ArgumentException(
                $"{layer.Name} is declared with Precision.{layer.Kernels.Precision}: dtype is {dtype}, wanted {_type}.", nameof(dtype));
        }

        _directions = layer.Direction == Direction.Bidirectional
            ? [new LayerParameters(this, layer, _type, ""), new LayerParameters(this, layer, _type, "_reverse")]
            : [new LayerParameters(this, layer, _type, "")];
        var target = device ?? get_default_device();
        if (target.type != DeviceType.CPU)
            _to(target.type, target.index, non_blocking: false);
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

    /// <summary>The scalar type of parameters and tensors.</summary>
    internal ScalarType Type => _type;

    /// <summary>Runs the layer over a sequence.</summary>
    /// <param name="input">[B, T, D]; B and T may be 0.</param>
    /// <param name="state">
    /// The state before the first step, as the class's remarks shape it; null for the cell's constants, zeros by default.
    /// </param>
    /// <returns>The output of every step, and the state after the last one in the direction's order.</returns>
    /// <exception cref="ArgumentException">A tensor is disposed, or of the wrong shape or type.</exception>
    /// <exception cref="NotSupportedException">A tensor lies on a device that the kernels do not run on.</exception>
    public new (Tensor, Tensor) call(Tensor input, Tensor? state = null) => base.call(input, state);

    /// <inheritdoc cref="call"/>
    /// <remarks>Like <see cref="call"/>, without the module's hooks.</remarks>
    public override (Tensor, Tensor) forward(Tensor input, Tensor? state)
    {
        TensorCheck.Require(input, nameof(input), _type, "B", "T", _layer.InputSize);
        RequireState(state, input.size(0));
        RequireCpu(input, state);

        using var scope = NewDisposeScope();
        var (output, final) = _layer.Direction switch
        {
            Direction.Bidirectional => Both(input, state),
            var direction => Scan(_directions[0], direction == Direction.Reverse, input, state),
        };
        return scope.MoveToOuter(output, final);
    }

    /// <summary>Runs one time step: the same numbers as a sequence of length 1.</summary>
    /// <param name="input">[B, D].</param>
    /// <param name="state">The state before the step; null for the cell's constants.</param>
    /// <returns>The output [B, H] and the state after the step.</returns>
    /// <exception cref="InvalidOperationException">The layer's direction is not forward.</exception>
    /// <exception cref="ArgumentException">A tensor is disposed, or of the wrong shape or type.</exception>
    /// <exception cref="NotSupportedException">A tensor lies on a device that the kernels do not run on.</exception>
    public (Tensor, Tensor) step(Tensor input, Tensor? state = null)
    {
        if (_layer.Direction != Direction.Forward)
            throw new InvalidOperationException($"{_layer.Name} has Direction.{_layer.Direction}; only a forward layer has step.");
        TensorCheck.Require(input, nameof(input), _type, "B", _layer.InputSize);
        RequireState(state, input.size(0));
        RequireCpu(input, state);

        using var scope = NewDisposeScope();
        var (output, final) = Scan(_directions[0], reverse: false, input.unsqueeze(1), state);
        return scope.MoveToOuter(output.squeeze(1), final);
    }

    // The library has to be in the process before the base class's constructor, and a null must fail with its name.
    private static LayerDescription Loaded(LayerDescription layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        TorchLibrary.EnsureLoaded();
        return layer;
    }

    private (Tensor Output, Tensor Final) Both(Tensor input, Tensor? state)
    {
        var (ahead, aheadFinal) = Scan(_directions[0], reverse: false, input, state?.select(1, 0));
        var (back, backFinal) = Scan(_directions[1], reverse: true, input, state?.select(1, 1));
        return (cat([ahead, back], 2), stack([aheadFinal, backFinal], 1));
    }

    // State and final state without the dimension of states where there is one.
    private (Tensor Output, Tensor Final) Scan(LayerParameters parameters, bool reverse, Tensor input, Tensor? state)
    {
        var shape = _layer.Kernels.Shape;
        var preactivations = nn.functional.linear(input, parameters.Weight);
        var (output, final) = ScanFunction.Apply(
            _layer.Kernels,
            reverse,
            preactivations,
            parameters.Pack(),
            shape.HasInput ? input : null,
            shape.States == 1 ? state?.unsqueeze(1) : state);
        return (output, shape.States == 1 ? final.squeeze(1) : final);
    }

    private void RequireState(Tensor? state, long batch)
    {
        if (state is null)
            return;
        switch (_layer.Direction == Direction.Bidirectional, StateCount > 1)
        {
            case (false, false):
                TensorCheck.Require(state, nameof(state), _type, batch, HiddenSize);
                break;
            case (false, true):
                TensorCheck.Require(state, nameof(state), _type, batch, StateCount, HiddenSize);
                break;
            case (true, false):
                TensorCheck.Require(state, nameof(state), _type, batch, 2, HiddenSize);
                break;
            default:
                TensorCheck.Require(state, nameof(state), _type, batch, 2, StateCount, HiddenSize);
                break;
        }
    }

    // Parameters move with the module, to where the kernels may not follow.
    private void RequireCpu(Tensor input, Tensor? state)
    {
        TensorCheck.RequireCpu(input, nameof(input));
        if (state is not null)
            TensorCheck.RequireCpu(state, nameof(state));
        var weight = _directions[0].Weight;
        TensorCheck.RequireCpu(weight, _layer.Name);
        if (weight.dtype != _type)
            throw new InvalidOperationException($"{_layer.Name} was converted to {weight.dtype}; its kernels are compiled for {_type}.");
    }
}
