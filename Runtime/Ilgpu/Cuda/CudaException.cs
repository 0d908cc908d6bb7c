using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace MinRnn.Ilgpu.Cuda;

/// <summary>A call of the CUDA driver failed. The message names the call, the kernel and the device.</summary>
[SuppressMessage("Design", "CA1032", Justification = "Only the driver's results make it.")]
public sealed class CudaException : ExternalException
{
    internal CudaException(ICudaDriver driver, CudaResult result, string call, string subject, string detail)
        : base(Describe(driver, result, call, subject, detail), (int)result) => ErrorName = driver.NameOf(result);

    /// <summary>The driver's name of the error, such as <c>CUDA_ERROR_OUT_OF_MEMORY</c>. Its number is <see cref="ExternalException.ErrorCode"/>.</summary>
    public string ErrorName { get; }

    private static string Describe(ICudaDriver driver, CudaResult result, string call, string subject, string detail)
    {
        var hint = result switch
        {
            CudaResult.OutOfMemory => " The device's memory is full; torch keeps what its tensors have freed for new tensors.",
            CudaResult.IllegalAddress or CudaResult.LaunchTimeout or (>= CudaResult.HardwareStackError and <= CudaResult.LaunchFailed) =>
                " The work that failed may have been enqueued before; this process cannot use the device any more.",
            _ => "",
        };
        return $"{call} failed for {subject}: {driver.NameOf(result)} ({(int)result}), {driver.TextOf(result)}.{hint}{(detail.Length == 0 ? "" : "\n" + detail)}";
    }
}
