using MinRnn.Inference;
using TorchSharp;
using static TorchSharp.torch;

namespace MinRnn.Bench.Deployment;

/// <summary>The paper's character model, as a module and as what is deployed of it, in both forms of its weights.</summary>
internal sealed class DeployedModels : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");

    public DeployedModels()
    {
        Module = new PaperModel();
        Module.eval();
        Module.SaveSafetensors(_file);
        Single = PaperModel.Inference.Load(_file);
        Int8 = PaperModel.Inference.Load(_file, new InferenceOptions { Quantize = true });
    }

    public PaperModel Module { get; }

    public PaperModel.Inference Single { get; }

    public PaperModel.Inference Int8 { get; }

    /// <summary>Bytes of weights that a token needs: all but the embedding, of which it needs a row.</summary>
    public long BytesOfToken => (Module.ParameterCount - ((long)(Module.VocabularySize - 1) * 384)) * sizeof(float);

    /// <summary>The largest distance of logits over a sequence, relative to the largest logit, from the module's.</summary>
    public double Error(PaperModel.Inference inference)
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        var ids = randint(Module.VocabularySize, [1, 256], ScalarType.Int64);
        var logits = new float[256 * Module.VocabularySize];
        inference.Forward(Array.ConvertAll(ids.data<long>().ToArray(), id => (int)id), new float[PaperModel.Inference.StateSize], logits, 1, 256);
        var expected = Module.call(ids).flatten();
        return ((tensor(logits) - expected).abs().max() / expected.abs().max()).item<float>();
    }

    public void Dispose()
    {
        Module.Dispose();
        File.Delete(_file);
    }
}

/// <summary>Tokens after tokens of a batch of streams.</summary>
internal sealed class Streams(PaperModel.Inference inference, int batch)
{
    private readonly int[] _tokens = new int[batch];
    private readonly float[] _state = new float[batch * PaperModel.Inference.StateSize];
    private readonly float[] _logits = new float[batch * inference.VocabularySize];

    /// <summary>One token of each stream.</summary>
    public void Step() => inference.Step(_tokens, _state, _logits);

    /// <summary>Bytes allocated for a token, once the first is done.</summary>
    public double Allocated()
    {
        const int Tokens = 100;
        Step();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Tokens; i++)
            Step();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Tokens;
    }
}

/// <summary>The same of a module.</summary>
internal sealed class ModuleStreams(PaperModel module, int batch) : IDisposable
{
    private readonly Tensor _tokens = zeros(batch, dtype: ScalarType.Int64);
    private Tensor? _state;

    public void Step()
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var (_, next) = module.step(_tokens, _state);
        _state?.Dispose();
        _state = next.DetachFromDisposeScope();
    }

    public void Dispose()
    {
        _tokens.Dispose();
        _state?.Dispose();
    }
}
