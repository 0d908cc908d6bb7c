namespace MinRnn.Kernels;

/// <summary>
/// Independent pieces of work that threads of .NET's pool help with, or those of another library: an object that is made once and run
/// many times, so that running it allocates nothing. Which thread takes which piece never shows in a result.
/// </summary>
internal abstract class PieceWork : IThreadPoolWorkItem
{
    // The number of the run in the upper half, and of the next piece in the lower: whoever takes a piece knows that it is of this run.
    private const long Closed = int.MaxValue;

    private readonly Action take;
    private long ticket = Closed;
    private int pieces;
    private int unfinished;

    protected PieceWork() => take = Take;

    /// <summary>Runs pieces from 0 and waits for all. Not to be called again before it returns.</summary>
    /// <param name="count">How many.</param>
    /// <param name="isLarge">Whether the work repays the cost of waking other threads.</param>
    public void Run(int count, bool isLarge)
    {
        var team = Workers.Team;
        var threads = int.Min(count, int.Min(Workers.MaxThreads, team?.Threads ?? int.MaxValue));
        if (threads <= 1 || !isLarge)
        {
            for (var piece = 0; piece < count; piece++)
                Run(piece);
            return;
        }

        pieces = count;
        Volatile.Write(ref unfinished, count);
        var run = (Volatile.Read(ref ticket) >> 32) + 1;
        Interlocked.Exchange(ref ticket, run << 32);
        if (team is not null)
        {
            team.Run(threads, take);
        }
        else
        {
            for (var helper = 1; helper < threads; helper++)
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            Take();
        }

        var wait = default(SpinWait);
        while (Volatile.Read(ref unfinished) > 0)
            wait.SpinOnce(sleep1Threshold: -1);

        // A helper that comes late finds nothing, in this run or while the next one is prepared.
        Interlocked.Exchange(ref ticket, (run << 32) | Closed);
    }

    void IThreadPoolWorkItem.Execute() => Take();

    /// <summary>Works on one piece. Must not throw.</summary>
    protected abstract void Run(int piece);

    private void Take()
    {
        while (true)
        {
            var taken = Volatile.Read(ref ticket);
            var piece = (int)(taken & Closed);
            if (piece >= pieces)
                return;
            if (Interlocked.CompareExchange(ref ticket, taken + 1, taken) != taken)
                continue;
            Run(piece);
            Interlocked.Decrement(ref unfinished);
        }
    }
}
