using MinRnn.Bench.Measuring;
using MinRnn.Kernels;

namespace MinRnn.Bench.Report;

/// <summary>One long sequence of few channels, which only time cut into chunks spreads over the cores.</summary>
internal static class LongSequenceSection
{
    private const int Time = 1_000_000;

    public static ReportTable Measure(ReportContext context)
    {
        var table = new ReportTable($"One long sequence, B 1, T {Time:#,0}, H {MinGru8.Description.HiddenSize}", ReportTable.ComparisonColumns);
        table.Note(
            "Time is cut into chunks that run at once. The peers walk it from end to end on one core, and do the work of the chunks on one core.");
        foreach (var (name, layer) in new[] { ("MinGru", MinGru8.Description), ("SelectiveSsm", SelectiveSsm8.Description) })
        {
            using var chunked = new ScanBuffers(layer, 1, Time);
            using var whole = new ScanBuffers(layer with { Kernels = Whole(layer.Kernels) }, 1, Time);
            Rows(context, table, $"{name} forward", chunked.Forward, whole.Forward);
            Rows(context, table, $"{name} forward + backward", chunked.Both, whole.Both);
        }

        return table;
    }

    private static void Rows(ReportContext context, ReportTable table, string name, Action chunked, Action whole)
    {
        context.Progress("Long sequence, " + name);
        table.Add(name, "the same, time not cut", context.Timer.Compare(chunked, whole, context.Short));
        table.Add(name, "the same chunks, one thread", context.Timer.Compare(chunked, OnOneThread(chunked), context.Short));
    }

    /// <summary>The same kernels without chunks of time.</summary>
    private static ScanKernels Whole(ScanKernels kernels) => (ScanKernels)Activator.CreateInstance(
        (kernels.Shape.HasVectorStates ? typeof(VectorStateScanKernels<,>) : typeof(CpuScanKernels<,>)).MakeGenericType(kernels.GetType().GetGenericArguments()))!;

    private static Action OnOneThread(Action run) => () =>
    {
        var threads = Workers.MaxThreads;
        Workers.MaxThreads = 1;
        run();
        Workers.MaxThreads = threads;
    };
}
