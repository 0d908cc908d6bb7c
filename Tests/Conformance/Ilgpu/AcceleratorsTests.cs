using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;
using MinRnn.Ilgpu;

namespace MinRnn.Tests.Conformance.Ilgpu;

/// <summary>Finding devices, with drivers and without.</summary>
public class AcceleratorsTests
{
    [Fact]
    public void WhatIsReflectedUponExists()
    {
        Assert.Null(OpenClDevices.Obstacle);
        Assert.NotNull(CudaDevices.Registry);
    }

    [Theory]
    [InlineData("cuda", "libcuda.so.1")]
    [InlineData("OpenCL", "libOpenCL.so.1")]
    public void ImportIsFoundUnderTheNameThatDriversInstall(string import, string file)
    {
        DriverLibraries.MakeFindable();
        var isFound = NativeLibrary.TryLoad(import, typeof(Context).Assembly, null, out _);
        if (OperatingSystem.IsLinux() && NativeLibrary.TryLoad(file, out _))
            Assert.True(isFound);
    }

    [Fact]
    public void OtherImportsAreLeftAlone()
    {
        Assert.Equal(0, DriverLibraries.Resolve(typeof(Context).Assembly, "nvvm"));
        Assert.Equal(0, DriverLibraries.Resolve(GetType().Assembly, "OpenCL"));
    }

    [Fact]
    public void SimulatorIsGivenByNameOnly()
    {
        using var context = Accelerators.CreateContext();
        Assert.DoesNotContain(context.PreferredDevices(), device => device is CPUDevice);
        using var simulator = context.CreateAccelerator(AcceleratorType.CPU);
        Assert.IsType<CPUAccelerator>(simulator);
        Assert.Throws<ArgumentOutOfRangeException>(() => context.CreateAccelerator(AcceleratorType.CPU, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => context.CreateAccelerator(AcceleratorType.CPU, -1));
    }

    [Fact]
    public void DevicesAreInOrder()
    {
        using var context = Accelerators.CreateContext();
        int[] ranks = [.. context.PreferredDevices().Select(device => device switch
        {
            CudaDevice => 0,
            CLDevice openCl when !openCl.DeviceType.HasFlag(CLDeviceType.CL_DEVICE_TYPE_CPU) => 1,
            _ => 2,
        })];
        Assert.Equal(ranks.Order(), ranks);
    }

    [Fact]
    public void SettingsAreAdded()
    {
        using var context = Accelerators.CreateContext(builder => builder.CPU(new CPUDevice(32, 1, 1)));
        using var wide = context.CreateAccelerator(AcceleratorType.CPU, 1);
        Assert.Equal(32, wide.MaxNumThreadsPerGroup);
    }

    [Fact]
    public void MissingDeviceIsExplained()
    {
        using var context = Context.Create(builder => builder.CPU());
        var files = OperatingSystem.IsWindows() ? ("nvcuda.dll", "OpenCL.dll") : ("libcuda.so.1", "libOpenCL.so.1");
        var cuda = Assert.Throws<NotSupportedException>(() => context.CreateAccelerator(AcceleratorType.Cuda)).Message;
        var openCl = Assert.Throws<NotSupportedException>(() => context.CreateAccelerator(AcceleratorType.OpenCL)).Message;
        var any = Assert.Throws<NotSupportedException>(() => context.CreatePreferredAccelerator()).Message;
        Assert.StartsWith("No CUDA device: " + files.Item1, cuda, StringComparison.Ordinal);
        Assert.StartsWith("No OpenCL device: " + files.Item2, openCl, StringComparison.Ordinal);
        Assert.StartsWith($"{cuda} {openCl} ", any, StringComparison.Ordinal);
        Assert.Contains("AcceleratorType.CPU", any, StringComparison.Ordinal);
    }

    /// <summary>What stands in for ILGPU's own way in a second context on Windows' Linux finds the same.</summary>
    [Fact]
    public void CudaDevicesCanBeRegisteredDirectly()
    {
        DriverLibraries.MakeFindable();
        using var direct = Context.Create(CudaDevices.Register);
        using var usual = Context.Create(builder => builder.Cuda());
        Assert.Equal(usual.GetCudaDevices().Count, direct.GetCudaDevices().Count);
    }
}
