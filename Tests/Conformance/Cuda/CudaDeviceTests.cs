using System.Reflection;
using ILGPU;
using MinRnn.Ilgpu.Cuda;
using MinRnn.Ilgpu.Devices;

namespace MinRnn.Tests.Conformance.Cuda;

public class CudaDeviceTests
{
    private static MethodInfo Kernel => ((Delegate)Fill).Method;

    [Fact]
    public void AMissingDriverIsOneSentence()
    {
        var refusal = Assert.Throws<NotSupportedException>(() => CudaDriver.Load(["libno-such-driver.so.1"]));
        Assert.Contains("no CUDA driver", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("libno-such-driver.so.1", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AMissingDeviceIsOneSentence()
    {
        var driver = new FakeDriver { Devices = 0 };
        Assert.Contains("no CUDA device:", Refusal(driver), StringComparison.Ordinal);
        Assert.Contains("no CUDA device:", Refusal(Failing("Init", CudaResult.NoDevice)), StringComparison.Ordinal);
        driver = new FakeDriver { Devices = 2 };
        Assert.Contains("no CUDA device 2: the driver has 2", Refusal(driver, 2), StringComparison.Ordinal);
        Assert.Contains("no CUDA device -1", Refusal(driver, -1), StringComparison.Ordinal);
    }

    [Fact]
    public void AnOldDriverOrDeviceIsOneSentence()
    {
        Assert.Contains("supports CUDA 11.8, and the kernels need CUDA 12.0", Refusal(new FakeDriver { Version = 11080 }), StringComparison.Ordinal);
        Assert.Contains("Fake GPU (CUDA device 0) has compute capability 7.5", Refusal(new FakeDriver { Capability = (7, 5) }), StringComparison.Ordinal);
        Assert.Contains("does not start: CUDA_ERROR_803", Refusal(Failing("Init", (CudaResult)803)), StringComparison.Ordinal);
    }

    [Fact]
    public void TraitsAreTheDevices()
    {
        var traits = Open(new FakeDriver()).Traits;
        Assert.Equal(new DeviceTraits("Fake GPU (CUDA device 0)", 132, 132 * 2048, 1024, true), traits);
    }

    [Fact]
    public void AKernelIsLoadedOnceForEachGroupSize()
    {
        var driver = new FakeDriver();
        var device = Open(driver);
        using (device.Enter())
        {
            var function = device.Function(Kernel, 64);
            Assert.Equal(24, function.ParameterBytes);
            Assert.Same(function, device.Function(Kernel, 64));
            Parallel.For(0, 4, _ =>
            {
                using var context = device.Enter();
                device.Function(Kernel, 128);
            });
        }

        Assert.Equal(2, driver.Modules.Count);
        Assert.Contains(".maxntid 128", driver.Modules[1], StringComparison.Ordinal);
        Assert.Empty(FakeDriver.Contexts);
    }

    [Fact]
    public void WhatTheDriversCompilerSaysIsTold()
    {
        var driver = Failing("ModuleLoadData", (CudaResult)218);
        driver.Log = "ptxas fatal: line 7";
        var device = Open(driver);
        using (device.Enter())
        {
            for (var round = 0; round < 2; round++)
            {
                var failure = Assert.Throws<CudaException>(() => device.Function(Kernel, 64));
                Assert.Equal("CUDA_ERROR_218", failure.ErrorName);
                Assert.Equal(218, failure.ErrorCode);
                Assert.Equal(
                    "cuModuleLoadDataEx failed for CudaDeviceTests.Fill on Fake GPU (CUDA device 0): CUDA_ERROR_218 (218), words for 218.\nptxas fatal: line 7",
                    failure.Message);
            }
        }

        // A failure is not kept.
        driver.Results.Clear();
        using (device.Enter())
            Assert.Equal(24, device.Function(Kernel, 64).ParameterBytes);
    }

    private static CudaDevice Open(FakeDriver driver) => new(driver, 0, new PtxCache(null));

    private static string Refusal(FakeDriver driver, int ordinal = 0) =>
        Assert.Throws<NotSupportedException>(() => new CudaDevice(driver, ordinal, new PtxCache(null))).Message;

    private static FakeDriver Failing(string call, CudaResult result)
    {
        var driver = new FakeDriver();
        driver.Results[call] = result;
        return driver;
    }

    private static void Fill(Filling<ArrayView<float>> filling) => filling.To[Grid.GlobalIndex.X] = filling.Value;

    public struct Filling<TView>
        where TView : struct
    {
        public TView To;
        public float Value;
    }
}
