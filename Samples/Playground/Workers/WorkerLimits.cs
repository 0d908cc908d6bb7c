namespace MinRnn.Samples.Playground.Workers;

/// <summary>What compiling may take.</summary>
/// <param name="Time">For one answer.</param>
/// <param name="StartTime">For a process to start.</param>
/// <param name="HeapBytes">Of a worker's managed heap.</param>
/// <param name="Workers">Processes.</param>
/// <param name="Waiting">Questions that may wait for one.</param>
/// <param name="QuestionsPerWorker">After which a process is replaced.</param>
internal sealed record WorkerLimits(
    TimeSpan Time, TimeSpan StartTime, long HeapBytes, int Workers = 2, int Waiting = 8, int QuestionsPerWorker = 500)
{
    public static WorkerLimits Default { get; } = new(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(60), 512L << 20);
}
