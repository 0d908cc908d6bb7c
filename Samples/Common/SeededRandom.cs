namespace MinRnn.Samples.Common;

/// <summary>
/// SplitMix64: a generator whose whole state is one number, so that a checkpoint holds it and the same seed gives the same data
/// on every platform.
/// </summary>
public sealed class SeededRandom
{
    private const ulong Increment = 0x9E3779B97F4A7C15;

    /// <summary>Starts a generator; streams of one seed are independent of each other.</summary>
    public SeededRandom(int seed, int stream = 0) => State = Mix(((ulong)(uint)stream << 32) | (uint)seed);

    /// <summary>The state: setting it continues where a generator with that state stood.</summary>
    public ulong State { get; set; }

    /// <summary>An integer in [0, <paramref name="bound"/>).</summary>
    public int Next(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        // The bias of a multiplication by a 32-bit bound is below 2^-32.
        return (int)Math.BigMul(NextBits(), (ulong)bound, out _);
    }

    /// <summary>A number in [0, 1).</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    private ulong NextBits() => Mix(State = unchecked(State + Increment));

    private static ulong Mix(ulong value)
    {
        unchecked
        {
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
            return value ^ (value >> 31);
        }
    }
}
