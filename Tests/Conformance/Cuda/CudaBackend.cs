using MinRnn.Ilgpu;
using MinRnn.Ilgpu.Cuda;
using MinRnn.Ilgpu.Scans;
using MinRnn.Kernels;
using MinRnn.Tests.Conformance.Cpu;

namespace MinRnn.Tests.Conformance.Cuda;

/// <summary>A layer's kernels by way of the CUDA driver, whose device is the interpreter of PTX.</summary>
internal sealed class CudaBackend(ElementType element, ScanStrategy strategy) : IScanBackend, IDisposable
{
    /// <summary>What one test compiled, the next need not.</summary>
    private static readonly PtxCache Compiled = TemporaryCache();

    public MachineDriver Driver { get; } = new();

    /// <summary>The queue of its scans, after the first.</summary>
    public CudaQueue<float> Queue => CudaQueue<float>.Of(device!, 0);

    private CudaDevice? device;

    public ScanOutput Run(LayerDescription layer, ScanInput input)
    {
        device ??= new CudaDevice(Driver, 0, Compiled);
        var kernels = layer.Device switch
        {
            LayerKernels<double> real => real.On(device, element, strategy),
            LayerKernels<float> real => real.On(device, element, strategy),
            _ => throw new InvalidOperationException("The layer has no kernels for devices."),
        };
        var registered = new List<nint>();
        void Register(nint address, long bytes)
        {
            Driver.Machine.Memory.Register(address, bytes, $"buffer {registered.Count}");
            registered.Add(address);
        }

        try
        {
            return element switch
            {
                ElementType.Double => CpuBackend.Run(kernels, input, value => value, (double value) => value, Register),
                ElementType.Single => CpuBackend.Run(kernels, input, value => (float)value, (float value) => value, Register),
                ElementType.Half => CpuBackend.Run(kernels, input, value => (Half)value, (Half value) => (double)value, Register),
                _ => CpuBackend.Run(kernels, input, value => (BFloat16)(float)value, (BFloat16 value) => value.ToSingle(), Register),
            };
        }
        finally
        {
            foreach (var address in registered)
                Driver.Machine.Memory.Unregister(address);
        }
    }

    public void Dispose() => Driver.Dispose();

    private static PtxCache TemporaryCache()
    {
        var folder = Directory.CreateTempSubdirectory("minrnn-ptx-");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Delete(recursive: true);
        return new PtxCache(folder.FullName);
    }
}
