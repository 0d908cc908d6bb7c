using System.Numerics;
using MinRnn.Inference;
using MinRnn.Torch;
using static TorchSharp.torch;

namespace MinRnn.Tests.Conformance.Inference;

/// <summary>A declared layer as a module and as what is deployed of it.</summary>
/// <param name="Name">For test names.</param>
/// <param name="Make">Makes the module.</param>
/// <param name="Load">Loads the module's file.</param>
/// <param name="StateSize">The deployed class's constant.</param>
/// <param name="States">The constants of the states, one for each; a state that the caller holds differs by their bits.</param>
public sealed record DeployedLayer<T>(
    string Name, Func<RecurrentModule> Make, Func<string, InferenceOptions?, LayerInference<T>> Load, int StateSize, params T[] States)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public override string ToString() => Name;
}

/// <summary>The layers and models of these tests, and what their tests share.</summary>
internal static class Deployment
{
    public static IReadOnlyList<DeployedLayer<float>> Layers { get; } =
    [
        new("MinGru", () => new DeployedMinGru(), DeployedMinGru.Inference.Load, DeployedMinGru.Inference.StateSize, 0),
        new("MinLstm", () => new DeployedMinLstm(), DeployedMinLstm.Inference.Load, DeployedMinLstm.Inference.StateSize, 0),
        new("LogMinGru", () => new DeployedLogMinGru(), DeployedLogMinGru.Inference.Load, DeployedLogMinGru.Inference.StateSize, 0),
        new("LogMinLstm", () => new DeployedLogMinLstm(), DeployedLogMinLstm.Inference.Load, DeployedLogMinLstm.Inference.StateSize, 0),
        new("SignedMinGru", () => new DeployedSignedMinGru(), DeployedSignedMinGru.Inference.Load, DeployedSignedMinGru.Inference.StateSize, 0),
        new("Sru", () => new DeployedSru(), DeployedSru.Inference.Load, DeployedSru.Inference.StateSize, 0),
        new("QrnnFo", () => new DeployedQrnnFo(), DeployedQrnnFo.Inference.Load, DeployedQrnnFo.Inference.StateSize, 0),
        new("Hgrn", () => new DeployedHgrn(), DeployedHgrn.Inference.Load, DeployedHgrn.Inference.StateSize, 0),
        new("RgLru", () => new DeployedRgLru(), DeployedRgLru.Inference.Load, DeployedRgLru.Inference.StateSize, 0),
        new("IndRnn", () => new DeployedIndRnn(), DeployedIndRnn.Inference.Load, DeployedIndRnn.Inference.StateSize, 0),
        new("Rotation", () => new DeployedRotation(), DeployedRotation.Inference.Load, DeployedRotation.Inference.StateSize, 0, 0),
        new("S4D", () => new DeployedS4D(), DeployedS4D.Inference.Load, DeployedS4D.Inference.StateSize, [.. new float[64]]),
        new("Aaren", () => new DeployedAaren(), DeployedAaren.Inference.Load, DeployedAaren.Inference.StateSize, float.NegativeInfinity, 0, 0),
        new("Oscillator", () => new DeployedOscillator(), DeployedOscillator.Inference.Load, DeployedOscillator.Inference.StateSize, 0, 1),
        new("SelectiveSsm", () => new DeployedSelectiveSsm(), DeployedSelectiveSsm.Inference.Load, DeployedSelectiveSsm.Inference.StateSize, [.. new float[16]]),
        new("Gated", () => new DeployedGated(), DeployedGated.Inference.Load, DeployedGated.Inference.StateSize, 0),
        new("Reverse", () => new DeployedReverse(), DeployedReverse.Inference.Load, DeployedReverse.Inference.StateSize, 0),
        new("Bidirectional", () => new DeployedBidirectional(), DeployedBidirectional.Inference.Load, DeployedBidirectional.Inference.StateSize, 0, 1),
    ];

    public static IReadOnlyList<DeployedLayer<double>> DoubleLayers { get; } =
    [
        new("Double", () => new DeployedDouble(), DeployedDouble.Inference.Load, DeployedDouble.Inference.StateSize, 0, 1),
    ];

    /// <summary>Saves a module with parameters far from what it starts with, and loads what is deployed of it.</summary>
    public static TInference Deploy<TInference>(nn.Module module, Action<string> save, Func<string, TInference> load)
    {
        var file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");
        try
        {
            using (no_grad())
            {
                foreach (var parameter in module.parameters())
                    parameter.add_(randn_like(parameter), 0.3);
            }

            save(file);
            return load(file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Random numbers of a normal distribution.</summary>
    public static T[] Normal<T>(Random random, long count)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        [.. Enumerable.Range(0, (int)count).Select(_ => T.CreateChecked(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];

    /// <summary>The elements of a tensor, which TorchSharp does not give of an empty one.</summary>
    public static T[] Values<T>(Tensor tensor)
        where T : unmanaged => tensor.numel() == 0 ? [] : tensor.data<T>().ToArray();

    /// <summary>Requires the distance of values from a tensor, relative to the tensor's largest, to be within the tolerance.</summary>
    public static void AssertClose<T>(Tensor expected, T[] actual, double tolerance, string what)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Assert.Equal(expected.numel(), actual.Length);
        if (actual.Length == 0)
            return;
        using var scope = NewDisposeScope();
        var found = tensor(Array.ConvertAll(actual, value => double.CreateChecked(value)));
        var wanted = expected.detach().to(ScalarType.Float64).flatten();
        var distance = where(found.eq(wanted), zeros_like(wanted), (found - wanted).abs());
        var largest = where(wanted.isfinite(), wanted.abs(), zeros_like(wanted)).max().clamp_min(1e-30);
        var error = (distance.max() / largest).item<double>();
        Assert.True(error <= tolerance, $"{what}: error {error:e1}, at most {tolerance:e1} wanted");
    }

    /// <summary>What the caller holds for states, [B, ..., S, H], and back.</summary>
    public static T[] Toggle<T>(T[] states, T[] constants, int channels)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var toggled = (T[])states.Clone();
        for (var i = 0; i < toggled.Length; i++)
        {
            var constant = constants[i / channels % constants.Length];
            toggled[i] = typeof(T) == typeof(float)
                ? T.CreateChecked(BitConverter.Int32BitsToSingle(
                    BitConverter.SingleToInt32Bits(float.CreateChecked(toggled[i])) ^ BitConverter.SingleToInt32Bits(float.CreateChecked(constant))))
                : T.CreateChecked(BitConverter.Int64BitsToDouble(
                    BitConverter.DoubleToInt64Bits(double.CreateChecked(toggled[i])) ^ BitConverter.DoubleToInt64Bits(double.CreateChecked(constant))));
        }

        return toggled;
    }
}
