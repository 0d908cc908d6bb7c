using MinRnn.Bench.Measuring;
using MinRnn.Kernels;

namespace MinRnn.Bench.Report;

/// <summary>One long sequence of few channels, which only time cut into chunks spreads over the cores.</summary>
internal static class LongSequenceSection
{
    private const int Time = 1_000_000;

    public static ReportTable Measure(ReportContext context)
    {
        var layer = MinGru8.Description;
        var table = new ReportTable($"One long sequence, B 1, T {Time:#,0}, H {layer.HiddenSize}", ReportTable.ComparisonColumns);
        table.Note(
            "Time is cut into chunks that run at once. The peers walk it from end to end on one core, and do the work of the chunks on one core.");
        using var chunked = new ScanBuffers(layer, 1, Time);
        using var whole = new ScanBuffers(layer with { Kernels = Whole(layer.Kernels) }, 1, Time);
        Row("forward", buffers => buffers.Forward);
        Row("forward + backward", buffers => buffers.Both);
        return table;

        void Row(string direction, Func<ScanBuffers, Action> run)
        {
            context.Progress($"Long sequence {direction}");
            table.Add($"MinGru {direction}", "the same, time not cut", context.Timer.Compare(run(chunked), run(whole), context.Short));
            table.Add($"MinGru {direction}", "the same chunks, one thread", context.Timer.Compare(run(chunked), OnOneThread(run(chunked)), context.Short));
        }
    }

    /// <summary>The same kernels without chunks of time.</summary>
    private static ScanKernels Whole(ScanKernels kernels) =>
        (ScanKernels)Activator.CreateInstance(typeof(CpuScanKernels<,>).MakeGenericType(kernels.GetType().GetGenericArguments()))!;

    private static Action OnOneThread(Action run) => () =>
    {
        var threads = Workers.MaxThreads;
        Workers.MaxThreads = 1;
        run();
        Workers.MaxThreads = threads;
    };
}
