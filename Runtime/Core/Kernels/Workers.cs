namespace MinRnn.Kernels;

/// <summary>
/// Runs the independent pieces of a kernel on the machine's cores. Which thread takes which piece never shows in a result.
/// </summary>
public static class Workers
{
    /// <summary>The most threads that a kernel uses; the number of processors unless set.</summary>
    public static int MaxThreads { get; set; } = Environment.ProcessorCount;

    /// <summary>Threads of another library to run on; null for .NET's own thread pool.</summary>
    public static WorkerTeam? Team { get; set; }

    /// <summary>Runs <paramref name="work"/> for 0 up to <paramref name="pieces"/>.</summary>
    /// <param name="pieces">How many.</param>
    /// <param name="isLarge">Whether the work repays the cost of waking other threads.</param>
    /// <param name="work">Must not throw.</param>
    public static void Run(long pieces, bool isLarge, Action<long> work)
    {
        var team = Team;
        var threads = (int)long.Min(pieces, int.Min(MaxThreads, team?.Threads ?? int.MaxValue));
        if (threads <= 1 || !isLarge)
        {
            for (long piece = 0; piece < pieces; piece++)
                work(piece);
            return;
        }

        if (team is null)
        {
            Parallel.For(0, pieces, new ParallelOptions { MaxDegreeOfParallelism = threads }, work);
            return;
        }

        long taken = 0;
        team.Run(threads, () =>
        {
            for (var piece = Interlocked.Increment(ref taken); piece <= pieces; piece = Interlocked.Increment(ref taken))
                work(piece - 1);
        });
    }
}

/// <summary>Threads that belong to another library.</summary>
public abstract class WorkerTeam
{
    /// <summary>How many there are, the calling one included.</summary>
    public abstract int Threads { get; }

    /// <summary>Calls <paramref name="work"/> once on each of at most <paramref name="threads"/> threads, and waits for all.</summary>
    /// <param name="threads">At least 1.</param>
    /// <param name="work">Must not throw.</param>
    public abstract void Run(int threads, Action work);
}
