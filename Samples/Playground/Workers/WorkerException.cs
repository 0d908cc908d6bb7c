namespace MinRnn.Samples.Playground.Workers;

/// <summary>Why a question has no answer.</summary>
internal enum WorkerFailure
{
    /// <summary>Too many wait already.</summary>
    Busy,

    /// <summary>The worker took too long and was ended.</summary>
    Time,

    /// <summary>The worker's heap was full.</summary>
    Memory,

    /// <summary>The worker ended of itself.</summary>
    Ended,

    /// <summary>The worker says why.</summary>
    Refused,
}

/// <summary>A question has no answer; the message is one sentence for the user.</summary>
internal sealed class WorkerException(WorkerFailure failure, string message) : Exception(message)
{
    public WorkerFailure Failure { get; } = failure;
}
