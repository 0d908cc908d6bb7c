using MinRnn.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace MinRnn.Torch;

/// <summary>Which of a layer's kernels run on tensors of a device and a type.</summary>
internal static class KernelChoice
{
    /// <summary>The type of the precision that a layer is declared with.</summary>
    public static ScalarType DeclaredType(LayerDescription layer) =>
        layer.Kernels.Precision == Precision.Double ? ScalarType.Float64 : ScalarType.Float32;

    /// <summary>Requires that there are kernels for a device and a type, before parameters are made for them.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="device">The device.</param>
    /// <param name="dtype">The type; the declared one when null.</param>
    /// <param name="name">Whose parameters they are, for messages.</param>
    /// <exception cref="ArgumentException">The layer has no kernels for <paramref name="dtype"/>.</exception>
    /// <exception cref="NotSupportedException">The layer has no kernels for the device, or none there for the type.</exception>
    public static void Require(LayerDescription layer, Device device, ScalarType? dtype, string name)
    {
        if (dtype is not null && ElementOf(layer, dtype.Value) is null)
            throw new ArgumentException($"{name} is declared with {Wanted(layer)}: dtype is {dtype}.", nameof(dtype));
        RequireDevice(layer, device.type, dtype ?? DeclaredType(layer), name);
    }

    /// <summary>
    /// The kernels. Those of a layer that is not affine in its states work in single precision on tensors of two-byte elements, which are
    /// converted: their backward would read rounded states, and near a kink take the other side's derivative.
    /// </summary>
    /// <param name="layer">The layer.</param>
    /// <param name="device">The device of all tensors.</param>
    /// <param name="index">Which of the devices of its kind.</param>
    /// <param name="type">The type of all tensors.</param>
    /// <exception cref="InvalidOperationException">The layer has no kernels for the type.</exception>
    /// <exception cref="NotSupportedException">The layer has no kernels for the device, or none there for the type.</exception>
    public static ScanKernels Of(LayerDescription layer, DeviceType device, int index, ScalarType type)
    {
        if (ElementOf(layer, type) is not { } element)
            throw new InvalidOperationException($"{layer.Name} was converted to {type}, and is declared with {Wanted(layer)}.");
        RequireDevice(layer, device, type, layer.Name);
        if (!layer.IsAffine && element is (ElementType.Half or ElementType.BFloat16))
            element = ElementType.Single;
        return device == DeviceType.CPU ? layer.Kernels : layer.Device!.OnCuda(index, element);
    }

    private static void RequireDevice(LayerDescription layer, DeviceType device, ScalarType type, string name)
    {
        switch (device)
        {
            case DeviceType.CPU when type != DeclaredType(layer):
                throw new NotSupportedException(
                    $"{name} has type {type} on the CPU, where its kernels have type {DeclaredType(layer)}; {type} is for CUDA devices.");
            case DeviceType.CPU:
                break;
            case DeviceType.CUDA when layer.Device is null:
                throw new NotSupportedException(
                    $"{name} has no kernels for CUDA: the project that declares it must reference the package MinRnnGen.Ilgpu " +
                    "(the project MinRnn.Ilgpu, where the sources are used)"
                    + (layer.HasVectorStates ? ", and its cell's vector states must fit a group of threads (MRNN3005)." : "."));
            case DeviceType.CUDA:
                break;
            default:
                throw new NotSupportedException($"{name} is on device {device.ToString().ToLowerInvariant()}; its kernels run on the CPU and on CUDA devices.");
        }
    }

    private static ElementType? ElementOf(LayerDescription layer, ScalarType type) => (layer.Kernels.Precision, type) switch
    {
        (Precision.Double, ScalarType.Float64) => ElementType.Double,
        (Precision.Single, ScalarType.Float32) => ElementType.Single,
        (Precision.Single, ScalarType.Float16) => ElementType.Half,
        (Precision.Single, ScalarType.BFloat16) => ElementType.BFloat16,
        _ => null,
    };

    private static string Wanted(LayerDescription layer) => layer.Kernels.Precision == Precision.Double
        ? "Precision.Double, whose type is Float64"
        : "Precision.Single, whose type is Float32, or Float16 and BFloat16 on CUDA devices";
}
