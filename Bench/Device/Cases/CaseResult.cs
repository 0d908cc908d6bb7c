using System.Text.Json;
using System.Text.Json.Serialization;

namespace MinRnn.Bench.Device;

/// <summary>How a case ended.</summary>
internal enum Outcome
{
    /// <summary>It is right, or timed.</summary>
    Good,

    /// <summary>Its results are wrong.</summary>
    Wrong,

    /// <summary>A call of the driver or the program failed.</summary>
    Failed,

    /// <summary>There was no result in time.</summary>
    Hung,

    /// <summary>It was not tried.</summary>
    Skipped,
}

/// <summary>What came of a case.</summary>
/// <param name="Case">The case, as text.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Message">More words: the tensor with the largest error, or what failed.</param>
/// <param name="Error">The largest error of a check.</param>
/// <param name="Forward">The forward scan's time.</param>
/// <param name="Backward">The backward scan's time.</param>
internal sealed record CaseResult(
    string Case, Outcome Outcome, string Message = "", double Error = 0, ScanTime? Forward = null, ScanTime? Backward = null)
{
    private static readonly JsonSerializerOptions Options =
        new() { Converters = { new JsonStringEnumConverter() }, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>The result as one line of JSON.</summary>
    public override string ToString() => JsonSerializer.Serialize(this, Options);

    public static CaseResult Parse(string line) => JsonSerializer.Deserialize<CaseResult>(line, Options)!;
}

/// <summary>The time of a scan, and of a copy in turn with it.</summary>
/// <param name="Seconds">The median of the rounds.</param>
/// <param name="Spread">The slowest round over the fastest.</param>
/// <param name="Bytes">The fewest bytes that it must move.</param>
/// <param name="CopySeconds">The median time of a copy that reads and writes as many.</param>
/// <param name="CopySpread">The copy's slowest round over its fastest.</param>
internal sealed record ScanTime(double Seconds, double Spread, long Bytes, double CopySeconds, double CopySpread)
{
    /// <summary>GB/s.</summary>
    [JsonIgnore]
    public double Rate => Bytes / Seconds / 1e9;

    /// <summary>GB/s of the copy.</summary>
    [JsonIgnore]
    public double CopyRate => Bytes / CopySeconds / 1e9;
}
