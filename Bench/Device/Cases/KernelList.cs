using System.Reflection;
using ILGPU;
using MinRnn.Ilgpu;
using MinRnn.Ilgpu.Devices;
using MinRnn.Ilgpu.Kernels;
using MinRnn.Ilgpu.Scans;
using MinRnn.Kernels;
using Half = ILGPU.Half;

namespace MinRnn.Bench.Device;

/// <summary>A kernel, and the groups that it is launched in.</summary>
/// <param name="Name">What it is, beside its layer.</param>
/// <param name="Method">Its method.</param>
/// <param name="GroupSize">Threads of a group.</param>
internal sealed record KernelEntry(string Name, MethodInfo Method, int GroupSize);

/// <summary>Every kernel that a layer may launch.</summary>
internal static class KernelList
{
    /// <summary>The kernels of a layer for one type of elements.</summary>
    public static IEnumerable<KernelEntry> Of(LayerKernels<float> layer, ElementType element) => element switch
    {
        ElementType.Half => Of<Half>(layer),
        ElementType.BFloat16 => Of<BFloat16>(layer),
        _ => Of<float>(layer),
    };

    private static KernelEntry Threads(string name, Delegate kernel) => new(name, kernel.Method, ScanQueue<RawView>.SmallGroup);

    private static KernelEntry Stream(string name, Delegate kernel, int slices) =>
        slices > 0 ? new(name, kernel.Method, Tiles.Lanes * slices) : Threads(name, kernel);

    private static KernelEntry Tile(string name, Delegate kernel) => new(name, kernel.Method, Tiles.GroupSize);

    private static IEnumerable<KernelEntry> Of<T>(LayerKernels<float> layer)
        where T : unmanaged
    {
        var table = layer.TableOf<T, BatchRows>();
        yield return Stream("Forward", table.Forward, table.Slices);
        yield return Stream("Backward", table.Backward, table.Slices);
        if (table.Wide is { } wide)
        {
            yield return Threads("ForwardWide", wide.ForwardWide);
            yield return Threads("BackwardWide", wide.BackwardWide);
        }

        if (table.TimeParallel is { } split)
        {
            yield return Stream("SummarizeForward", split.SummarizeForward, table.Slices);
            yield return Stream("SummarizeBackward", split.SummarizeBackward, table.Slices);
            yield return Tile("CarryForward", split.CarryForward);
            yield return Tile("CarryBackward", split.CarryBackward);
        }

        if (table.TimeParallel?.Tiled is { } tiled)
        {
            yield return Tile("ForwardTiled", tiled.ForwardTiled);
            yield return Tile("BackwardTiled", tiled.BackwardTiled);
            if (tiled is { ForwardChained: { } forward, BackwardChained: { } backward })
            {
                yield return Tile("ForwardChained", forward);
                yield return Tile("BackwardChained", backward);
            }
        }

        var sums = layer.SumsOf<T>();
        yield return Tile("SumSpans", sums.Spans);
        yield return Tile("Sum", sums.Last);
        yield return Threads("SumSpansOfThreads", sums.SpansOfThreads);
        yield return Threads("SumOfThreads", sums.LastOfThreads);
    }
}
