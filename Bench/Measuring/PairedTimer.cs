using System.Diagnostics;

namespace MinRnn.Bench.Measuring;

/// <summary>What pairs of calls took: seconds of each side, and of each pair the peer's time over ours.</summary>
internal sealed record PairedTimes(Spread Ours, Spread Peer, Spread Speedup, int Pairs)
{
    /// <summary>Our time over the peer's.</summary>
    public Spread Cost => new(1 / Speedup.Upper, 1 / Speedup.Median, 1 / Speedup.Lower);
}

/// <summary>
/// Times two calls in turn - ours, the peer, ours, the peer - so that whatever else the machine does falls on both alike.
/// </summary>
/// <param name="pairs">Pairs wanted of a comparison.</param>
/// <param name="total">What all comparisons together should take; late ones are cut to one pair.</param>
internal sealed class PairedTimer(int pairs, TimeSpan total)
{
    private const int FewPairs = 3;

    private readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <summary>Whether the time of all comparisons is over, so that slow peers are to be left out.</summary>
    public bool IsOver => _clock.Elapsed >= total;

    /// <summary>Compares after one warm-up call of each; a warm-up that outlasts the time is the measurement.</summary>
    /// <param name="ours">Our call.</param>
    /// <param name="peer">The peer's.</param>
    /// <param name="seconds">Time after which no further pair begins, once there are a few.</param>
    public PairedTimes Compare(Action ours, Action peer, double seconds)
    {
        List<double> oursTimes = [Seconds(ours)], peerTimes = [Seconds(peer)];
        var isLong = oursTimes[0] + peerTimes[0] >= 2 * seconds;
        if (!isLong)
        {
            oursTimes.Clear();
            peerTimes.Clear();
        }

        Collect();
        var started = Stopwatch.GetTimestamp();
        while (!isLong && WantsMore(oursTimes.Count, started, seconds))
        {
            oursTimes.Add(Seconds(ours));
            peerTimes.Add(Seconds(peer));
        }

        return new PairedTimes(
            Spread.Of(oursTimes),
            Spread.Of(peerTimes),
            Spread.Of(oursTimes.Zip(peerTimes, (a, b) => b / a)),
            oursTimes.Count);
    }

    /// <summary>Times one call by itself.</summary>
    public Spread Measure(Action call, double seconds)
    {
        call();
        Collect();
        var times = new List<double>(pairs);
        var started = Stopwatch.GetTimestamp();
        while (WantsMore(times.Count, started, seconds))
            times.Add(Seconds(call));
        return Spread.Of(times);
    }

    public static double Seconds(Action call)
    {
        var started = Stopwatch.GetTimestamp();
        call();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    // At least one; a few unless they take more than twice their time; and on while there is time.
    private bool WantsMore(int count, long started, double seconds)
    {
        if (count == 0)
            return true;
        var elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return count < pairs && !IsOver && elapsed < (count < FewPairs ? 2 * seconds : seconds);
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
