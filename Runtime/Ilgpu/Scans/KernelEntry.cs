using System.Reflection;
using MinRnn.Ilgpu.Devices;
using MinRnn.Ilgpu.Kernels;

namespace MinRnn.Ilgpu.Scans;

/// <summary>A kernel, and the groups that it is launched in.</summary>
/// <param name="Name">What it is, beside its layer.</param>
/// <param name="Method">Its method.</param>
/// <param name="GroupSize">Threads of a group.</param>
internal sealed record KernelEntry(string Name, MethodInfo Method, int GroupSize)
{
    /// <summary>Every kernel of a table.</summary>
    public static IEnumerable<KernelEntry> Of<TForward, TBackward>(KernelTable<TForward, TBackward> table)
        where TForward : struct
        where TBackward : struct
    {
        yield return Stream(nameof(table.Forward), table.Forward);
        yield return Stream(nameof(table.Backward), table.Backward);
        if (table.Wide is { } wide)
        {
            yield return Threads(nameof(wide.ForwardWide), wide.ForwardWide);
            yield return Threads(nameof(wide.BackwardWide), wide.BackwardWide);
        }

        if (table.TimeParallel is not { } split)
            yield break;
        yield return Stream(nameof(split.SummarizeForward), split.SummarizeForward);
        yield return Tile(nameof(split.CarryForward), split.CarryForward);
        yield return Stream(nameof(split.SummarizeBackward), split.SummarizeBackward);
        yield return Tile(nameof(split.CarryBackward), split.CarryBackward);
        if (split.Tiled is not { } tiled)
            yield break;
        yield return Tile(nameof(tiled.ForwardTiled), tiled.ForwardTiled);
        yield return Tile(nameof(tiled.BackwardTiled), tiled.BackwardTiled);
        if (tiled is not { ForwardChained: { } forward, BackwardChained: { } backward })
            yield break;
        yield return Tile(nameof(tiled.ForwardChained), forward);
        yield return Tile(nameof(tiled.BackwardChained), backward);

        // Threads that share a channel's vector states stand in groups of a strip.
        KernelEntry Stream(string name, Delegate kernel) =>
            table.Slices > 0 ? new(name, kernel.Method, Tiles.Lanes * table.Slices) : Threads(name, kernel);
    }

    /// <summary>Every kernel of sums.</summary>
    public static IEnumerable<KernelEntry> Of(SumKernels sums) =>
    [
        Tile("SumSpans", sums.Spans), Tile("Sum", sums.Last),
        Threads("SumSpansOfThreads", sums.SpansOfThreads), Threads("SumOfThreads", sums.LastOfThreads),
    ];

    private static KernelEntry Threads(string name, Delegate kernel) => new(name, kernel.Method, ScanQueue<RawView>.SmallGroup);

    private static KernelEntry Tile(string name, Delegate kernel) => new(name, kernel.Method, Tiles.GroupSize);
}
