namespace MinRnn.Kernels;

/// <summary>Runs the independent pieces of a kernel on the machine's cores. Which thread takes which piece never shows in a result.</summary>
public static class Workers
{
    /// <summary>Threads that a kernel may use; the number of processors unless set.</summary>
    public static int MaxThreads { get; set; } = Environment.ProcessorCount;

    /// <summary>Runs <paramref name="work"/> for 0 up to <paramref name="pieces"/>.</summary>
    /// <param name="pieces">How many.</param>
    /// <param name="isLarge">Whether the work repays the cost of waking other threads.</param>
    /// <param name="work">Must not throw.</param>
    internal static void Run(long pieces, bool isLarge, Action<long> work)
    {
        var threads = (int)long.Min(pieces, MaxThreads);
        if (threads <= 1 || !isLarge)
        {
            for (long piece = 0; piece < pieces; piece++)
                work(piece);
            return;
        }

        Parallel.For(0, pieces, new ParallelOptions { MaxDegreeOfParallelism = threads }, work);
    }
}
