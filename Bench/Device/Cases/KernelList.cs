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
    /// <summary>The kernels of a layer for one type of elements, for aligned memory and for other.</summary>
    public static IEnumerable<KernelEntry> Of(LayerKernels<float> layer, ElementType element) => element switch
    {
        ElementType.Half => Of<Half>(layer),
        ElementType.BFloat16 => Of<BFloat16>(layer),
        _ => Of<float>(layer),
    };

    private static IEnumerable<KernelEntry> Of<T>(LayerKernels<float> layer)
        where T : unmanaged
    {
        foreach (var isAligned in layer.Lanes == 1 ? [true] : new[] { true, false })
        {
            var suffix = isAligned ? "" : "Unaligned";
            var table = layer.TableOf<T, BatchRows>(isAligned);
            yield return Threads("Forward", table.Forward);
            yield return Threads("Backward", table.Backward);

            // Those with one channel a thread are the same for all memory.
            if (!isAligned || table.TimeParallel is not { } split)
                continue;
            yield return Threads("SummarizeForward", split.SummarizeForward);
            yield return Threads("SummarizeBackward", split.SummarizeBackward);
            yield return Tile("CarryForward", split.CarryForward);
            yield return Tile("CarryBackward", split.CarryBackward);
            yield return Tile("ForwardTiled", split.ForwardTiled);
            yield return Tile("BackwardTiled", split.BackwardTiled);
            yield return Tile("ForwardChained", split.ForwardChained);
            yield return Tile("BackwardChained", split.BackwardChained);

            KernelEntry Threads(string name, Delegate kernel) => new(name + suffix, kernel.Method, ScanQueue<RawView>.SmallGroup);

            KernelEntry Tile(string name, Delegate kernel) => new(name + suffix, kernel.Method, Tiles.GroupSize);
        }

        var (spans, last) = layer.SumsOf<T>();
        yield return new("SumSpans", spans.Method, ScanQueue<RawView>.SmallGroup);
        yield return new("Sum", last.Method, ScanQueue<RawView>.SmallGroup);
    }
}
