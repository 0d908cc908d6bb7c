using MinRnn.Kernels;
using MinRnn.Torch;
using MinRnn.Torch.Cuda;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace MinRnn.Tests.Conformance.Torch;

[Collection(nameof(TorchCollection))]
public class KernelChoiceTests
{
    private static readonly ScanKernels Single = new ReferenceCell<float>(ReferenceCell<float>.MakeShape(4));
    private static readonly ScanKernels Twice = new ReferenceCell<double>(ReferenceCell<double>.MakeShape(4));

    [Theory]
    [InlineData(ScalarType.Float32, ElementType.Single)]
    [InlineData(ScalarType.Float16, ElementType.Half)]
    [InlineData(ScalarType.BFloat16, ElementType.BFloat16)]
    [InlineData(ScalarType.Float64, ElementType.Double)]
    public void The_device_and_the_type_pick_the_kernels(ScalarType type, ElementType element)
    {
        var device = new Recorder();
        var layer = Layers.Describe(element == ElementType.Double ? Twice : Single) with { Device = device };
        KernelChoice.Of(layer, DeviceType.CUDA, 3, type);
        Assert.Equal((3, element), Assert.Single(device.Asked));
        KernelChoice.Require(layer, new Device(DeviceType.CUDA, 1), type, "Layer");
        Assert.Single(device.Asked);
    }

    /// <summary>Near a kink, states in two bytes lead to the other side: layers with kinks in their states compute on converted tensors.</summary>
    [Theory]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    public void Steps_that_are_not_affine_run_in_single_precision(ScalarType type)
    {
        var device = new Recorder();
        KernelChoice.Of(Layers.Describe(Single) with { Device = device, IsAffine = false }, DeviceType.CUDA, 0, type);
        Assert.Equal((0, ElementType.Single), Assert.Single(device.Asked));
        Assert.False(MinRnn.Tests.Conformance.Ilgpu.IlgpuBackend.Describe(typeof(MinRnn.Tests.Conformance.Ilgpu.GpuIndRnn)).IsAffine);
        Assert.True(MinRnn.Tests.Conformance.Ilgpu.IlgpuBackend.Describe(typeof(MinRnn.Tests.Conformance.Ilgpu.GpuMinGru)).IsAffine);
    }

    [Fact]
    public void The_CPU_has_kernels_of_the_declared_precision()
    {
        Assert.Same(Single, KernelChoice.Of(Layers.Describe(Single), DeviceType.CPU, -1, ScalarType.Float32));
        Assert.Same(Twice, KernelChoice.Of(Layers.Describe(Twice), DeviceType.CPU, -1, ScalarType.Float64));
        var half = Assert.Throws<NotSupportedException>(() => KernelChoice.Of(Layers.Describe(Single), DeviceType.CPU, -1, ScalarType.Float16));
        Assert.Contains("Float16 on the CPU, where its kernels have type Float32", half.Message);
        var wide = Assert.Throws<InvalidOperationException>(() => KernelChoice.Of(Layers.Describe(Twice), DeviceType.CPU, -1, ScalarType.Float32));
        Assert.Contains("Precision.Double", wide.Message);
    }

    [Fact]
    public void What_is_missing_is_named()
    {
        var layer = Layers.Describe(Single);
        var cuda = Assert.Throws<NotSupportedException>(() => KernelChoice.Of(layer, DeviceType.CUDA, 0, ScalarType.Float32));
        Assert.Contains("MinRnnGen.Ilgpu", cuda.Message);
        Assert.Throws<NotSupportedException>(() => KernelChoice.Require(layer, new Device(DeviceType.CUDA, 0), null, "Model"));
        var other = Assert.Throws<NotSupportedException>(() => KernelChoice.Of(layer, DeviceType.MPS, 0, ScalarType.Float32));
        Assert.Contains("on device mps; its kernels run on the CPU and on CUDA devices", other.Message);
        Assert.Throws<ArgumentException>("dtype", () => KernelChoice.Require(layer, CPU, ScalarType.Float64, "Model"));
    }

    [Fact]
    public void The_CPU_has_no_stream()
    {
        using var tensor = zeros(1);
        Assert.Equal(0, CurrentStream.Of(tensor));
    }

    private sealed class Recorder : DeviceKernels
    {
        public List<(int, ElementType)> Asked { get; } = [];

        public override ScanKernels OnCuda(int device, ElementType element)
        {
            Asked.Add((device, element));
            return Single;
        }
    }
}
