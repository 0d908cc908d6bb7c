using TorchSharp;

namespace MinRnn.Torch;

/// <summary>
/// Numbers for TorchSharp's operations that stay alive while these run. Where an operation makes a <see cref="Scalar"/> of a number itself,
/// as the sum of two tensors does of its factor 1, nothing holds it once its handle is read: a garbage collection that another thread
/// brings about frees it under libtorch. Other numbers than these: <c>using Scalar</c>, around the operation.
/// </summary>
internal static class HeldScalars
{
    public static Scalar Zero { get; } = 0;

    public static Scalar One { get; } = 1;

    public static Tensor Sum(Tensor left, Tensor right) => left.add(right, One);
}
