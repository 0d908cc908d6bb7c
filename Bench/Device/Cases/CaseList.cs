using MinRnn.Ilgpu.Scans;
using MinRnn.Kernels;

namespace MinRnn.Bench.Device;

/// <summary>The cases of a run.</summary>
internal static class CaseList
{
    private static readonly (long Batch, long Time)[] Shapes = [(2, 0), (1, 1), (3, 65), (2, 1000), (1, 4097)];
    private static readonly (long Batch, long Time)[] WideShapes = [(2, 0), (1, 1), (3, 65), (2, 400)];

    /// <summary>The cell whose states are vectors.</summary>
    private const string Vector = "SelectiveSsm";

    /// <summary>Channels of all rows below which scans of vectors that do not split time take longer than they tell.</summary>
    private const int FewestVectors = 8192;

    /// <summary>The sizes that are timed; the last has as many channels as four a thread take.</summary>
    public static IReadOnlyList<(long Batch, long Time, int Channels)> Sizes { get; } =
        [(64, 512, 1024), (8, 4096, 1024), (1, 65536, 1024), (1, 1048576, 64), (512, 128, 64), (512, 128, 1024)];

    /// <summary>Every layer, strategy and type of elements.</summary>
    /// <param name="isQuick">Whether the layers of 64 channels are enough.</param>
    public static IEnumerable<Case> Checks(bool isQuick) =>
        from width in LayerCatalog.Widths.Take(isQuick ? 1 : 2)
        from cell in LayerCatalog.Cells
        from element in Elements.All
        from strategy in LayerCatalog.StrategiesOf($"{cell}{width}")
        from shape in width > 64 ? WideShapes : Shapes
        select new Case(CaseKind.Check, $"{cell}{width}", element, strategy, shape.Batch, shape.Time);

    /// <summary>Every size: minGRU for each type of elements, three more cells in single precision.</summary>
    public static IEnumerable<Case> Times() =>
        from size in Sizes
        from timed in Timed
        from strategy in LayerCatalog.StrategiesOf($"{timed.Cell}{size.Channels}")
        where timed.Cell != Vector || strategy == ScanStrategy.ThreePhase || size.Batch * size.Channels >= FewestVectors
        select new Case(CaseKind.Time, $"{timed.Cell}{size.Channels}", timed.Element, strategy, size.Batch, size.Time);

    private static IEnumerable<(string Cell, ElementType Element)> Timed =>
        [.. Elements.All.Select(element => ("MinGru", element)), ("LogMinGru", ElementType.Single), ("MinLstm", ElementType.Single), (Vector, ElementType.Single)];
}
