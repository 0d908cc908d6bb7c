namespace MinRnn.Tests.PtxMachine;

/// <summary>The order that groups of a grid start in.</summary>
public enum BlockOrder
{
    /// <summary>By their index.</summary>
    InOrder,

    /// <summary>The last first.</summary>
    Reversed,

    /// <summary>As the seed decides.</summary>
    Shuffled,
}

/// <summary>Sizes of a grid or of a group.</summary>
/// <param name="X">Along x, the fastest.</param>
/// <param name="Y">Along y.</param>
/// <param name="Z">Along z.</param>
public readonly record struct LaunchSize(int X, int Y = 1, int Z = 1)
{
    /// <summary>Their product.</summary>
    public long Total => (long)X * Y * Z;

    /// <summary>A size along x alone.</summary>
    public static implicit operator LaunchSize(int x) => new(x);
}

/// <summary>How a machine runs the threads of a launch. Equal options give equal runs.</summary>
public sealed record LaunchOptions
{
    /// <summary>Decides all that is left to chance.</summary>
    public int Seed { get; init; }

    /// <summary>
    /// Groups on the device at a time. Others start when one of them ends: a group is never taken off before.
    /// </summary>
    public int MaxResidentBlocks { get; init; } = 16;

    /// <summary>The order that groups start in.</summary>
    public BlockOrder BlockOrder { get; init; }

    /// <summary>
    /// Instructions that a thread runs before another may: so many where the schedule is regular, up to so many where it is
    /// adversarial.
    /// </summary>
    public int MaxSlice { get; init; } = 4096;

    /// <summary>
    /// Whether threads of all resident groups take turns at random, some groups being held up for long. Otherwise a group runs until
    /// none of its threads can continue.
    /// </summary>
    public bool Adversarial { get; init; }

    /// <summary>
    /// Whether plain stores to global memory become visible to other groups late and in any order, and plain loads see old values,
    /// until fences, releases and acquires order them.
    /// </summary>
    public bool WeakMemory { get; init; }

    /// <summary>Bytes of the shared array whose size the launch decides.</summary>
    public int DynamicSharedBytes { get; init; }

    /// <summary>Instructions after which the launch counts as hung.</summary>
    public long MaxInstructions { get; init; } = 2_000_000_000;
}
