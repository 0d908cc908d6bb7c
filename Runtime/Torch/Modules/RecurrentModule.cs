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
/// Input [B, T, D], output [B, T, H]; state [B, H] for one state, [B, S, H] for S, [B, S, N, H] for S vectors of N elements. A
/// bidirectional layer gives output [B, T, 2H], the forward half first, and state [B, 2, H], [B, 2, S, H] or [B, 2, S, N, H].
/// Parameters: <c>weight</c> [P·H, D], <c>bias</c> [P·H] and one [H] parameter for each weight of the cell, [N, H] for one with an
/// element for each of the state; Q shared projections are Q·N rows more of weight and bias, and one of rank r is
/// <c>{name}_down</c> [r, D] and <c>{name}_up</c> [H, r] in place of its rows of weight. Those of the second direction end in
/// <c>_reverse</c>. An error in the backward pass is the inner exception of what <c>backward()</c> throws.
/// The parameters' device and type pick the kernels: the declared precision on the CPU; on CUDA devices, where the declaring project
/// references MinRnn.Ilgpu, also Float16 and BFloat16 for a layer of single precision, whose arithmetic is in Float32.
/// <para>
/// <b>Sequences.</b> Rows that are not all as long come padded with <c>lengths</c>, or packed one after the other with <c>offsets</c>; either
/// may have <c>resets</c>. Every sequence has the numbers and gradients of a call of its own. A reset at step t separates it from step
/// t - 1, in both directions: forward, t starts from the cell's constants; in reverse, t - 1 does; no gradient crosses. At the first
/// step of a row, forward, it overrides the given state, whose gradient is then 0; in reverse nothing follows that step, and it is
/// without effect. The tensors that describe sequences may lie on the CPU or beside the input; from another device they are copied,
/// which waits for it.
/// </para>
/// <para>
/// A long sequence is trained in chunks by handing the state on: <c>(y, state) = layer.call(chunk, state.detach())</c>. No gradient crosses,
/// and no memory is held for what lies behind (truncated back-propagation through time).
/// </para>
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
    public int StateCount => _layer.Kernels.Shape.States / Math.Max(StateSize, 1);

    /// <summary>Elements of each state, N; 0 where a state is one number.</summary>
    public int StateSize => _layer.Kernels.Shape.StateSize;

    /// <summary>The order of time.</summary>
    public Direction Direction => _layer.Direction;

    /// <summary>Elements of all parameters.</summary>
    public long ParameterCount => ParameterGroups.Count(this);

    /// <summary>The parameters for weight decay: the matrices of the linear maps.</summary>
    public IEnumerable<Parameter> DecayedParameters => ParameterGroups.Decayed(this);

    /// <summary>The parameters without weight decay: biases and the cell's weights.</summary>
    public IEnumerable<Parameter> UndecayedParameters => ParameterGroups.Undecayed(this);

    /// <summary>The cell's own weights, in all directions.</summary>
    internal IEnumerable<Parameter> CellWeights => _directions.SelectMany(direction => direction.CellWeights);

    /// <summary>The sizes of a row's state, without the batch and the directions.</summary>
    internal long[] StateShape => _layer.HasVectorStates ? [StateCount, StateSize, HiddenSize]
        : StateCount > 1 ? [StateCount, HiddenSize]
        : [HiddenSize];

    /// <summary>The scalar type that the layer is declared with.</summary>
    internal ScalarType DeclaredType => _type;

    /// <summary>Runs the layer over a batch of sequences that are all as long.</summary>
    /// <param name="input">[B, T, D]; B and T may be 0.</param>
    /// <param name="state">
    /// The state before the first step, as the class's remarks shape it; null for the cell's constants, zeros by default.
    /// </param>
    /// <returns>The output of every step, and the state after the last one in the direction's order.</returns>
    /// <exception cref="ArgumentException">A tensor is disposed, of the wrong shape, or of another type or device than the parameters.</exception>
    /// <exception cref="NotSupportedException">The layer has no kernels for the parameters' device and type.</exception>
    public new (Tensor, Tensor) call(Tensor input, Tensor? state = null) => call(input, state, SequenceLayout.Plain);

    // Without it C# would find a call with one argument ambiguous.
    /// <inheritdoc cref="call(Tensor, Tensor)"/>
    public (Tensor, Tensor) call(Tensor input) => call(input, null, SequenceLayout.Plain);

    /// <summary>Runs the layer over sequences as they come: the same numbers and gradients as each of them alone.</summary>
    /// <param name="input">[B, T, D], or with offsets [total, D]: the steps of all sequences one after the other.</param>
    /// <param name="state">The state before the first step of each sequence; null for the cell's constants.</param>
    /// <param name="lengths">
    /// [B] steps of each row's sequence, 64-bit integers from 0 to T. What lies behind is padding: never read, zero in the output, and
    /// without gradient.
    /// </param>
    /// <param name="offsets">[N + 1] cumulative lengths, 64-bit integers that rise from 0 to the total; sequences may be empty.</param>
    /// <param name="resets">
    /// [B, T], or [total] with offsets; true where a step starts from the cell's constants, whatever comes before it in time. The class's
    /// remarks tell the details.
    /// </param>
    /// <returns>
    /// The output, in the layout of the input, and the state after each sequence's last step in the direction's order, with N for B
    /// where there are offsets. An empty sequence hands its state on.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// A tensor is disposed, or of the wrong shape, type or device; a length or an offset is out of range; or both are given.
    /// </exception>
    /// <exception cref="NotSupportedException">The layer has no kernels for the parameters' device and type, or none there for sequences.</exception>
    public (Tensor, Tensor) call(Tensor input, Tensor? state = null, Tensor? lengths = null, Tensor? offsets = null, Tensor? resets = null) =>
        call(input, state, SequenceLayout.Of(input, nameof(input), [_layer.InputSize], lengths, offsets, resets));

    internal (Tensor, Tensor) call(Tensor input, Tensor? state, SequenceLayout layout) =>
        HiddenArgument.Pass(this, layout, () => base.call(input, state));

    /// <inheritdoc cref="call(Tensor, Tensor?)"/>
    /// <remarks>Like <see cref="call(Tensor, Tensor?)"/>, without the module's hooks.</remarks>
    public override (Tensor, Tensor) forward(Tensor input, Tensor? state)
    {
        var layout = HiddenArgument.Take(this);
        var (kernels, weight) = ChooseKernels();
        layout.Require(input, nameof(input), weight.dtype, _layer.InputSize);
        TensorCheck.RequireBeside(input, nameof(input), weight, _layer.Name);
        RequireState(state, layout.States(input), input.dtype);

        using var scope = NewDisposeScope();
        var rows = layout.Enter(input);

        // On other devices than the CPU, padding is no business of the kernels.
        var padsOutput = input.device_type == DeviceType.CPU;
        var sequences = padsOutput ? layout.Sequences : layout.Inner.Sequences;
        var (output, final) = _layer.Direction switch
        {
            Direction.Bidirectional => Both(kernels, rows, state, sequences),
            var direction => Scan(kernels, _directions[0], direction == Direction.Reverse, rows, state, sequences),
        };
        GC.KeepAlive((input, state));
        return scope.MoveToOuter(padsOutput ? layout.Leave(output) : layout.LeavePadded(output), final);
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
        RequireState(state, input.size(0), input.dtype);

        using var scope = NewDisposeScope();
        var (output, final) = Scan(kernels, _directions[0], reverse: false, input.unsqueeze(1), state, null);
        GC.KeepAlive((input, state));
        return scope.MoveToOuter(output.squeeze(1), final);
    }

    /// <summary>
    /// Writes all parameters, in their own type, as a safetensors file, with what it needs to be known by. An older file of that name is
    /// replaced as a whole: a crash leaves it as it was.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="metadata">Strings to store beside them; keys that begin with <c>minrnn.</c>, and <c>format</c>, are the library's own.</param>
    /// <exception cref="ObjectDisposedException">The module is disposed of.</exception>
    /// <exception cref="ArgumentException">A key is the library's own.</exception>
    /// <exception cref="InvalidOperationException">A string of the metadata is null, or no text.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SaveSafetensors(string path, IReadOnlyDictionary<string, string>? metadata = null) => OnFile.Save(path, metadata);

    /// <summary>Replaces the values of all parameters by those of a safetensors file; of none when the file does not fit.</summary>
    /// <param name="path">The file.</param>
    /// <param name="map">
    /// Where the parameters are found in a file of another program; null for a file of this architecture, whose stored specification is
    /// checked.
    /// </param>
    /// <exception cref="ObjectDisposedException">The module is disposed of.</exception>
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

    private (Tensor Output, Tensor Final) Both(ScanKernels kernels, Tensor input, Tensor? state, ScanSequences? sequences)
    {
        var (ahead, aheadFinal) = Scan(kernels, _directions[0], reverse: false, input, state?.select(1, 0), sequences);
        var (back, backFinal) = Scan(kernels, _directions[1], reverse: true, input, state?.select(1, 1), sequences);
        return (cat([ahead, back], -1), stack([aheadFinal, backFinal], 1));
    }

    // State and final state with the dimensions that the layer's have; kernels take [B, S, H] always.
    private (Tensor Output, Tensor Final) Scan(
        ScanKernels kernels, LayerParameters parameters, bool reverse, Tensor input, Tensor? state, ScanSequences? sequences)
    {
        var shape = kernels.Shape;
        var (preactivations, read) = parameters.Project(input);
        var (output, final) = ScanFunction.Apply(
            kernels,
            reverse,
            preactivations,
            parameters.Pack(),
            shape.HasInput ? read : null,
            state?.reshape(state.size(0), shape.States, shape.Channels),
            sequences);
        return (output, final.view([final.size(0), .. StateShape]));
    }

    // Parameters may move or change at any time: the kernels are picked at each call.
    private (ScanKernels Kernels, Tensor Weight) ChooseKernels()
    {
        Tensor weight = _directions[0].Weight;
        foreach (var direction in _directions)
            direction.RequireBeside(weight);
        return (KernelChoice.Of(_layer, weight.device_type, weight.device_index, weight.dtype), weight);
    }

    private void RequireState(Tensor? state, long batch, ScalarType type)
    {
        if (state is null)
            return;
        List<TensorCheck.Dimension> wanted = [batch];
        if (_layer.Direction == Direction.Bidirectional)
            wanted.Add(2);
        wanted.AddRange(StateShape.Select(size => (TensorCheck.Dimension)size));
        TensorCheck.Require(state, nameof(state), type, [.. wanted]);
        TensorCheck.RequireBeside(state, nameof(state), _directions[0].Weight, _layer.Name);
    }
}
