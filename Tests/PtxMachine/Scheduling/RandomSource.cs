namespace MinRnn.Tests.PtxMachine.Scheduling;

/// <summary>Numbers that a seed alone decides, on every platform.</summary>
internal sealed class RandomSource(int seed)
{
    private ulong state = (((ulong)(uint)seed + 1) * 0x9E3779B97F4A7C15) | 1;

    /// <summary>A number of 0 to below the bound.</summary>
    public int Below(int bound)
    {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        return (int)((UInt128)(state * 0x2545F4914F6CDD1D) * (uint)bound >> 64);
    }
}
