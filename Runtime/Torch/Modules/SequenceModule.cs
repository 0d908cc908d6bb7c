using System.Runtime.InteropServices;
using MinRnn.Kernels;
using MinRnn.Safetensors;
using MinRnn.Torch.Files;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MinRnn.Torch;

/// <summary>
/// The base of generated sequence models: embedding, blocks, norm and a linear head. Tokens [B, T] to logits [B, T, V].
/// </summary>
/// <remarks>
/// Submodules: <c>embedding</c>, <c>blocks</c> (each of <c>norm</c>, <c>convolution</c>, <c>layer</c>, <c>projection</c>,
/// <c>mlp_norm</c>, <c>mlp</c>), <c>norm</c>, <c>head</c>.
/// </remarks>
public abstract class SequenceModule : nn.Module<Tensor, Tensor>
{
    private readonly SequenceDescription _model;

    [ComponentName(Name = "embedding")]
    private readonly Embedding _embedding;

    [ComponentName(Name = "blocks")]
    private readonly ModuleList<SequenceBlock> _blocks;

    [ComponentName(Name = "norm")]
    private readonly RowNorm? _norm;

    [ComponentName(Name = "head")]
    private readonly Linear _head;

    /// <summary>Creates the model with fresh parameters, reproducible after <c>torch.manual_seed</c>.</summary>
    /// <param name="model">What the declaration says, and the kernels.</param>
    /// <param name="vocabularySize">Tokens; the declared number when null.</param>
    /// <param name="layers">Blocks; the declared number when null.</param>
    /// <param name="dropout">Probability of dropout; the declared one when null.</param>
    /// <param name="device">The device of the parameters, CPU or CUDA; the default device when null.</param>
    /// <param name="dtype">
    /// The type of the parameters; the precision that the model is declared with when null. On a CUDA device also Float16 or BFloat16.
    /// </param>
    /// <exception cref="ArgumentException">The layers have no kernels for <paramref name="dtype"/>, or a number is out of range.</exception>
    /// <exception cref="NotSupportedException">The layers have no kernels for the device, or none there for the type.</exception>
    /// <exception cref="DllNotFoundException">TorchSharp's native library cannot be loaded.</exception>
    protected SequenceModule(
        SequenceDescription model, int? vocabularySize = null, int? layers = null, double? dropout = null,
        Device? device = null, ScalarType? dtype = null)
        : base(Loaded(model).Name)
    {
        _model = model;
        VocabularySize = vocabularySize ?? model.VocabularySize;
        var probability = dropout ?? model.Dropout;
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(VocabularySize, nameof(vocabularySize));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(layers ?? model.Layers, nameof(layers));
        if (!(probability is >= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(dropout), probability, "A probability of dropout lies in [0, 1).");

        var type = KernelChoice.DeclaredType(model.Layer);
        var target = device ?? get_default_device();
        KernelChoice.Require(model.Layer, target, dtype, model.Name);
        _embedding = nn.Embedding(VocabularySize, model.Width, device: CPU, dtype: type);
        _blocks = new ModuleList<SequenceBlock>(
            [.. Enumerable.Range(0, layers ?? model.Layers).Select(_ => new SequenceBlock(model, probability))]);
        _norm = RowNorm.Of(model, type);
        _head = nn.Linear(model.Width, VocabularySize, device: CPU, dtype: type);
        RegisterComponents();
        if (target.type != DeviceType.CPU || (dtype ?? type) != type)
            _to(target, dtype ?? type, non_blocking: false);
    }

    /// <summary>Tokens of the vocabulary, V.</summary>
    public int VocabularySize { get; }

    /// <summary>Elements of one row of the state that <see cref="step"/> carries.</summary>
    public int StateSize => _blocks.Sum(block => block.StateSize);

    /// <summary>Elements of all parameters.</summary>
    public long ParameterCount => ParameterGroups.Count(this);

    /// <summary>The parameters for weight decay: embedding, matrices and convolutions.</summary>
    public IEnumerable<Parameter> DecayedParameters => ParameterGroups.Decayed(this);

    /// <summary>The parameters without weight decay: biases, norms and the cells' weights.</summary>
    public IEnumerable<Parameter> UndecayedParameters => ParameterGroups.Undecayed(this);

    /// <summary>Logits of the next token at every place of a batch of sequences.</summary>
    /// <param name="ids">Tokens [B, T], 64-bit integers below V.</param>
    /// <returns>Logits [B, T, V].</returns>
    /// <exception cref="ArgumentException"><paramref name="ids"/> is disposed, of the wrong rank or type, or on another device than the parameters; or, on the CPU, a token is out of range.</exception>
    /// <exception cref="NotSupportedException">The layers have no kernels for the parameters' device and type.</exception>
    public new Tensor call(Tensor ids) => call(ids, SequenceLayout.Plain);

    /// <summary>
    /// The same for sequences as they come: each has the logits and gradients of a call of its own. Nothing crosses a reset or a
    /// sequence's start, convolutions included.
    /// </summary>
    /// <param name="ids">Tokens [B, T], or with offsets [total]: those of all sequences one after the other.</param>
    /// <param name="lengths">[B] tokens of each row, 64-bit integers from 0 to T; behind them lies padding, whose logits are zero.</param>
    /// <param name="offsets">[N + 1] cumulative lengths, 64-bit integers that rise from 0 to the total; sequences may be empty.</param>
    /// <param name="resets">[B, T], or [total] with offsets; true where a token begins anew.</param>
    /// <returns>Logits [B, T, V] or [total, V].</returns>
    /// <exception cref="ArgumentException">
    /// A tensor is disposed, or of the wrong shape, type or device; a length, an offset or, on the CPU, a token is out of range; or both lengths
    /// and offsets are given.
    /// </exception>
    /// <exception cref="NotSupportedException">The layers have no kernels for the parameters' device and type, or none there for sequences.</exception>
    public Tensor call(Tensor ids, Tensor? lengths = null, Tensor? offsets = null, Tensor? resets = null) =>
        call(ids, SequenceLayout.Of(ids, nameof(ids), [], lengths, offsets, resets));

    private Tensor call(Tensor ids, SequenceLayout layout) => HiddenArgument.Pass(this, layout, () => base.call(ids));

    /// <inheritdoc cref="call(Tensor)"/>
    /// <remarks>Like <see cref="call(Tensor)"/>, without the module's hooks.</remarks>
    public override Tensor forward(Tensor ids)
    {
        var layout = HiddenArgument.Take(this);
        layout.Require(ids, nameof(ids), ScalarType.Int64);

        // TorchSharp makes an object for each look at the weight.
        using var scope = NewDisposeScope();
        TensorCheck.RequireBeside(ids, nameof(ids), _embedding.weight!, GetName());
        var features = Embed(layout.Enter(ids));
        foreach (var block in _blocks)
            features = block.call(features, layout.Inner);
        return layout.LeavePadded(_head.call(RowNorm.Apply(_norm, features))).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Logits of a chunk of tokens behind what came before: the same numbers as <see cref="call(Tensor)"/> over all chunks at once, and as a
    /// <see cref="step"/> for each token.
    /// </summary>
    /// <param name="ids">Tokens [B, T].</param>
    /// <param name="state">What the chunk or step before returned, [B, <see cref="StateSize"/>]; null at the start.</param>
    /// <returns>Logits [B, T, V] and the state, which goes on to the next chunk or step.</returns>
    /// <exception cref="ArgumentException">A tensor is disposed, of the wrong shape or type, or on another device than the parameters; or, on the CPU, a token is out of range.</exception>
    /// <exception cref="NotSupportedException">The layers have no kernels for the parameters' device and type.</exception>
    public (Tensor Logits, Tensor State) prefill(Tensor ids, Tensor? state = null)
    {
        TensorCheck.Require(ids, nameof(ids), ScalarType.Int64, "B", "T");
        return Continue(ids, state, static (block, features, before) => block.prefill(features, before));
    }

    /// <summary>Logits after one more token of each sequence: the same numbers as <see cref="forward"/> over all of them.</summary>
    /// <param name="ids">Tokens [B].</param>
    /// <param name="state">What the step before returned, [B, <see cref="StateSize"/>]; null at the start.</param>
    /// <returns>Logits [B, V] and the state.</returns>
    /// <exception cref="ArgumentException">A tensor is disposed, of the wrong shape or type, or on another device than the parameters; or, on the CPU, a token is out of range.</exception>
    /// <exception cref="NotSupportedException">The layers have no kernels for the parameters' device and type.</exception>
    public (Tensor Logits, Tensor State) step(Tensor ids, Tensor? state = null)
    {
        TensorCheck.Require(ids, nameof(ids), ScalarType.Int64, "B");
        return Continue(ids, state, static (block, features, before) => block.step(features, before));
    }

    private (Tensor Logits, Tensor State) Continue(
        Tensor ids, Tensor? state, Func<SequenceBlock, Tensor, Tensor?, (Tensor Features, Tensor State)> run)
    {
        using var scope = NewDisposeScope();
        var weight = _embedding.weight!;
        TensorCheck.RequireBeside(ids, nameof(ids), weight, GetName());
        if (state is not null)
        {
            TensorCheck.Require(state, nameof(state), weight.dtype, ids.size(0), StateSize);
            TensorCheck.RequireBeside(state, nameof(state), weight, GetName());
        }

        var features = Embed(ids);
        var states = new List<Tensor>();
        var start = 0;
        foreach (var block in _blocks)
        {
            (features, var next) = run(block, features, state?.narrow(1, start, block.StateSize));
            states.Add(next);
            start += block.StateSize;
        }

        GC.KeepAlive(state);
        return scope.MoveToOuter(_head.call(RowNorm.Apply(_norm, features)), cat(states, 1));
    }

    // What the tokens are is asked only after a failure: a step is too short to look at them before. On a GPU nothing tells but the device.
    private Tensor Embed(Tensor ids)
    {
        try
        {
            var features = _embedding.call(ids);
            GC.KeepAlive(ids);
            return features;
        }
        catch (ExternalException error) when (ids.device_type == DeviceType.CPU)
        {
            var (least, most) = (ids.min().item<long>(), ids.max().item<long>());
            var wrong = least < 0 ? least : most;
            if (least >= 0 && most < VocabularySize)
                throw;
            throw new ArgumentException($"{nameof(ids)} holds the token {wrong}, wanted 0 to {VocabularySize - 1}.", nameof(ids), error);
        }
    }

    /// <inheritdoc cref="RecurrentModule.SaveSafetensors"/>
    public void SaveSafetensors(string path, IReadOnlyDictionary<string, string>? metadata = null) => OnFile.Save(path, metadata);

    /// <inheritdoc cref="RecurrentModule.LoadSafetensors"/>
    public void LoadSafetensors(string path, TensorMap? map = null) => OnFile.Load(path, map);

    private ModuleFile OnFile => new(
        this,
        _model.Name,
        Specification.Of(_model, VocabularySize, _blocks.Count),
        name => name.Split('.') is ["blocks", _, "layer", var parameter] ? WantedParameters.Blocks(_model.Layer, parameter) : []);

    // The library has to be in the process before the base class's constructor, and a null must fail with its name.
    private static SequenceDescription Loaded(SequenceDescription model)
    {
        ArgumentNullException.ThrowIfNull(model);
        TorchLibrary.EnsureLoaded();
        return model;
    }
}
