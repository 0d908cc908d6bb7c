using System.Numerics;
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

    /// <summary>Columns of a group, whose other threads share their rows.</summary>
    public long Columns;

    /// <summary>Where the sums go.</summary>
    public SumTarget Target;
}

/// <summary>Where sums go in a view: runs of them, some distance apart.</summary>
/// <param name="at">The first sum's element.</param>
/// <param name="run">Sums of a run.</param>
/// <param name="pitch">Elements from a run to the next.</param>
internal struct SumTarget(long at, long run, long pitch)
{
    private long at = at, run = run, pitch = pitch;

    /// <summary>One after the other.</summary>
    public static SumTarget From(long at) => new(at, 1, 1);

    /// <summary>The element of a sum.</summary>
    public readonly long Of(long sum) => at + (run == pitch ? sum : (sum / run * pitch) + (sum % run));
}

/// <summary>
/// Sums the rows of a matrix, always in the same order: spans of rows first, then the spans' sums, until one row is left.
/// </summary>
/// <typeparam name="TView">A view of the elements of the result.</typeparam>
/// <typeparam name="TWork">A view of the partial sums.</typeparam>
/// <param name="kernels">The kernels.</param>
internal sealed class PartialSum<TView, TWork>(SumKernels kernels)
    where TView : struct
    where TWork : struct
{
    /// <param name="queue">The queue.</param>
    /// <param name="partials">[rows, width], in the workspace of <paramref name="use"/>.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="width">Their elements.</param>
    /// <param name="result">Where the sums are written.</param>
    /// <param name="target">Where in it.</param>
    /// <param name="use">What the partial sums' workspace is for; it may be overwritten.</param>
    public void Enqueue(
        ScanQueue<TWork> queue, TWork partials, long rows, long width, TView result, SumTarget target, WorkspaceUse use = WorkspaceUse.Partials)
    {
        if (width == 0)
            return;
        var (from, to) = (use, WorkspaceUse.PartialSums);
        while (rows > PartialSums.Span)
        {
            var sums = queue.Workspace(to, PartialSums.Spans(rows) * width);
            Launch(queue, kernels.Spans, kernels.SpansOfThreads, new SumArguments<TWork, TWork>
            {
                Partials = partials,
                Sums = sums,
                Rows = rows,
                Width = width,
                Target = SumTarget.From(0),
            });
            (partials, rows) = (sums, PartialSums.Spans(rows));
            (from, to) = (to, from);
        }

        Launch(queue, kernels.Last, kernels.LastOfThreads, new SumArguments<TView, TWork>
        {
            Partials = partials,
            Sums = result,
            Rows = rows,
            Width = width,
            Target = target,
        });
    }

    private static void Launch<TSums>(ScanQueue<TWork> queue, Delegate groups, Delegate threads, SumArguments<TSums, TWork> sum)
        where TSums : struct
    {
        // Where columns alone fill the device, nobody need share one.
        var spans = PartialSums.Spans(sum.Rows);
        if (queue.Traits.MaxGroupSize < Tiles.GroupSize || Strategy.Fills(queue.Traits, spans * sum.Width))
        {
            queue.LaunchThreads(threads.Method, spans * sum.Width, sum);
            return;
        }

        var isNarrow = 2 * spans * PartialSums.Strips(sum.Width, Tiles.Lanes) <= queue.Traits.Processors;
        sum.Columns = isNarrow ? PartialSums.Narrow : Tiles.Lanes;
        queue.Launch(groups.Method, spans * PartialSums.Strips(sum.Width, sum.Columns), Tiles.GroupSize, sum);
    }
}

/// <summary>The kernels of a sum: of spans into a workspace, and of the last rows into the result; each by groups, and by threads where a sum has enough columns, or the device no large groups.</summary>
internal sealed record SumKernels(Delegate Spans, Delegate Last, Delegate SpansOfThreads, Delegate LastOfThreads);

/// <summary>The kernels: a group sums a span of rows of neighbouring columns and shares the rows, or a thread sums a span of a column.</summary>
internal static class PartialSums
{
    /// <summary>Rows of a span.</summary>
    public const int Span = 512;

    /// <summary>Columns of a group where there are few of them: what one access of memory brings at least.</summary>
    public const int Narrow = 8;

    /// <summary>Spans of rows; one of none where there are no rows, whose sum is 0.</summary>
    public static long Spans(long rows) => IntrinsicMath.Max(1, (rows + Span - 1) / Span);

    /// <summary>Groups that stand side by side.</summary>
    public static long Strips(long width, long columns) => (width + columns - 1) / columns;

    public static void Single<T, TStorage>(SumArguments<ArrayView<T>, ArrayView<float>> scan)
        where T : unmanaged
        where TStorage : struct, IStorage<T, float>
    {
        var place = SumPlace.OfGroup(scan.Rows, scan.Width, (int)scan.Columns);
        var sum = OfGroup(Rows(scan.Partials, scan.Width, place), (int)scan.Columns);
        if (place.Writes)
            TStorage.Store(scan.Sums, scan.Target.Of(place.Target), sum);
    }

    public static void SingleOfThreads<T, TStorage>(SumArguments<ArrayView<T>, ArrayView<float>> scan)
        where T : unmanaged
        where TStorage : struct, IStorage<T, float>
    {
        var place = SumPlace.OfThread(scan.Rows, scan.Width);
        if (place.Writes)
            TStorage.Store(scan.Sums, scan.Target.Of(place.Target), Rows(scan.Partials, scan.Width, place));
    }

    public static void Double(SumArguments<ArrayView<double>, ArrayView<double>> scan)
    {
        var place = SumPlace.OfGroup(scan.Rows, scan.Width, (int)scan.Columns);
        var sum = OfGroup(Rows(scan.Partials, scan.Width, place), (int)scan.Columns);
        if (place.Writes)
            scan.Sums[scan.Target.Of(place.Target)] = sum;
    }

    public static void DoubleOfThreads(SumArguments<ArrayView<double>, ArrayView<double>> scan)
    {
        var place = SumPlace.OfThread(scan.Rows, scan.Width);
        if (place.Writes)
            scan.Sums[scan.Target.Of(place.Target)] = Rows(scan.Partials, scan.Width, place);
    }

    // The sums of a column's threads, in their order, in the first ones; 0 in others.
    private static T OfGroup<T>(T value, int columns)
        where T : unmanaged, INumber<T>
    {
        var values = SharedMemory.Allocate<T>(Tiles.GroupSize);
        values[Group.IdxX] = value;
        Group.Barrier();
        var sum = T.Zero;
        if (Group.IdxX < columns)
        {
            for (var thread = Group.IdxX; thread < Tiles.GroupSize; thread += columns)
                sum += values[thread];
        }

        return sum;
    }

    // Sums wait for memory: sixteen loads are under way at once.
    private static float Rows(ArrayView<float> partials, long width, SumPlace place)
    {
        float sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
        var (at, row) = (place.At, place.First);
        for (; row <= place.End - 16; row += 16, at += 16 * width)
        {
            sum0 += Four(partials, at, width);
            sum1 += Four(partials, at + (4 * width), width);
            sum2 += Four(partials, at + (8 * width), width);
            sum3 += Four(partials, at + (12 * width), width);
        }

        for (; row <= place.End - 4; row += 4, at += 4 * width)
            sum0 += Four(partials, at, width);
        for (; row < place.End; row++, at += width)
            sum1 += partials[at];
        return (sum0 + sum1) + (sum2 + sum3);
    }

    private static float Four(ArrayView<float> partials, long at, long width) =>
        (partials[at] + partials[at + width]) + (partials[at + (2 * width)] + partials[at + (3 * width)]);

    private static double Rows(ArrayView<double> partials, long width, SumPlace place)
    {
        double sum = 0;
        var at = place.At;
        for (var row = place.First; row < place.End; row++, at += width)
            sum += partials[at];
        return sum;
    }

    /// <summary>Where a thread stands: a column of some rows.</summary>
    private struct SumPlace
    {
        /// <summary>The thread's rows, the element of the first, and that of the sums.</summary>
        public long First, End, At, Target;

        /// <summary>Whether the thread writes its column's sum.</summary>
        public bool Writes;

        public static SumPlace OfGroup(long rows, long width, int columns)
        {
            int strips = (int)Strips(width, columns), span = Grid.IdxX / strips;
            int thread = Group.IdxX / columns, threads = Tiles.GroupSize / columns;
            var column = ((Grid.IdxX - (span * strips)) * (long)columns) + (Group.IdxX - (thread * columns));
            var ofSpan = IntrinsicMath.Min(Span, rows - ((long)span * Span));
            var share = (ofSpan + threads - 1) / threads;
            var from = IntrinsicMath.Min(thread * share, ofSpan);
            var place = new SumPlace
            {
                First = ((long)span * Span) + from,
                Target = (span * width) + column,
                Writes = thread == 0 && column < width,
            };
            place.End = place.First + IntrinsicMath.Min(share, ofSpan - from);
            place.At = (place.First * width) + IntrinsicMath.Min(column, width - 1);
            return place;
        }

        public static SumPlace OfThread(long rows, long width)
        {
            var thread = Grid.LongGlobalIndex.X;
            var span = thread / width;
            var first = span * Span;
            return new SumPlace
            {
                First = first,
                End = IntrinsicMath.Min(first + Span, rows),
                At = (first * width) + (thread - (span * width)),
                Target = thread,
                Writes = thread < width * Spans(rows),
            };
        }
    }
}
