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
            queue.LaunchThreads(spans, groups * width, new SumArguments<TWork, TWork> { Partials = partials, Sums = sums, Rows = rows, Width = width });
            (partials, rows) = (sums, groups);
            (from, to) = (to, from);
        }

        queue.LaunchThreads(last, width, new SumArguments<TView, TWork> { Partials = partials, Sums = result, Rows = rows, Width = width });
    }
}

/// <summary>The kernels: a thread sums one column of one span of rows.</summary>
internal static class PartialSums
{
    /// <summary>Rows of a span.</summary>
    public const int Span = 64;

    /// <summary>Spans of rows; one of none where there are no rows, whose sum is 0.</summary>
    public static long Spans(long rows) => IntrinsicMath.Max(1, (rows + Span - 1) / Span);

    public static void Single<T, TStorage>(SumArguments<ArrayView<T>, ArrayView<float>> scan)
        where T : unmanaged
        where TStorage : struct, IStorage<T, float>
    {
        var thread = Grid.LongGlobalIndex.X;
        if (thread >= scan.Width * Spans(scan.Rows))
            return;
        var (at, rows) = Place(thread, scan.Rows, scan.Width);
        float sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
        long row = 0;

        // Four sums, so that four loads are under way at once.
        for (; row <= rows - 4; row += 4, at += 4 * scan.Width)
        {
            sum0 += scan.Partials[at];
            sum1 += scan.Partials[at + scan.Width];
            sum2 += scan.Partials[at + (2 * scan.Width)];
            sum3 += scan.Partials[at + (3 * scan.Width)];
        }

        for (; row < rows; row++, at += scan.Width)
            sum0 += scan.Partials[at];
        TStorage.Store(scan.Sums, thread, (sum0 + sum1) + (sum2 + sum3));
    }

    public static void Double(SumArguments<ArrayView<double>, ArrayView<double>> scan)
    {
        var thread = Grid.LongGlobalIndex.X;
        if (thread >= scan.Width * Spans(scan.Rows))
            return;
        var (at, rows) = Place(thread, scan.Rows, scan.Width);
        double sum = 0;
        for (long row = 0; row < rows; row++, at += scan.Width)
            sum += scan.Partials[at];
        scan.Sums[thread] = sum;
    }

    /// <summary>Where a thread's rows begin, and how many there are.</summary>
    private static (long At, long Rows) Place(long thread, long rows, long width)
    {
        var span = thread / width;
        var first = span * Span;
        return ((first * width) + (thread - (span * width)), IntrinsicMath.Min(Span, rows - first));
    }
}
