namespace MinRnn.Tests.PtxMachine;

/// <summary>What a launch did.</summary>
public sealed class LaunchStatistics
{
    /// <summary>Instructions of all threads, those under a false predicate included.</summary>
    public long Instructions { get; internal set; }

    /// <summary>Bytes that threads loaded from global memory.</summary>
    public long GlobalBytesLoaded { get; internal set; }

    /// <summary>Bytes that threads stored to global memory.</summary>
    public long GlobalBytesStored { get; internal set; }

    /// <summary>Loads from global memory, of whatever width.</summary>
    public long GlobalLoads { get; internal set; }

    /// <summary>Stores to global memory, of whatever width.</summary>
    public long GlobalStores { get; internal set; }

    /// <summary>Loads and stores of 16 bytes of global memory.</summary>
    public long WideAccesses { get; internal set; }

    /// <summary>Atomic operations on global memory; their bytes are not counted above.</summary>
    public long GlobalAtomics { get; internal set; }

    /// <summary>Barriers that groups have passed.</summary>
    public long Barriers { get; internal set; }

    /// <summary>Fences beyond the group, those within atomic operations excluded.</summary>
    public long Fences { get; internal set; }
}
