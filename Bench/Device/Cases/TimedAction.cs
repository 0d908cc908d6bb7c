using System.Diagnostics;

namespace MinRnn.Bench.Device;

/// <summary>How long to measure.</summary>
/// <param name="Rounds">Rounds of every action, in turn.</param>
/// <param name="BatchSeconds">How long the launches of a round take together, at least.</param>
/// <param name="Uncached">Bytes that the sets of buffers have together, at least, to keep the device's cache from helping.</param>
internal sealed record TimeSettings(int Rounds, double BatchSeconds, long Uncached)
{
    /// <summary>What figures are made with.</summary>
    public static TimeSettings Full { get; } = new(5, 0.02, 256L << 20);
}

/// <summary>What is timed, by the host's clock around batches of launches that end in a synchronisation, and its times.</summary>
/// <param name="settings">How long to measure.</param>
/// <param name="launch">Enqueues it once.</param>
/// <param name="wait">Waits until the device has done it.</param>
internal sealed class TimedAction(TimeSettings settings, Action launch, Action wait)
{
    private const int MostRepetitions = 5000;

    /// <summary>A launch beyond this is timed in fewer rounds.</summary>
    private const double LongLaunch = 0.25;

    private const int LongRounds = 2;

    private readonly List<double> seconds = [];
    private int repetitions = 1;
    private double single;

    /// <summary>The median of the rounds, of one launch.</summary>
    public double Seconds => seconds.Order().ElementAt(seconds.Count / 2);

    /// <summary>The slowest round over the fastest.</summary>
    public double Spread => seconds.Max() / seconds.Min();

    /// <summary>Times actions in rounds that take turns.</summary>
    public static void InTurn(int rounds, params ReadOnlySpan<TimedAction> actions)
    {
        foreach (var action in actions)
            action.Prepare();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var action in actions)
                action.Round(round);
        }
    }

    /// <summary>Warms up and finds how many launches fill a batch.</summary>
    private void Prepare()
    {
        Batch();
        single = Batch();
        for (; single * repetitions < settings.BatchSeconds && repetitions < MostRepetitions; single = Batch())
            repetitions = (int)Math.Clamp(Math.Ceiling(settings.BatchSeconds / single), repetitions * 2, MostRepetitions);
    }

    private void Round(int round)
    {
        if (round < LongRounds || single < LongLaunch)
            seconds.Add(Batch());
    }

    // Seconds of one launch.
    private double Batch()
    {
        wait();
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < repetitions; i++)
            launch();
        wait();
        return Stopwatch.GetElapsedTime(start).TotalSeconds / repetitions;
    }
}
