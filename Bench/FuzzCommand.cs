using System.Diagnostics;
using System.Globalization;
using MinRnn.Tests.Common;

namespace MinRnn.Bench;

/// <summary>Reads hostile files until it has read as many as asked, and fails at the first that is neither refused nor valid.</summary>
internal static class FuzzCommand
{
    public const string Name = "fuzz";

    public const string Usage = "fuzz [FILES] [SEED]";

    private const int Portion = 10_000;

    public static int Run(ReadOnlySpan<string> arguments)
    {
        var (files, seed) = (Number(arguments, 0, 100_000), Number(arguments, 1, 1));
        var started = Stopwatch.GetTimestamp();
        var total = new FileFuzz(0, 0, 0);
        for (var done = 0; done < files; done += Portion)
        {
            var part = FileFuzz.Run(int.Min(Portion, files - done), seed + (done / Portion));
            total = new FileFuzz(total.Refused + part.Refused, total.Read + part.Read, double.Max(total.MostAllocated, part.MostAllocated));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{files} hostile files in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s: {total.Refused} refused, {total.Read} valid and read, none else; "
            + $"at most {total.MostAllocated:0} bytes allocated for each of a file's beyond 8 KB."));
        return 0;
    }

    private static int Number(ReadOnlySpan<string> arguments, int place, int fallback) =>
        arguments.Length <= place ? fallback
        : int.TryParse(arguments[place], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number
        : throw new ArgumentException($"'{arguments[place]}' is no number above 0. Usage: {Usage}");
}
