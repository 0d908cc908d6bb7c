using System.Globalization;
using MinRnn.Ilgpu.Scans;
using MinRnn.Kernels;

namespace MinRnn.Bench.Device;

/// <summary>What is done with a case.</summary>
internal enum CaseKind
{
    /// <summary>Forward and backward are compared with double precision.</summary>
    Check,

    /// <summary>Forward and backward are timed beside copies.</summary>
    Time,
}

/// <summary>One thing to find out, which may fail without the others.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Layer">A layer of <see cref="LayerCatalog"/>.</param>
/// <param name="Element">The type of every buffer.</param>
/// <param name="Strategy">The way that the scan takes.</param>
/// <param name="Batch">Rows of the batch, B.</param>
/// <param name="Time">Time steps, T.</param>
internal sealed record Case(CaseKind Kind, string Layer, ElementType Element, ScanStrategy Strategy, long Batch, long Time)
{
    /// <summary>The case in a line, as <see cref="Parse"/> reads it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Kind} {Layer} {Element} {Strategy} {Batch} {Time}");

    /// <exception cref="FormatException">The line is no case.</exception>
    public static Case Parse(string line)
    {
        var words = line.Split(' ');
        return words.Length == 6
            && Enum.TryParse(words[0], out CaseKind kind)
            && Enum.TryParse(words[2], out ElementType element)
            && Enum.TryParse(words[3], out ScanStrategy strategy)
            && long.TryParse(words[4], NumberStyles.None, CultureInfo.InvariantCulture, out var batch)
            && long.TryParse(words[5], NumberStyles.None, CultureInfo.InvariantCulture, out var time)
                ? new Case(kind, words[1], element, strategy, batch, time)
                : throw new FormatException($"'{line}' is no case.");
    }
}
