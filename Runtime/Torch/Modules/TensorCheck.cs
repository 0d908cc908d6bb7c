using System.Diagnostics.CodeAnalysis;
using TorchSharp;
using static TorchSharp.torch;

namespace MinRnn.Torch;

/// <summary>Checks of tensors at public entries. Messages name the argument, what it is and what is wanted.</summary>
internal static class TensorCheck
{
    /// <summary>One dimension that is wanted: a size, or a letter for any size.</summary>
    public readonly record struct Dimension(string? Letter, long Size)
    {
        public static implicit operator Dimension(long size) => new(null, size);

        public static implicit operator Dimension(string letter) => new(letter, -1);

        public override string ToString() => Letter ?? Size.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Requires a live tensor of this type and shape.</summary>
    /// <exception cref="ArgumentNullException">The tensor is null.</exception>
    /// <exception cref="ArgumentException">The tensor is disposed, or of another type, rank or size.</exception>
    public static void Require(Tensor? tensor, string argument, ScalarType type, params ReadOnlySpan<Dimension> wanted)
    {
        RequireLive(tensor, argument);
        var matches = tensor.dim() == wanted.Length;
        for (var i = 0; matches && i < wanted.Length; i++)
            matches = wanted[i].Size < 0 || tensor.size(i) == wanted[i].Size;
        if (!matches)
        {
            throw new ArgumentException(
                $"{argument} has shape [{string.Join(", ", tensor.shape)}], wanted [{string.Join(", ", wanted.ToArray())}].", argument);
        }

        RequireType(tensor, argument, type);
    }

    /// <summary>Requires a live tensor of this type and of this size in the last dimension.</summary>
    /// <exception cref="ArgumentNullException">The tensor is null.</exception>
    /// <exception cref="ArgumentException">The tensor is disposed, or of another type or size.</exception>
    public static void RequireLast(Tensor? tensor, string argument, ScalarType type, long size)
    {
        RequireLive(tensor, argument);
        if (tensor.dim() == 0 || tensor.size(-1) != size)
            throw new ArgumentException($"{argument} has shape [{string.Join(", ", tensor.shape)}], wanted [..., {size}].", argument);
        RequireType(tensor, argument, type);
    }

    /// <summary>Requires memory of the CPU.</summary>
    /// <exception cref="NotSupportedException">The tensor lies on another device.</exception>
    public static void RequireCpu(Tensor tensor, string name)
    {
        if (tensor.device_type != DeviceType.CPU)
            throw new NotSupportedException($"{name} is on device {tensor.device}; the layer's kernels run on the CPU.");
    }

    private static void RequireLive([NotNull] Tensor? tensor, string argument)
    {
        ArgumentNullException.ThrowIfNull(tensor, argument);
        if (tensor.IsInvalid)
            throw new ArgumentException($"{argument} is disposed.", argument);
    }

    private static void RequireType(Tensor tensor, string argument, ScalarType type)
    {
        if (tensor.dtype != type)
            throw new ArgumentException($"{argument} has type {tensor.dtype}, wanted {type}.", argument);
    }
}
