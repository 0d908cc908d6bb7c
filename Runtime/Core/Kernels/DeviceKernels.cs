namespace MinRnn.Kernels;

/// <summary>The type of the elements of a scan's buffers. Arithmetic on two-byte elements is in single precision.</summary>
public enum ElementType
{
    /// <summary>IEEE 754 binary32.</summary>
    Single,

    /// <summary>IEEE 754 binary64.</summary>
    Double,

    /// <summary>IEEE 754 binary16.</summary>
    Half,

    /// <summary>The upper half of a binary32.</summary>
    BFloat16,
}

/// <summary>The compiled kernels of one layer for devices with memory of their own. Generated for layers whose project references MinRnn.Ilgpu.</summary>
public abstract class DeviceKernels
{
    /// <summary>The kernels on a CUDA device, on buffers in its memory that belong to the device's primary context.</summary>
    /// <param name="device">The device's ordinal.</param>
    /// <param name="element">The type of every buffer.</param>
    /// <exception cref="NotSupportedException">The driver is missing, the device too old, or the layer has no kernels for the type.</exception>
    public abstract ScanKernels OnCuda(int device, ElementType element);
}
