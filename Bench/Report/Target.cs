using System.Globalization;
using MinRnn.Bench.Measuring;

namespace MinRnn.Bench.Report;

/// <summary>What a ratio ought to be: so many times faster than a peer, or at most so many times a peer's time.</summary>
internal sealed record Target(bool IsSpeedup, double Limit, double Aim)
{
    public static Target LogSpace { get; } = new(true, 50, 70);

    public static Target Copy { get; } = new(false, 1.5, 1.1);

    public static Target LinearMap { get; } = new(false, 1.3, 1);

    public static Target Recurrent { get; } = new(true, 5, 8);

    public static Target SelectiveLoop { get; } = new(true, 20, 30);

    public static Target HalfFull { get; } = new(false, 0.65, 0.55);

    public string Text => string.Create(CultureInfo.InvariantCulture, $"{(IsSpeedup ? "≥" : "≤")} {Limit:0.0#}x (aim {Aim:0.0#}x)");

    public string Verdict(PairedTimes times) => Reaches(times, Aim) ? "aim met" : Reaches(times, Limit) ? "met" : "**missed**";

    private bool Reaches(PairedTimes times, double wanted) =>
        IsSpeedup ? times.Speedup.Median >= wanted : times.Cost.Median <= wanted;
}
