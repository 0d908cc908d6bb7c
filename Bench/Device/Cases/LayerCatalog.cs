using System.Reflection;
using MinRnn.Ilgpu.Scans;
using MinRnn.Kernels;

namespace MinRnn.Bench.Device;

/// <summary>The declared layers by their names. Each has a twin of double precision, its reference.</summary>
internal static class LayerCatalog
{
    public static IReadOnlyList<string> Cells { get; } = ["MinGru", "MinLstm", "LogMinGru", "LogMinLstm", "Rotation", "SelectiveSsm"];

    /// <summary>Channels of the layers.</summary>
    public static IReadOnlyList<int> Widths { get; } = [64, 1024];

    /// <summary>All layers but their twins.</summary>
    public static IEnumerable<string> Names => from width in Widths from cell in Cells select $"{cell}{width}";

    /// <summary>A layer of single precision.</summary>
    public static LayerDescription Find(string name)
    {
        var type = typeof(LayerCatalog).Assembly.GetType($"{typeof(LayerCatalog).Namespace}.{name}")
            ?? throw new ArgumentException($"There is no layer '{name}'.", nameof(name));
        return (LayerDescription)type.GetProperty("Description", BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)!.GetValue(null)!;
    }

    public static LayerDescription ReferenceOf(string name) => Find(name + "Double");

    /// <summary>The ways that a layer's scans may take: tiles are of states that are numbers.</summary>
    public static IEnumerable<ScanStrategy> StrategiesOf(string name) =>
        KernelsOf(name).Shape.HasVectorStates ? [ScanStrategy.Streaming, ScanStrategy.ThreePhase] : Enum.GetValues<ScanStrategy>();

    /// <summary>A layer's kernels, for whatever device.</summary>
    public static LayerKernels<float> KernelsOf(string name) => (LayerKernels<float>)Find(name).Device!;
}
