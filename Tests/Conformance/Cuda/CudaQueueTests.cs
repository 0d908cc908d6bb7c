using System.Reflection;
using ILGPU;
using MinRnn.Ilgpu.Cuda;
using MinRnn.Ilgpu.Devices;
using MinRnn.Ilgpu.Kernels;
using MinRnn.Ilgpu.Scans;
using MinRnn.Kernels;

namespace MinRnn.Tests.Conformance.Cuda;

public class CudaQueueTests
{
    private readonly FakeDriver driver = new();
    private readonly CudaDevice device;

    public CudaQueueTests() => device = new CudaDevice(driver, 0, new PtxCache(null));

    private int Copies => driver.Calls.Count(call => call.StartsWith("copy ", StringComparison.Ordinal));

    private static MethodInfo Kernel => ((Delegate)Copy).Method;

    [Fact]
    public void ALaunchPassesItsArgumentsAsTheyLie()
    {
        var queue = CudaQueue<float>.Of(device, 5);
        var arguments = new Arguments<RawView> { From = new RawView(0x100, 1), To = new RawView(0x200, 2), First = 3, Count = 4 };
        queue.Launch(Kernel, 0x7FFFFFFF, 64, arguments);
        queue.Launch(Kernel, 0, 64, arguments);
        var launch = Assert.Single(driver.Launches);
        Assert.Equal((0x7FFFFFFFu, 64u, (nint)5), (launch.Groups, launch.GroupSize, launch.Stream));
        Assert.Equal(arguments, launch.As<Arguments<RawView>>());
    }

    [Fact]
    public void ATableIsCopiedOnceForAllThatAskForIt()
    {
        var queue = CudaQueue<float>.Of(device, 5);
        var key = new TableKey(ScanSequences.Packed([0, 3, 3, 5], 5), IsReversed: false, PieceTime: 2, AreEmpty: false);
        var held = queue.Table(key);
        Assert.Equal((2, 3), (held.Rows, held.Pieces));
        Assert.Equal(2 * ((2 * SequenceRows.Fields) + 3), held.Numbers.Length);
        Assert.Equal(1, Copies);
        var empty = queue.Table(key with { AreEmpty = true });
        Assert.Equal((1, 1), (empty.Rows, empty.Pieces));
        Assert.NotEqual(held.Numbers.Address, empty.Numbers.Address);
        Assert.Equal(held, queue.Table(key));
        Assert.Equal(2, Copies);

        // Of another direction, other pieces, other sequences: and then of the first again.
        foreach (var other in new[] { key with { IsReversed = true }, key with { PieceTime = 3 }, key with { Sequences = ScanSequences.Packed([0, 3, 3, 5], 5) }, key })
            queue.Table(other);
        Assert.Equal(6, Copies);
        Assert.Equal((2 * SequenceRows.Fields) + 3, CudaQueue<double>.Of(device, 5).Table(key).Numbers.Length);
        driver.Results[nameof(FakeDriver.MemoryCopyToDeviceAsync)] = CudaResult.LaunchFailed;
        var failure = Assert.Throws<CudaException>(() => queue.Table(key with { PieceTime = 1 }));
        Assert.Contains("cuMemcpyHtoDAsync", failure.Message, StringComparison.Ordinal);
        driver.Results.Clear();
        queue.Table(key);
        Assert.Equal(9, Copies);
    }

    [Fact]
    public void AStreamThatRecordsAGraphIsRefused()
    {
        driver.CapturingStreams.Add(5);
        var refusal = Assert.Throws<NotSupportedException>(() => CudaQueue<float>.Of(device, 5));
        Assert.StartsWith("A CUDA graph is recorded on Fake GPU (CUDA device 0)", refusal.Message, StringComparison.Ordinal);
        CudaQueue<float>.Of(device, 6);
        driver.Results[nameof(FakeDriver.StreamIsCapturing)] = CudaResult.StreamCaptureImplicit;
        Assert.Throws<NotSupportedException>(() => CudaQueue<float>.Of(device, 0));
        Assert.Empty(FakeDriver.Contexts);
    }

    [Fact]
    public void AGridThatIsTooLargeIsRefused()
    {
        var queue = CudaQueue<float>.Of(device, 0);
        var groups = Assert.Throws<NotSupportedException>(() => queue.Launch(Kernel, 0x80000000, 64, default(Arguments<RawView>)));
        Assert.Contains("CudaQueueTests.Copy needs 2147483648 groups", groups.Message, StringComparison.Ordinal);
        var threads = Assert.Throws<NotSupportedException>(() => queue.Launch(Kernel, 1, 2048, default(Arguments<RawView>)));
        Assert.Contains("at most 1024 threads", threads.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AParameterOfAnotherSizeIsRefused()
    {
        var queue = CudaQueue<float>.Of(device, 0);
        var refusal = Assert.Throws<InvalidOperationException>(() => queue.Launch(Kernel, 1, 64, default(RawView)));
        Assert.Contains("takes a parameter of 48 bytes", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => queue.Launch(Kernel, 1, 64, (1L, 2L, 3L, 4L, 5L, "text")));
        Assert.Empty(driver.Launches);
    }

    [Fact]
    public void AFailedLaunchTellsKernelDeviceAndGrid()
    {
        driver.Results[nameof(FakeDriver.LaunchKernel)] = CudaResult.LaunchFailed;
        var queue = CudaQueue<float>.Of(device, 0);
        var failure = Assert.Throws<CudaException>(() => queue.Launch(Kernel, 7, 64, default(Arguments<RawView>)));
        Assert.StartsWith(
            "cuLaunchKernel failed for CudaQueueTests.Copy, 7 groups of 64 threads, on Fake GPU (CUDA device 0): CUDA_ERROR_719 (719), words for 719.",
            failure.Message, StringComparison.Ordinal);
        Assert.Contains("enqueued before", failure.Message, StringComparison.Ordinal);
        Assert.Empty(FakeDriver.Contexts);
    }

    [Fact]
    public void TheCallersContextStaysCurrent()
    {
        FakeDriver.Contexts.Push(0x99);
        try
        {
            var queue = CudaQueue<float>.Of(device, 0);
            queue.Workspace(WorkspaceUse.Chunks, 10);
            queue.Launch(Kernel, 1, 64, default(Arguments<RawView>));
            driver.Results[nameof(FakeDriver.MemoryAllocate)] = CudaResult.OutOfMemory;
            Assert.Throws<CudaException>(() => queue.Workspace(WorkspaceUse.Partials, 10));
            Assert.Equal([0x99], FakeDriver.Contexts);
        }
        finally
        {
            FakeDriver.Contexts.Pop();
        }
    }

    [Fact]
    public void AWorkspaceGrowsAndStartsAsZeros()
    {
        var queue = CudaQueue<double>.Of(device, 3);
        Assert.Equal(default, queue.Workspace(WorkspaceUse.Partials, 0));
        var first = queue.Workspace(WorkspaceUse.Partials, 100);
        Assert.Equal(first with { Length = 40 }, queue.Workspace(WorkspaceUse.Partials, 40));
        Assert.NotEqual(first.Address, queue.Workspace(WorkspaceUse.Chunks, 8).Address);
        var larger = queue.Workspace(WorkspaceUse.Partials, 101);
        Assert.Equal(101, larger.Length);
        Assert.Equal(
            ["allocate 800", "set 800", "allocate 64", "set 64", "wait 3", "free", "allocate 808", "set 808"], driver.Calls);
        Assert.Equal(larger.Address, queue.AddressOf(larger));
        Assert.Equal(new RawView(larger.Address + 80, 5), queue.Part(larger, 10, 5));
    }

    [Fact]
    public void AWorkspaceThatDoesNotFitIsAskedForAgain()
    {
        var queue = CudaQueue<float>.Of(device, 0);
        queue.Workspace(WorkspaceUse.Partials, 10);
        driver.Results[nameof(FakeDriver.MemoryAllocate)] = CudaResult.OutOfMemory;
        var failure = Assert.Throws<CudaException>(() => queue.Workspace(WorkspaceUse.Partials, 20));
        Assert.Contains("80 bytes of workspace (Partials)", failure.Message, StringComparison.Ordinal);
        Assert.Contains("memory is full", failure.Message, StringComparison.Ordinal);
        driver.Results.Clear();
        Assert.Equal(20, queue.Workspace(WorkspaceUse.Partials, 20).Length);
        Assert.Equal(80u, driver.AllocatedBytes);
    }

    [Fact]
    public void TicketsAndFlagsStartTogether()
    {
        var queue = CudaQueue<float>.Of(device, 0);
        queue.Workspace(WorkspaceUse.Chain, 10);
        Assert.Equal((1, 0), queue.Chain.Begin(9));
        queue.Workspace(WorkspaceUse.Chain, 10);
        Assert.Equal((2, 9), queue.Chain.Begin(9));
        queue.Workspace(WorkspaceUse.Chain, 11);
        Assert.Equal((1, 0), queue.Chain.Begin(10));

        // A launch that was announced and did not take place.
        driver.Results[nameof(FakeDriver.LaunchKernel)] = (CudaResult)701;
        Assert.Throws<CudaException>(() => queue.Launch(Kernel, 1, 64, default(Arguments<RawView>)));
        driver.Results.Clear();
        driver.Calls.Clear();
        queue.Workspace(WorkspaceUse.Chain, 11);
        Assert.Equal(["set 44"], driver.Calls);
        Assert.Equal((1, 0), queue.Chain.Begin(10));
    }

    [Fact]
    public void AStreamThatHasTheHandleOfAnotherHasAQueueOfItsOwn()
    {
        var first = CudaQueue<float>.Of(device, 8);
        Assert.Same(first, CudaQueue<float>.Of(device, 8));
        Assert.NotSame(first, CudaQueue<float>.Of(device, 0));
        Assert.NotSame(first, CudaQueue<float>.Of(new CudaDevice(driver, 0, new PtxCache(null)), 8));
        driver.StreamIds[8] = 1000;
        Assert.NotSame(first, CudaQueue<float>.Of(device, 8));
    }

    [Fact]
    public void StreamsThatComeAndGoKeepNoMemory()
    {
        var elsewhere = new FakeDriver();
        var neighbour = CudaQueue<float>.Of(new CudaDevice(elsewhere, 0, new PtxCache(null)), 0);
        neighbour.Workspace(WorkspaceUse.Chunks, 1);
        for (ulong i = 0; i < 1200; i++)
        {
            driver.StreamIds[1] = i;
            CudaQueue<float>.Of(device, 1).Workspace(WorkspaceUse.Chunks, 1);
        }

        Assert.InRange(driver.AllocatedBytes, 1u, 512u * sizeof(float));
        Assert.DoesNotContain("free", elsewhere.Calls);
        Assert.Equal(4u, elsewhere.AllocatedBytes);
        Assert.Empty(FakeDriver.Contexts);
    }

    private static void Copy(Arguments<ArrayView<float>> arguments) =>
        arguments.To[arguments.Count] = arguments.From[arguments.First + Grid.GlobalIndex.X];

    public record struct Arguments<TView>
        where TView : struct
    {
        public TView From, To;
        public long First;
        public int Count;
    }
}
