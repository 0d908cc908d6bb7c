using BenchmarkDotNet.Attributes;
using MinRnn.Bench.Measuring;

namespace MinRnn.Bench.Suites;

/// <summary>A small sequence model, batch 16, T = 256.</summary>
public class ModelBenchmarks
{
    private SmallModel? _model;
    private ModelRun? _run;

    /// <summary>Makes the model.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _model = new SmallModel();
        _run = new ModelRun(_model, batch: 16, time: 256);
    }

    /// <summary>Releases it.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _run?.Dispose();
        _model?.Dispose();
    }

    /// <summary>Forward, loss, backward, AdamW.</summary>
    [Benchmark]
    public void TrainingStep() => _run!.Train();

    /// <summary>Forward without gradient.</summary>
    [Benchmark]
    public void Predict() => _run!.Predict();

    /// <summary>One token of sixteen sequences.</summary>
    [Benchmark]
    public void Step() => _run!.Step();

    /// <summary>One token of one sequence.</summary>
    [Benchmark]
    public void StepOne() => _run!.StepOne();
}
