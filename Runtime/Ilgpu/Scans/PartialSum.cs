using ILGPU;
using MinRnn.Ilgpu.Devices;
using MinRnn.Ilgpu.Kernels;

namespace MinRnn.Ilgpu.Scans;

/// <summary>What the kernels that sum partial sums work on.</summary>
/// <typeparam name="TView">A view of the sums.</typeparam>
/// <typeparam name="TWork">A view of the partial sums.</typeparam>
internal struct SumArguments<TView, TWork>
    where TView : struct
    where TWork : struct
{
    /// <summary>[rows, width].</summary>
    public TWork Partials;

    /// <summary>[groups of rows, width], written.</summary>
    public TView Sums;

    public long Rows, Width;
}

/// <summary>
/// Sums the rows of a matrix, always in the same order: spans of rows first, then the spans' sums, until one row is left.
/// </summary>
/// <typeparam name="TView">A view of the elements of the result.</typeparam>
/// <typeparam name="TWork">A view of the partial sums.</typeparam>
/// <param name="spans">The kernel that sums spans into a workspace.</param>
/// <param name="last">The kernel that sums the last rows into the result.</param>
internal sealed class PartialSum<TView, TWork>(System.Reflection.MethodInfo spans, System.Reflection.MethodInfo last)
    where TView : struct
    where TWork : struct
{
    public void Enqueue(ScanQueue<TWork> queue, TWork partials, long rows, long width, TView result)
    {
        if (width == 0)
            return;
        var (from, to) = (WorkspaceUse.Partials, WorkspaceUse.PartialSums);
        while (rows > PartialSums.Span)
        {
            var groups = PartialSums.Spans(rows);
            var sums = queue.Workspace(to, groups * width);
            queue.Launch(spans, PartialSums.Groups(rows, width), Tiles.GroupSize, new SumArguments<TWork, TWork> { Partials = partials, Sums = sums, Rows = rows, Width = width });
            (partials, rows) = (sums, groups);
            (from, to) = (to, from);
        }

        queue.Launch(last, PartialSums.Groups(rows, width), Tiles.GroupSize, new SumArguments<TView, TWork> { Partials = partials, Sums = result, Rows = rows, Width = width });
    }
}

/// <summary>The kernels: a group sums a span of rows of neighbouring columns, its warps share the rows.</summary>
internal static class PartialSums
{
    /// <summary>Rows of a span.</summary>
    public const int Span = 512;

    /// <summary>Spans of rows; one of none where there are no rows, whose sum is 0.</summary>
    public static long Spans(long rows) => IntrinsicMath.Max(1, (rows + Span - 1) / Span);

    /// <summary>Groups of <see cref="Tiles.GroupSize"/> threads.</summary>
    public static long Groups(long rows, long width) => Spans(rows) * Strips(width);

    public static void Single<T, TStorage>(SumArguments<ArrayView<T>, ArrayView<float>> scan)
        where T : unmanaged
        where TStorage : struct, IStorage<T, float>
    {
        var place = new SumPlace(scan.Rows, scan.Width);
        float sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
        var (at, row) = (place.At, place.First);

        // Four sums, so that four loads are under way at once.
        for (; row <= place.End - 4; row += 4, at += 4 * scan.Width)
        {
            sum0 += scan.Partials[at];
            sum1 += scan.Partials[at + scan.Width];
            sum2 += scan.Partials[at + (2 * scan.Width)];
            sum3 += scan.Partials[at + (3 * scan.Width)];
        }

        for (; row < place.End; row++, at += scan.Width)
            sum0 += scan.Partials[at];
        var sum = Tiles.Sum((sum0 + sum1) + (sum2 + sum3));
        if (place.Writes)
            TStorage.Store(scan.Sums, place.Target, sum);
    }

    public static void Double(SumArguments<ArrayView<double>, ArrayView<double>> scan)
    {
        var place = new SumPlace(scan.Rows, scan.Width);
        double own = 0;
        var at = place.At;
        for (var row = place.First; row < place.End; row++, at += scan.Width)
            own += scan.Partials[at];
        var sum = Tiles.Sum(own);
        if (place.Writes)
            scan.Sums[place.Target] = sum;
    }

    private static long Strips(long width) => (width + Tiles.Lanes - 1) / Tiles.Lanes;

    /// <summary>Where a thread stands: a column of some rows.</summary>
    private readonly struct SumPlace
    {
        /// <summary>The thread's rows, the element of the first, and that of the sums.</summary>
        public readonly long First, End, At, Target;

        /// <summary>Whether the thread writes its column's sum.</summary>
        public readonly bool Writes;

        public SumPlace(long rows, long width)
        {
            int strips = (int)Strips(width), span = Grid.IdxX / strips;
            var column = ((Grid.IdxX - (span * strips)) * (long)Tiles.Lanes) + Tiles.Lane;
            var ofSpan = IntrinsicMath.Min(Span, rows - ((long)span * Span));
            var share = (ofSpan + Tiles.Warps - 1) / Tiles.Warps;
            var first = IntrinsicMath.Min(Tiles.WarpIndex * share, ofSpan);
            First = ((long)span * Span) + first;
            End = First + IntrinsicMath.Min(share, ofSpan - first);
            At = (First * width) + IntrinsicMath.Min(column, width - 1);
            Target = (span * width) + column;
            Writes = Tiles.WarpIndex == 0 && column < width;
        }
    }
}
