using MinRnn.Ilgpu.Devices;
using MinRnn.Ilgpu.Scans;
using MinRnn.Kernels;

namespace MinRnn.Tests.Conformance.Ilgpu;

/// <summary>How scans are spread over devices, by shape alone: docs/performance.md has the rules.</summary>
public class StrategyChoiceTests
{
    private static readonly DeviceTraits Gpu = new("GPU", 132, 132 * 2048, 1024, HasChaining: true);
    private static readonly DeviceTraits OpenCl = Gpu with { HasChaining = false };

    /// <summary>The group sizes of a device, which tiles need.</summary>
    private static readonly DeviceTraits Small = OpenCl with { MaxGroupSize = 128 };

    [Theory]
    [InlineData(64, 512, 1024, ScanStrategy.Streaming, ScanStrategy.Streaming)]
    [InlineData(512, 128, 1024, ScanStrategy.Wide, ScanStrategy.Wide)]
    [InlineData(8, 4096, 1024, ScanStrategy.Tiled, ScanStrategy.ThreePhase)]
    [InlineData(1, 65536, 1024, ScanStrategy.Chained, ScanStrategy.ThreePhase)]
    [InlineData(1, 1048576, 64, ScanStrategy.Chained, ScanStrategy.ThreePhase)]
    [InlineData(1, 127, 64, ScanStrategy.Streaming, ScanStrategy.Streaming)]
    public void ScansOfNumbers(long batch, long time, int channels, ScanStrategy onCuda, ScanStrategy onOpenCl)
    {
        Assert.Equal(onCuda, Strategy.Choose(Gpu, batch, time, channels, isTimeParallel: true, hasQuads: true));
        Assert.Equal(onOpenCl, Strategy.Choose(OpenCl, batch, time, channels, isTimeParallel: true, hasQuads: true));
        Assert.NotEqual(ScanStrategy.ThreePhase, Strategy.Choose(Small, batch, time, channels, isTimeParallel: true, hasQuads: true));
    }

    [Theory]
    [InlineData(64, 512, 1024, ScanStrategy.Streaming, 0)]
    [InlineData(8, 4096, 1024, ScanStrategy.ThreePhase, 683)]
    [InlineData(1, 65536, 1024, ScanStrategy.ThreePhase, 1338)]
    [InlineData(1, 1048576, 64, ScanStrategy.ThreePhase, 1324)]
    [InlineData(1, 127, 64, ScanStrategy.Streaming, 0)]
    public void ScansOfVectors(long batch, long time, int channels, ScanStrategy expected, long pieceTime)
    {
        var scan = new VectorScan(Shape(channels), slices: 1);
        Assert.Equal(expected, scan.Choose(Gpu, batch, time, canSplit: true));
        if (expected == ScanStrategy.ThreePhase)
            Assert.Equal(pieceTime, scan.PieceTime(Gpu, batch, time));
        Assert.Equal(ScanStrategy.Streaming, scan.Choose(Gpu, batch, time, canSplit: false));
        Assert.Equal(ScanStrategy.Streaming, scan.Choose(Small, batch, time, canSplit: true));
    }

    private static ScanShape Shape(int channels) => new(
        channels, Projections: 1, Weights: 1, States: 16, HasBias: true, HasInput: true, KeepsStates: true, InitialStates: [0], StateSize: 16, CheckpointSteps: 16);
}
