using TorchSharp;
using static TorchSharp.torch;

namespace MinRnn.Bench.Measuring;

/// <summary>What a sequence model does in training and in use, on random tokens.</summary>
internal sealed class ModelRun : IDisposable
{
    private readonly SmallModel _model;
    private readonly optim.Optimizer _optimizer;
    private readonly Tensor _ids;
    private readonly Tensor _targets;
    private readonly Tensor _next;
    private readonly Tensor _one;
    private Tensor? _state;
    private Tensor? _stateOfOne;

    public ModelRun(SmallModel model, int batch, int time)
    {
        _model = model;
        _optimizer = optim.AdamW(model.parameters(), 1e-3);
        _ids = Tokens(batch, time);
        _targets = Tokens(batch * time);
        _next = Tokens(batch);
        _one = Tokens(1);
    }

    public void Train()
    {
        using var scope = NewDisposeScope();
        _optimizer.zero_grad();
        var logits = _model.call(_ids);
        nn.functional.cross_entropy(logits.view(-1, _model.VocabularySize), _targets).backward();
        _optimizer.step();
    }

    public void Predict()
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        _model.call(_ids);
    }

    /// <summary>The next token of each sequence of the batch.</summary>
    public void Step() => Step(_next, ref _state);

    /// <summary>The next token of one sequence.</summary>
    public void StepOne() => Step(_one, ref _stateOfOne);

    public void Dispose()
    {
        _optimizer.Dispose();
        foreach (var tensor in new[] { _ids, _targets, _next, _one, _state, _stateOfOne })
            tensor?.Dispose();
    }

    private void Step(Tensor ids, ref Tensor? state)
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var (_, next) = _model.step(ids, state);
        state?.Dispose();
        state = next.DetachFromDisposeScope();
    }

    private Tensor Tokens(params long[] shape) => randint(_model.VocabularySize, shape, ScalarType.Int64).DetachFromDisposeScope();
}
