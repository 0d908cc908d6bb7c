using MinRnn.Bench.Measuring;
using MinRnn.Torch;

namespace MinRnn.Bench.Report;

/// <summary>What the sections of a report share.</summary>
/// <param name="Timer">Times pairs within the report's time.</param>
/// <param name="Options">What was asked for.</param>
/// <param name="Progress">Tells what is being measured.</param>
internal sealed record ReportContext(PairedTimer Timer, ReportOptions Options, Action<string> Progress)
{
    /// <summary>Seconds for a comparison with a peer that takes its time.</summary>
    public double Long => Options.IsQuick ? 1 : 10;

    /// <summary>Seconds for one of many, or with a loop.</summary>
    public double Short => Options.IsQuick ? 0.3 : 2.5;

    public PairedTimes Compare(TrainingStep ours, TrainingStep peer, double seconds)
    {
        Progress($"{ours.Name} against {peer.Name}");
        return Timer.Compare(ours.Run, peer.Run, seconds);
    }
}

/// <summary>A shape that layers are measured at, with the layers declared for it.</summary>
internal sealed record Setting(int Batch, int Time, int Width)
{
    public static Setting Wide { get; } = new(16, 512, 256);

    public static Setting Narrow { get; } = new(64, 512, 64);

    public string Text => $"B {Batch}, T {Time}, H {Width}";

    public RecurrentModule MinGru() => Width == 256 ? new MinGru256() : new MinGru64();

    public RecurrentModule LogMinGru() => Width == 256 ? new LogMinGru256() : new LogMinGru64();

    public RecurrentModule MinLstm() => Width == 256 ? new MinLstm256() : new MinLstm64();

    public RecurrentModule LogMinLstm() => Width == 256 ? new LogMinLstm256() : new LogMinLstm64();
}
