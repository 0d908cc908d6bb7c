using ILGPU;
using MinRnn.Ilgpu.Cuda;
using MinRnn.Ilgpu.Devices;
using MinRnn.Ilgpu.Kernels;
using MinRnn.Ilgpu.Scans;
using MinRnn.Kernels;

namespace MinRnn.Tests.Conformance.Cuda;

public class CudaScanKernelsTests
{
    private const long Batch = 3, Time = 5, Channels = 8;
    private readonly FakeDriver driver = new();
    private readonly CudaDevice device;

    public CudaScanKernelsTests() => device = new CudaDevice(driver, 0, new PtxCache(null));

    [Fact]
    public void ForwardPassesViewsInElements()
    {
        var kernels = new FakeLayer(FakeLayer.MakeShape(input: true, states: 2, keepsStates: true)).On(device, ElementType.Single);
        Assert.Equal(ElementType.Single, kernels.Element);
        kernels.Forward(new ScanForward
        {
            Batch = Batch,
            Time = Time,
            Reverse = true,
            Stream = 9,
            Preactivations = 0x100,
            Parameters = 0x200,
            Input = 0x300,
            Output = 0x500,
            States = 0x600,
            FinalState = 0x700,
        });
        var launch = Assert.Single(driver.Launches);
        Assert.Equal(9, launch.Stream);
        var scan = launch.As<ForwardArguments<RawView, RawView>>();
        Assert.Equal(new RawView(0x100, Batch * Time * 2 * Channels), scan.Preactivations);
        Assert.Equal(new RawView(0x200, 3 * Channels), scan.Parameters);
        Assert.Equal(new RawView(0x300, Batch * Time * Channels), scan.Input);
        Assert.Equal(default, scan.InitialState);
        Assert.Equal(new RawView(0x500, Batch * Time * Channels), scan.Output);
        Assert.Equal(new RawView(0x600, Batch * Time * 2 * Channels), scan.States);
        Assert.Equal(new RawView(0x700, Batch * 2 * Channels), scan.FinalState);
        Assert.Equal((Batch, Time, 1L, -1L, 2L), (scan.Window.Batch, scan.Window.Time, scan.Window.Chunks, scan.Window.Direction, scan.Window.BiasRows));
    }

    [Fact]
    public void BackwardPassesViewsAndSumsPartials()
    {
        var kernels = new FakeLayer(FakeLayer.MakeShape(bias: false)).On(device, ElementType.BFloat16);
        kernels.Backward(new ScanBackward
        {
            Batch = Batch,
            Time = Time,
            Preactivations = 0x100,
            Parameters = 0x200,
            InitialState = 0x300,
            Output = 0x400,
            FinalStateGradient = 0x500,
            PreactivationGradient = 0x600,
            ParameterGradient = 0x700,
            InitialStateGradient = 0x800,
        });
        Assert.Equal(2, driver.Launches.Count);
        var scan = driver.Launches[0].As<BackwardArguments<RawView, RawView>>();
        Assert.Equal((0L, scan.Output), (scan.HasOutputGradient, scan.OutputGradient));
        Assert.Equal(new RawView(0x300, Batch * Channels), scan.InitialState);
        Assert.Equal(new RawView(0x500, Batch * Channels), scan.FinalStateGradient);
        Assert.Equal(new RawView(0x600, Batch * Time * 2 * Channels), scan.PreactivationGradient);
        Assert.Equal(new RawView(0x800, Batch * Channels), scan.InitialStateGradient);
        Assert.Equal(Batch * Channels, scan.ParameterPartials.Length);
        Assert.Equal((1L, 0L), (scan.Window.Direction, scan.Window.BiasRows));
        var sum = driver.Launches[1].As<SumArguments<RawView, RawView>>();
        Assert.Equal(scan.ParameterPartials, sum.Partials);
        Assert.Equal(new RawView(0x700, Channels), sum.Sums);
        Assert.Equal((Batch, Channels), (sum.Rows, sum.Width));
    }

    [Theory]
    [InlineData(ElementType.Single, 0x100, true)]
    [InlineData(ElementType.Single, 0x108, false)]
    [InlineData(ElementType.Half, 0x108, true)]
    [InlineData(ElementType.Half, 0x104, false)]
    [InlineData(ElementType.BFloat16, 0x108, true)]
    [InlineData(ElementType.BFloat16, 0x102, false)]
    public void QuadsAreTakenWhereAllMemoryIsAligned(ElementType element, int output, bool isAligned)
    {
        new FakeLayer(FakeLayer.MakeShape()).On(device, element, ScanStrategy.Wide).Forward(new ScanForward
        {
            Batch = 1,
            Time = 1,
            Preactivations = 0x1000,
            Parameters = 0x2000,
            Output = output,
            FinalState = 0x3000,
        });
        Assert.Single(driver.Launches);

        // Accesses of a single element, or of several.
        Assert.Equal(isAligned, driver.Modules[0].Contains(".v4.", StringComparison.Ordinal) || driver.Modules[0].Contains(".v2.", StringComparison.Ordinal));
    }

    [Fact]
    public void AnEmptyBatchHasZerosForGradients()
    {
        var kernels = new FakeLayer(FakeLayer.MakeShape()).On(device, ElementType.Half);
        kernels.Forward(new ScanForward { Batch = 0, Time = Time, Preactivations = 0, Output = 0, FinalState = 0 });
        kernels.Backward(new ScanBackward
        {
            Batch = 0,
            Time = Time,
            Preactivations = 0,
            Parameters = 0x200,
            Output = 0,
            PreactivationGradient = 0,
            ParameterGradient = 0x700,
            InitialStateGradient = 0,
        });
        Assert.Empty(driver.Launches);
        Assert.Equal([$"set {3 * Channels * 2}"], driver.Calls);
    }

    [Fact]
    public void ElementsOfAnotherPrecisionAreRefused()
    {
        var single = new FakeLayer(FakeLayer.MakeShape());
        var twice = new FakeDoubleLayer(FakeLayer.MakeShape());
        Assert.Contains("Double", Assert.Throws<NotSupportedException>(() => single.On(device, ElementType.Double)).Message, StringComparison.Ordinal);
        Assert.Contains("Half", Assert.Throws<NotSupportedException>(() => twice.On(device, ElementType.Half)).Message, StringComparison.Ordinal);
        twice.On(device, ElementType.Double).Forward(new ScanForward
        {
            Batch = 1,
            Time = 1,
            Preactivations = 0x1008,
            Parameters = 0x2000,
            Output = 0x4000,
            FinalState = 0x3000,
        });
        Assert.Contains("f64", driver.Modules[0], StringComparison.Ordinal);
    }

    [Fact]
    public void AMachineWithoutADriverSaysSo()
    {
        var isThere = System.Runtime.InteropServices.NativeLibrary.TryLoad(CudaDriver.LibraryNames[0], out _);
        if (isThere)
            return;
        DeviceKernels layer = new FakeLayer(FakeLayer.MakeShape());
        Assert.Contains("no CUDA driver", Assert.Throws<NotSupportedException>(() => layer.OnCuda(0, ElementType.Single)).Message, StringComparison.Ordinal);
    }
}
