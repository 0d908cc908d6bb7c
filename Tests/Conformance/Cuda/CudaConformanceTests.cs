using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using MinRnn.Ilgpu.Cuda;
using MinRnn.Ilgpu.Devices;
using MinRnn.Ilgpu.Scans;
using MinRnn.Kernels;
using MinRnn.Tests.Conformance.Cells;
using MinRnn.Tests.Conformance.Cpu;
using MinRnn.Tests.Conformance.Ilgpu;
using MinRnn.Tests.PtxMachine;

namespace MinRnn.Tests.Conformance.Cuda;

/// <summary>What CUDA would run, interpreted: every cell by every strategy for every type of elements, bias in the kernels.</summary>
public partial class CudaConformanceTests
{
    // The longest is of several tiles, forward and backward.
    private static readonly (int Batch, int Time)[] Shapes = [(0, 3), (2, 0), (1, 1), (2, 9)];
    private const int SeveralTiles = 550, OneTile = 150;

    [Theory]
    [MemberData(nameof(StrategyTests.Cases), false, MemberType = typeof(StrategyTests))]
    public void AgreesWithFormula(Type layer, ScanStrategy strategy, ElementType element)
    {
        var description = IlgpuBackend.Describe(layer);
        using var backend = new CudaBackend(element, strategy);
        foreach (var (batch, time) in Shapes.Append((1, description.IsAffine && strategy is (ScanStrategy.Tiled or ScanStrategy.Chained) ? SeveralTiles : OneTile)))
        {
            var input = Elements.Round(Random(description, batch, time, hasAll: time % 2 == 1), element);
            var expected = EagerBackend.OracleOf(layer).Run(description, input);
            var (error, tensor) = backend.Run(description, input).ErrorAgainst(expected);
            Assert.True(error < Elements.Bound(element), $"B={batch} T={time}: {tensor} is off by {error:e2}.");
        }
    }

    /// <summary>
    /// Rounded states do not add up over thousands of steps: backward reads each of them once, and carries gradients in single precision.
    /// Biases are in the kernels, or are added before and rounded again, as the inputs that they then are.
    /// </summary>
    [Theory]
    [InlineData(typeof(GpuMinGru), ScanStrategy.Streaming)]
    [InlineData(typeof(GpuMinGru), ScanStrategy.Chained)]
    [InlineData(typeof(GpuMinLstm), ScanStrategy.Streaming)]
    [InlineData(typeof(GpuLogMinGru), ScanStrategy.Tiled)]
    [InlineData(typeof(GpuLogMinLstm), ScanStrategy.ThreePhase)]
    [InlineData(typeof(GpuOscillator), ScanStrategy.Streaming)]
    [InlineData(typeof(GpuLeaky), ScanStrategy.Streaming)]
    [InlineData(typeof(GpuRgLru), ScanStrategy.Streaming)]
    [InlineData(typeof(GpuHgrn), ScanStrategy.Chained)]
    [InlineData(typeof(GpuRotation), ScanStrategy.Streaming)]
    public void TwoBytesHoldTheirBoundOverLongTimes(Type layer, ScanStrategy strategy)
    {
        var description = IlgpuBackend.Describe(layer);
        foreach (var element in new[] { ElementType.Half, ElementType.BFloat16 })
        {
            using var backend = new CudaBackend(element, strategy);
            foreach (var (deviation, isBiasAdded) in new[] { (2.0, false), (0.5, true) })
            {
                var input = ScanInput.Random(description, 1, 3000, seed: 5, deviation, description.Direction == Direction.Reverse);
                input = Elements.Round(isBiasAdded ? WithBiasesAdded(description, input) : input, element);
                var expected = new CpuBackend().Run(description, input);
                var (error, tensor) = backend.Run(description, input).ErrorAgainst(expected);
                Assert.True(error < Elements.Bound(element), $"{element}, deviation {deviation}: {tensor} is off by {error:e2}.");
            }
        }
    }

    /// <summary>Groups sum eight columns of gradients, or thirty-two where there are enough of them; rows beyond a span take a second sum.</summary>
    [Theory]
    [InlineData(typeof(GpuMinGru), 5)]
    [InlineData(typeof(GpuMinGru), 515)]
    [InlineData(typeof(GpuManyChannels), 5)]
    public void GradientsAreSummedOverTheBatch(Type layer, int batch)
    {
        var description = IlgpuBackend.Describe(layer);
        var input = Random(description, batch, 2, hasAll: true);
        using var backend = new CudaBackend(ElementType.Single, ScanStrategy.Streaming);
        var (error, tensor) = backend.Run(description, input).ErrorAgainst(new CpuBackend().Run(description, input));
        Assert.True(error < Elements.Bound(ElementType.Single), $"{tensor} is off by {error:e2}.");
    }

    /// <summary>
    /// Groups in any order, fewer resident than there are, some starved, memory as weak as CUDA's: look-back gives the same bits, launch
    /// after launch on one workspace, of one sequence as over the tiles of many segments at once. Groups that start late find that others
    /// have taken all tiles.
    /// </summary>
    [Theory]
    [InlineData(BlockOrder.InOrder, false, 12)]
    [InlineData(BlockOrder.Reversed, false, 12)]
    [InlineData(BlockOrder.Shuffled, false, 12)]
    [InlineData(BlockOrder.InOrder, true, 6)]
    [InlineData(BlockOrder.Reversed, true, 6)]
    [InlineData(BlockOrder.Shuffled, true, 6)]
    public void ChainsGiveTheSameBitsUnderAnySchedule(BlockOrder order, bool hasSegments, int seeds)
    {
        var description = IlgpuBackend.Describe(typeof(GpuMinGru));
        var input = hasSegments ? ScanInput.Random(description, DeviceSequenceTests.Long, seed: 1) : Random(description, 1, 1100, hasAll: true);
        using var quiet = new CudaBackend(ElementType.Single, ScanStrategy.Chained);
        var expected = quiet.Run(description, input);
        using var backend = new CudaBackend(ElementType.Single, ScanStrategy.Chained);
        for (var seed = 0; seed < seeds; seed++)
        {
            backend.Driver.Options = new LaunchOptions
            {
                Seed = seed,
                Adversarial = true,
                WeakMemory = true,
                BlockOrder = order,
                MaxResidentBlocks = 1 + (seed % 4),
                MaxSlice = 16 << (seed % 5),
            };
            Assert.Equal(0, backend.Run(description, input).ErrorAgainst(expected).Error);
        }
    }

    /// <summary>Tickets begin anew after 2³¹ of them, be it in the middle of a scan.</summary>
    [Fact]
    public void ChainsGoOnPastTheLargestTicket()
    {
        var description = IlgpuBackend.Describe(typeof(GpuMinGru));
        var input = Random(description, 1, 1100, hasAll: true);
        using var backend = new CudaBackend(ElementType.Single, ScanStrategy.Chained);
        var expected = backend.Run(description, input);
        var queue = backend.Queue;
        queue.Chain.Begin(int.MaxValue - queue.Chain.Ticket - 3);
        Marshal.WriteInt32((nint)queue.AddressOf(queue.Workspace(WorkspaceUse.Chain, 1)), queue.Chain.Ticket);
        Assert.Equal(0, backend.Run(description, input).ErrorAgainst(expected).Error);
        Assert.InRange(queue.Chain.Ticket, 1, 1000);
        Assert.Equal(0, backend.Run(description, input).ErrorAgainst(expected).Error);
    }

    /// <summary>A scan that finds no memory leaves nothing behind that the next one would trip over.</summary>
    [Fact]
    public void AfterAScanWithoutMemoryTheNextOneIsRight()
    {
        var description = IlgpuBackend.Describe(typeof(GpuMinGru));
        var (few, many) = (Random(description, 1, 300, hasAll: true), Random(description, 1, 700, hasAll: true));
        using var quiet = new CudaBackend(ElementType.Single, ScanStrategy.Chained);
        var (expectedFew, expectedMany) = (quiet.Run(description, few), quiet.Run(description, many));
        using var backend = new CudaBackend(ElementType.Single, ScanStrategy.Chained);
        backend.Run(description, few);
        var failures = 0;
        for (var left = 0; ; left = 1)
        {
            backend.Driver.AllocationsLeft = left;
            try
            {
                Assert.Equal(0, backend.Run(description, many).ErrorAgainst(expectedMany).Error);
                break;
            }
            catch (CudaException failure)
            {
                Assert.Equal("OutOfMemory", failure.ErrorName);
                failures++;
            }

            backend.Driver.AllocationsLeft = -1;
            Assert.Equal(0, backend.Run(description, few).ErrorAgainst(expectedFew).Error);
        }

        Assert.True(failures >= 2, $"{failures} allocations failed.");
    }

    /// <summary>The launch's number in each word makes it right: without it, some schedule takes what an earlier launch published.</summary>
    [Fact]
    public void ChainsThatTakeWordsOfEarlierLaunchesGoWrong()
    {
        var description = IlgpuBackend.Describe(typeof(GpuMinGru));
        var input = Random(description, 1, 700, hasAll: true);
        using var quiet = new CudaBackend(ElementType.Single, ScanStrategy.Chained);
        var expected = quiet.Run(description, input);
        using var backend = new CudaBackend(ElementType.Single, ScanStrategy.Chained);
        backend.Driver.Edit = text => EpochLoad().Matches(text) is [.., var load] ? text.Replace(load.Value, $"mov.b32 {load.Groups[1].Value}, 7;", StringComparison.Ordinal) : text;
        backend.Run(description, Random(description, 1, 690, hasAll: true));
        var wrong = 0;
        for (var seed = 0; seed < 30 && wrong == 0; seed++)
        {
            backend.Driver.Options = new LaunchOptions { Seed = seed, Adversarial = true, WeakMemory = true, MaxResidentBlocks = 4, MaxSlice = 64 };
            if (backend.Run(description, input).ErrorAgainst(expected).Error > 0)
                wrong++;
        }

        Assert.True(wrong > 0, "No schedule noticed that words are of an earlier launch.");
    }

    private static ScanInput WithBiasesAdded(LayerDescription description, ScanInput input)
    {
        var shape = description.Kernels.Shape;
        var biases = shape.HasBias ? shape.Projections * shape.Channels : 0;
        return input with
        {
            Preactivations = [.. input.Preactivations.Select((value, i) => value + (biases == 0 ? 0 : input.Parameters[i % biases]))],
            Parameters = [.. input.Parameters.Select((value, i) => i < biases ? 0 : value)],
        };
    }

    private static ScanInput Random(LayerDescription description, int batch, int time, bool hasAll) => ScanInput.Random(
        description, batch, time, seed: (10 * batch) + time, deviation: 2, description.Direction == Direction.Reverse, hasAll, intoOutput: hasAll);

    // The last of a kernel's 32-bit parameters.
    [GeneratedRegex(@"ld\.param\.b32\s+(%r\d+), \[[^\]]+\];")]
    private static partial Regex EpochLoad();
}
