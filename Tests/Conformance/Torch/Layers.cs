using MinRnn.Kernels;
using MinRnn.Torch;
using static TorchSharp.torch;

namespace MinRnn.Tests.Conformance.Torch;

/// <summary>Modules over <see cref="ReferenceCell{T}"/>, as the generator would declare them.</summary>
internal static class Layers
{
    public const int Input = 3;
    public const int Hidden = 5;

    public static LayerDescription Describe(
        ScanKernels kernels, Direction direction = Direction.Forward, int inputSize = Input,
        float? biasInitial = null, Func<int, int, int, Random, float>? initialize = null) =>
        new("Layer", inputSize, direction, [new("gate", biasInitial), new("candidate")],
            kernels.Shape.Weights > 0 ? [new WeightDescription("scale", 0.5f, initialize)] : [], kernels);

    public static Layer Make(Direction direction = Direction.Forward, int states = 1, bool weight = false, bool bias = true, double initial = 0) =>
        new(Describe(new ReferenceCell<float>(ReferenceCell<float>.MakeShape(Hidden, bias, weight, states: states, initial: initial)), direction));

    public sealed class Layer(LayerDescription description, Device? device = null, ScalarType? dtype = null)
        : RecurrentModule(description, device, dtype)
    {
        public void Replace(string name, TorchSharp.Modules.Parameter parameter) => ConditionallyRegisterParameter(name, parameter);
    }
}
