using MinRnn.Kernels;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MinRnn.Torch;

/// <summary>
/// One block of a sequence model: norm and convolution where there are any, recurrent layer, projection and dropout around a residual
/// connection; then, where there is an MLP, norm, MLP and dropout around another.
/// </summary>
public sealed class SequenceBlock : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "norm")]
    private readonly RowNorm? _norm;

    [ComponentName(Name = "convolution")]
    private readonly CausalConvolution? _convolution;

    [ComponentName(Name = "layer")]
    private readonly RecurrentModule _layer;

    [ComponentName(Name = "projection")]
    private readonly Linear _projection;

    [ComponentName(Name = "mlp_norm")]
    private readonly RowNorm? _mlpNorm;

    [ComponentName(Name = "mlp")]
    private readonly Mlp? _mlp;

    private readonly double _dropout;

    internal SequenceBlock(SequenceDescription model, double dropout)
        : base(nameof(SequenceBlock))
    {
        _dropout = dropout;
        _layer = new BlockLayer(model);
        _norm = RowNorm.Of(model, _layer.DeclaredType);
        _convolution = model.ConvolutionWidth > 0 ? new CausalConvolution(model.Width, model.ConvolutionWidth, _layer.DeclaredType) : null;
        _projection = nn.Linear(_layer.HiddenSize, model.Width, device: CPU, dtype: _layer.DeclaredType);
        if (model.MlpRatio > 0)
        {
            _mlpNorm = RowNorm.Of(model, _layer.DeclaredType);
            _mlp = new Mlp(model.Width, model.Width * model.MlpRatio, _layer.DeclaredType);
        }

        RegisterComponents();
    }

    /// <summary>Elements of one row of the state that <see cref="step"/> carries.</summary>
    public int StateSize => CacheSize + (int)_layer.StateShape.Aggregate((product, size) => product * size);

    private int CacheSize => _convolution?.CacheSize ?? 0;

    /// <summary>Runs the block over [B, T, W].</summary>
    public override Tensor forward(Tensor input)
    {
        var layout = HiddenArgument.Take(this);
        using var scope = NewDisposeScope();
        var inner = RowNorm.Apply(_norm, input);
        if (_convolution is not null)
            inner = _convolution.call(inner, layout);
        var (output, _) = _layer.call(inner, null, layout);
        return Finish(input, output).MoveToOuterDisposeScope();
    }

    /// <summary>Runs the block over the sequences in [rows, W].</summary>
    internal Tensor call(Tensor input, SequenceLayout layout) => HiddenArgument.Pass(this, layout, () => call(input));

    /// <summary>
    /// Runs the block over [B, T, W] behind a state [B, StateSize], null at first: the same numbers as a <see cref="step"/> for each time
    /// step. Returns the output and the new state.
    /// </summary>
    public (Tensor Output, Tensor State) prefill(Tensor input, Tensor? state)
    {
        using var scope = NewDisposeScope();
        var inner = RowNorm.Apply(_norm, input);
        Tensor? cache = null;
        if (_convolution is not null)
            (inner, cache) = _convolution.prefill(inner, CacheOf(state));
        var (output, recurrent) = _layer.call(inner, LayerState(state));
        return scope.MoveToOuter(Finish(input, output), Pack(cache, recurrent));
    }

    /// <summary>One time step: [B, W] and a state [B, StateSize], null at first, to the output and the new state.</summary>
    public (Tensor Output, Tensor State) step(Tensor input, Tensor? state)
    {
        using var scope = NewDisposeScope();
        var inner = RowNorm.Apply(_norm, input);
        Tensor? cache = null;
        if (_convolution is not null)
            (inner, cache) = _convolution.step(inner, CacheOf(state));
        var (output, recurrent) = _layer.step(inner, LayerState(state));
        return scope.MoveToOuter(Finish(input, output), Pack(cache, recurrent));
    }

    private static Tensor Pack(Tensor? cache, Tensor recurrent) =>
        cache is null ? recurrent.flatten(1) : cat([cache, recurrent.flatten(1)], 1);

    private Tensor? CacheOf(Tensor? state) => state?.narrow(1, 0, CacheSize);

    private Tensor? LayerState(Tensor? state)
    {
        var flat = state?.narrow(1, CacheSize, StateSize - CacheSize);
        return flat?.reshape([flat.size(0), .. _layer.StateShape]);
    }

    private Tensor Finish(Tensor input, Tensor output)
    {
        var sum = HeldScalars.Sum(input, Drop(_projection.call(output)));
        GC.KeepAlive(input);
        return _mlp is null ? sum : HeldScalars.Sum(sum, Drop(_mlp.call(RowNorm.Apply(_mlpNorm, sum))));
    }

    private Tensor Drop(Tensor tensor) => _dropout > 0 && training ? nn.functional.dropout(tensor, _dropout) : tensor;

    private sealed class BlockLayer(SequenceDescription model) : RecurrentModule(model.Layer, CPU);
}
