namespace MinRnn.Tests.PtxMachine.Memory;

/// <summary>What an access promises to other groups.</summary>
internal enum Order
{
    /// <summary>Nothing: it may be seen late, and may see what is old.</summary>
    Weak,

    /// <summary>Of memory that no thread writes meanwhile.</summary>
    Constant,

    /// <summary>At memory itself, but other accesses are not ordered by it.</summary>
    Relaxed,
    Acquire,
    Release,
    AcquireRelease,
}
