using BenchmarkDotNet.Attributes;
using MinRnn.Bench.Measuring;
using MinRnn.Bench.Peers;
using MinRnn.Kernels;

namespace MinRnn.Bench.Suites;

/// <summary>Fused kernels on native buffers.</summary>
public class ScanBenchmarks
{
    private ScanBuffers? _scan;
    private NativeCopy? _copy;

    /// <summary>Batch, time and channels.</summary>
    [Params("16x512x256", "64x512x64")]
    public string Shape { get; set; } = "";

    /// <summary>The cell.</summary>
    [Params(nameof(MinGru), nameof(LogMinGru), nameof(MinLstm), nameof(LogMinLstm))]
    public string Cell { get; set; } = "";

    /// <summary>Makes the buffers.</summary>
    [GlobalSetup]
    public void Setup()
    {
        long[] sizes = [.. Shape.Split('x').Select(long.Parse)];
        var layer = Layer(Cell, sizes[2] == 256);
        _scan = new ScanBuffers(layer, sizes[0], sizes[1]);
        // Forward reads P and writes 1 element a channel-step; backward reads P + 2 and writes P.
        var elements = (3 * layer.Projections.Count) + 3;
        _copy = new NativeCopy(sizes[0] * sizes[1] * sizes[2] * elements * sizeof(float) / 2);
    }

    /// <summary>Releases the buffers.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _scan?.Dispose();
        _copy?.Dispose();
    }

    /// <summary>The forward kernels.</summary>
    [Benchmark]
    public void Forward() => _scan!.Forward();

    /// <summary>The backward kernels.</summary>
    [Benchmark]
    public void Backward() => _scan!.Backward();

    /// <summary>A copy that moves the bytes of forward and backward together.</summary>
    [Benchmark]
    public void Copy() => _copy!.Run();

    private static LayerDescription Layer(string cell, bool isWide) => (cell, isWide) switch
    {
        (nameof(MinGru), true) => MinGru256.Description,
        (nameof(MinGru), false) => MinGru64.Description,
        (nameof(LogMinGru), true) => LogMinGru256.Description,
        (nameof(LogMinGru), false) => LogMinGru64.Description,
        (nameof(MinLstm), true) => MinLstm256.Description,
        (nameof(MinLstm), false) => MinLstm64.Description,
        (nameof(LogMinLstm), true) => LogMinLstm256.Description,
        (nameof(LogMinLstm), false) => LogMinLstm64.Description,
        _ => throw new ArgumentException($"{cell} is no cell of the benchmarks.", nameof(cell)),
    };
}
