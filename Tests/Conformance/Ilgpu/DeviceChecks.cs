using ILGPU.Runtime;
using MinRnn.Kernels;

namespace MinRnn.Tests.Conformance.Ilgpu;

/// <summary>What every layer is checked for on an accelerator, whether its states are numbers or vectors.</summary>
internal static class DeviceChecks
{
    /// <summary>The orders of time that a layer has kernels for.</summary>
    public static bool[] Directions(LayerDescription description) => description.Direction switch
    {
        Direction.Forward => [false],
        Direction.Reverse => [true],
        _ => [false, true],
    };

    /// <summary>Pre-activations of thousands leave every result finite.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="time">Steps.</param>
    /// <param name="check">Takes the layer, the input and the results.</param>
    public static void ExtremesAreFinite(Type layer, Accelerator accelerator, int time, Action<LayerDescription, ScanInput, ScanOutput>? check = null)
    {
        var description = IlgpuBackend.Describe(layer);
        foreach (var reverse in Directions(description))
        {
            var input = ScanInput.Random(description, 2, time, seed: 5, reverse: reverse);
            for (var i = 0; i < input.Preactivations.Length; i++)
                input.Preactivations[i] = i % 3 == 0 ? 4000 : -4000;
            var actual = new IlgpuBackend(layer, accelerator).Run(description, input);
            foreach (var (name, values) in actual.Tensors)
                Assert.All(values, value => Assert.True(double.IsFinite(value), name));
            check?.Invoke(description, input, actual);
        }
    }

    /// <summary>Steps one by one, each from the states that the one before it left in the same buffer, are the scan.</summary>
    public static void StepsAreForward(Type layer, Accelerator accelerator, int time)
    {
        var description = IlgpuBackend.Describe(layer);
        var backend = new IlgpuBackend(layer, accelerator);
        foreach (var hasState in new[] { true, false })
        {
            var input = ScanInput.Random(description, 2, time, seed: 7, hasState: hasState);
            var whole = backend.Run(description, input);
            var (output, state) = backend.Steps(description, input);
            Assert.Equal(whole.Output, output);
            Assert.Equal(whole.FinalState, state);
        }
    }
}
