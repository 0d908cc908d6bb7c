using System.Runtime.InteropServices;
using MinRnn.Torch.Loading;
using TorchSharp;

namespace MinRnn.Torch.Cuda;

/// <summary>The CUDA stream that torch enqueues its operations on, on the calling thread.</summary>
internal static unsafe class CurrentStream
{
    /// <summary>The stream of a tensor's device; 0, the default stream, on the CPU.</summary>
    public static nint Of(Tensor tensor) => tensor.device_type == DeviceType.CUDA ? OfDevice(tensor.device_index) : 0;

    private static nint OfDevice(int device)
    {
        // TorchSharp has no streams: a libtorch without the function leaves its own default.
        if (Export.Address == 0)
            return 0;
        nint stream = 0;
        return ((delegate* unmanaged<int, nint*, int>)Export.Address)(device, &stream) == 0
            ? stream
            : throw new InvalidOperationException($"libtorch does not tell the current stream of cuda:{device}.");
    }

    // Found when a tensor lies on such a device: then the library is there.
    private static class Export
    {
        public static readonly nint Address = LoadedLibrary.Find("libtorch_cuda.so", "torch_cuda.dll", "aoti_torch_get_current_cuda_stream");
    }
}
