using System.Diagnostics.CodeAnalysis;
using TorchSharp;
using TorchSharp.Modules;
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
    public static void Require([NotNull] Tensor? tensor, string argument, ScalarType type, params ReadOnlySpan<Dimension> wanted)
    {
        RequireShape(tensor, argument, wanted);
        RequireType(tensor, argument, type);
    }

    /// <summary>Requires a live tensor of this shape.</summary>
    /// <exception cref="ArgumentNullException">The tensor is null.</exception>
    /// <exception cref="ArgumentException">The tensor is disposed, or of another rank or size.</exception>
    public static void RequireShape([NotNull] Tensor? tensor, string argument, params ReadOnlySpan<Dimension> wanted)
    {
        RequireLive(tensor, argument);
        if (!HasShape(tensor, wanted))
        {
            throw new ArgumentException(
                $"{argument} has shape [{string.Join(", ", tensor.shape)}], wanted [{string.Join(", ", wanted.ToArray())}].", argument);
        }
    }

    /// <summary>Whether a tensor has this shape.</summary>
    public static bool HasShape(Tensor tensor, params ReadOnlySpan<Dimension> wanted)
    {
        var matches = tensor.dim() == wanted.Length;
        for (var i = 0; matches && i < wanted.Length; i++)
            matches = wanted[i].Size < 0 || tensor.size(i) == wanted[i].Size;
        return matches;
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

    /// <summary>Requires a tensor on the device of a module's parameters.</summary>
    /// <exception cref="ArgumentException">The tensor lies on another device.</exception>
    public static void RequireBeside(Tensor tensor, string argument, Tensor parameter, string module)
    {
        if (!AreBeside(tensor, parameter))
            throw new ArgumentException($"{argument} is on device {tensor.device}, and the parameters of {module} are on {parameter.device}.", argument);
    }

    /// <summary>Whether two tensors lie on the same device.</summary>
    public static bool AreBeside(Tensor left, Tensor right) => left.device_type == right.device_type
        && (left.device_type == DeviceType.CPU || left.device_index == right.device_index);

    /// <summary>A parameter of a module, alive. Modules replace parameters when they move: ask each time.</summary>
    /// <exception cref="ObjectDisposedException">The module is disposed of.</exception>
    public static Parameter ParameterOf(nn.Module module, string name, string owner) =>
        module.get_parameter(name) is { IsInvalid: false } parameter
            ? parameter
            : throw new ObjectDisposedException(owner, $"{owner} is disposed of: it has no parameter {name} any more.");

    /// <summary>Requires a parameter of this shape, and of the type and on the device of <paramref name="weight"/>.</summary>
    /// <exception cref="InvalidOperationException">It is another.</exception>
    public static void RequireParameter(Parameter parameter, string name, Tensor weight, string owner, params ReadOnlySpan<Dimension> wanted)
    {
        if (!HasShape(parameter, wanted))
        {
            throw new InvalidOperationException(
                $"The parameter {name} of {owner} has shape [{string.Join(", ", parameter.shape)}], wanted [{string.Join(", ", wanted.ToArray())}].");
        }

        if (parameter.dtype != weight.dtype || !AreBeside(parameter, weight))
        {
            throw new InvalidOperationException(
                $"The parameters of {owner} differ: {name} is {parameter.dtype} on {parameter.device}, weight is {weight.dtype} on {weight.device}.");
        }
    }

    /// <summary>The tensor as 32-bit numbers where its own have 16 bits: sums are added up in them.</summary>
    public static Tensor Widen(Tensor tensor) =>
        tensor.dtype is ScalarType.Float16 or ScalarType.BFloat16 ? tensor.to(ScalarType.Float32) : tensor;

    private static void RequireLive([NotNull] Tensor? tensor, string argument)
    {
        ArgumentNullException.ThrowIfNull(tensor, argument);
        if (tensor.IsInvalid)
            throw new ArgumentException($"{argument} is disposed.", argument);
        if (tensor.is_sparse)
            throw new ArgumentException($"{argument} is sparse, wanted a dense tensor.", argument);
    }

    private static void RequireType(Tensor tensor, string argument, ScalarType type)
    {
        if (tensor.dtype != type)
            throw new ArgumentException($"{argument} has type {tensor.dtype}, wanted {type}.", argument);
    }
}
