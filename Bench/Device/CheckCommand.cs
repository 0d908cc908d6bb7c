using System.Reflection;
using MinRnn.Ilgpu.Cuda;
using MinRnn.Ilgpu.Scans;
using MinRnn.Kernels;

namespace MinRnn.Bench.Device;

/// <summary>Every layer by every strategy for every type of elements, against the layer of double precision on the CPU.</summary>
internal static class CheckCommand
{
    private static readonly (long Batch, long Time)[] Shapes = [(2, 0), (1, 1), (3, 65), (2, 1000), (1, 4097)];
    private static readonly (long Batch, long Time)[] WideShapes = [(2, 0), (1, 1), (3, 65), (2, 400)];

    /// <summary>A declared layer.</summary>
    public static LayerDescription Describe(Type layer) => (LayerDescription)layer
        .GetProperty("Description", BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)!.GetValue(null)!;

    /// <summary>A layer's kernels on a device.</summary>
    public static ScanKernels On(LayerDescription layer, CudaDevice device, ElementType element, ScanStrategy? strategy) =>
        ((LayerKernels<float>)layer.Device!).On(device, element, strategy);

    /// <summary>Checks and prints a line for each case.</summary>
    /// <param name="device">The device.</param>
    /// <param name="isQuick">Whether the layers of 64 channels are enough.</param>
    /// <param name="write">Takes the lines.</param>
    /// <returns>Whether every case is within its bound.</returns>
    public static bool Run(CudaDevice device, bool isQuick, Action<string> write)
    {
        using var context = device.Enter();
        write(device.Name);
        var (count, failures) = (0, 0);
        foreach (var (layer, reference) in Layers(isQuick))
        {
            foreach (var element in Elements.All)
            {
                var strategies = Enum.GetValues<ScanStrategy>().ToDictionary(strategy => strategy, strategy => On(layer, device, element, strategy));
                foreach (var (batch, time) in layer.HiddenSize > 64 ? WideShapes : Shapes)
                {
                    var tensors = new Tensors(layer.Kernels.Shape, element, batch, time);
                    var expected = tensors.Reference(reference.Kernels);
                    foreach (var (strategy, kernels) in strategies)
                    {
                        var actual = tensors.On(device, kernels);
                        var (error, tensor) = tensors.ErrorOf(actual, expected);
                        var verdict = error < Elements.Bound(element) ? "ok" : "FAILED";
                        if (strategy == ScanStrategy.Chained && verdict == "ok"
                            && !actual.Zip(tensors.On(device, kernels), (x, y) => x.AsSpan().SequenceEqual(y)).All(isSame => isSame))
                            verdict = "FAILED: a second run gave other bits";
                        count++;
                        failures += verdict == "ok" ? 0 : 1;
                        write($"{layer.Name} {element} {strategy} B={batch} T={time}: {error:e2} ({tensor}) {verdict}");
                    }
                }
            }
        }

        write($"{count} cases, {failures} failed.");
        return failures == 0;
    }

    private static IEnumerable<(LayerDescription Layer, LayerDescription Reference)> Layers(bool isQuick)
    {
        (Type Layer, Type Reference)[] narrow =
        [
            (typeof(MinGru64), typeof(MinGru64Double)), (typeof(MinLstm64), typeof(MinLstm64Double)),
            (typeof(LogMinGru64), typeof(LogMinGru64Double)), (typeof(LogMinLstm64), typeof(LogMinLstm64Double)),
            (typeof(Rotation64), typeof(Rotation64Double)),
        ];
        (Type Layer, Type Reference)[] wide =
        [
            (typeof(MinGru1024), typeof(MinGru1024Double)), (typeof(MinLstm1024), typeof(MinLstm1024Double)),
            (typeof(LogMinGru1024), typeof(LogMinGru1024Double)), (typeof(LogMinLstm1024), typeof(LogMinLstm1024Double)),
            (typeof(Rotation1024), typeof(Rotation1024Double)),
        ];
        return (isQuick ? narrow : [.. narrow, .. wide]).Select(pair => (Describe(pair.Layer), Describe(pair.Reference)));
    }
}
