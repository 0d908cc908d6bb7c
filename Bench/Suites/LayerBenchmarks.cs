using BenchmarkDotNet.Attributes;
using MinRnn.Bench.Measuring;
using MinRnn.Bench.Peers;
using static TorchSharp.torch;

namespace MinRnn.Bench.Suites;

/// <summary>Training steps of layers and their peers, batch 64, T = 512, width 64.</summary>
public class LayerBenchmarks
{
    private const int Width = 64;

    private readonly Dictionary<string, TrainingStep> _steps = [];
    private Tensor? _input;

    /// <summary>Makes the layers over one input.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _input = randn(64, 512, Width);
        _steps[nameof(FusedMinGru)] = Steps.Fused(new MinGru64(), _input);
        _steps[nameof(FusedMinLstm)] = Steps.Fused(new MinLstm64(), _input);
        _steps[nameof(LinearMap)] = Steps.Linear(_input, Width, 2);
        _steps[nameof(Gru)] = Steps.Gru(_input, Width);
        _steps[nameof(Lstm)] = Steps.Lstm(_input, Width);
        _steps[nameof(EagerLogSpace)] = Steps.LogSpaceGru(_input, Width);
        _steps[nameof(GruCellLoop)] = Steps.GruLoop(_input, Width);
    }

    /// <summary>Releases them.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        foreach (var step in _steps.Values)
            step.Dispose();
        _steps.Clear();
        _input?.Dispose();
    }

    /// <summary>The linear map of a minGRU alone.</summary>
    [Benchmark(Baseline = true)]
    public void LinearMap() => _steps[nameof(LinearMap)].Run();

    /// <summary>The generated minGRU.</summary>
    [Benchmark]
    public void FusedMinGru() => _steps[nameof(FusedMinGru)].Run();

    /// <summary>The generated minLSTM.</summary>
    [Benchmark]
    public void FusedMinLstm() => _steps[nameof(FusedMinLstm)].Run();

    /// <summary>libtorch's GRU.</summary>
    [Benchmark]
    public void Gru() => _steps[nameof(Gru)].Run();

    /// <summary>libtorch's LSTM.</summary>
    [Benchmark]
    public void Lstm() => _steps[nameof(Lstm)].Run();

    /// <summary>The minGRU op by op in log space.</summary>
    [Benchmark]
    public void EagerLogSpace() => _steps[nameof(EagerLogSpace)].Run();

    /// <summary>A loop of GRU cells.</summary>
    [Benchmark]
    public void GruCellLoop() => _steps[nameof(GruCellLoop)].Run();
}
