using System.Diagnostics;
using MinRnn.Bench.Measuring;

namespace MinRnn.Bench.Deployment;

/// <summary>Samples/Deployment as a native program: how large it is, and how long a start takes until the first character is there.</summary>
internal sealed class NativeProgram(string program, string model)
{
    private const int Starts = 15;

    public long Bytes => new FileInfo(program).Length;

    public long ModelBytes => new FileInfo(model).Length;

    /// <summary>Seconds from asking for the process until it has written a character.</summary>
    public Spread Start() => Spread.Of(Enumerable.Range(0, Starts + 1).Select(_ => StartOnce()).Skip(1));

    private double StartOnce()
    {
        var information = new ProcessStartInfo(program, ["--model", model, "--characters", "1"]) { RedirectStandardOutput = true };
        var started = Stopwatch.GetTimestamp();
        using var process = Process.Start(information)!;
        var first = process.StandardOutput.BaseStream.ReadByte();
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return first >= 0 && process.ExitCode == 0 ? seconds : throw new ArgumentException($"{program} ended with {process.ExitCode}.");
    }
}
