using MinRnn.Bench.Measuring;
using MinRnn.Bench.Peers;
using static TorchSharp.torch;

namespace MinRnn.Bench.Report;

/// <summary>How a training step grows with the length of the sequence, at batch 64 and width 64.</summary>
internal sealed class ScalingSection
{
    private const string Ours = "MinGru";
    private const double SlowSeconds = 3;

    private static readonly (string Name, Func<Tensor, TrainingStep> Make)[] Peers =
    [
        ("its linear map", input => Steps.Linear(input, Width, 2)),
        ("nn.GRU", input => Steps.Gru(input, Width)),
        ("nn.LSTM", input => Steps.Lstm(input, Width)),
        ("eager log-space layer", input => Steps.LogSpaceGru(input, Width)),
        ("loop of nn.GRUCell", input => Steps.GruLoop(input, Width)),
    ];

    private readonly Dictionary<string, List<(int Time, double Seconds)>> _lines = new() { [Ours] = [] };

    private static int Width => Setting.Narrow.Width;

    /// <summary>Seconds of a step over lengths, by name.</summary>
    public IReadOnlyDictionary<string, List<(int Time, double Seconds)>> Lines => _lines;

    public ReportTable Measure(ReportContext context)
    {
        var table = new ReportTable(
            $"Training step over length, batch {Setting.Narrow.Batch}, width {Width}",
            ["T", "MinGru ms", .. Peers.Select(peer => peer.Name)]);
        table.Note(
            "The columns after the first two are a peer's time over MinGru's. A peer is left out where one step of it would "
            + $"take {SlowSeconds:0} seconds or more, or where the report has no time left. "
            + "The paper's ratio to a step loop, on a T4 GPU, is 175x at T = 512 and 1,324x at T = 4,096.");
        for (var time = 128; time <= (context.Options.IsQuick ? 1024 : 4096); time *= 2)
            Row(context, table, time);
        return table;
    }

    private void Row(ReportContext context, ReportTable table, int time)
    {
        using var scope = NewDisposeScope();
        using var input = randn(Setting.Narrow.Batch, time, Width);
        using var ours = Steps.Fused(Setting.Narrow.MinGru(), input);
        List<string> cells = [time.ToString("#,0", System.Globalization.CultureInfo.InvariantCulture)];
        foreach (var (name, make) in Peers)
        {
            if (2 * LastSeconds(name) >= SlowSeconds || (cells.Count > 1 && context.Timer.IsOver))
            {
                cells.Add(ReportTable.LeftOut);
                continue;
            }

            using var peer = make(input);
            context.Progress($"T = {time}: MinGru against {name}");
            var times = context.Timer.Compare(ours.Run, peer.Run, context.Short);
            if (cells.Count == 1)
            {
                cells.Add(ReportTable.Milliseconds(times.Ours));
                Line(Ours).Add((time, times.Ours.Median));
            }

            cells.Add(ReportTable.Number(times.Speedup));
            Line(name).Add((time, times.Peer.Median));
        }

        table.Add([.. cells]);
    }

    private double LastSeconds(string name) => Line(name) is [.., var last] ? last.Seconds : 0;

    private List<(int Time, double Seconds)> Line(string name)
    {
        if (!_lines.TryGetValue(name, out var line))
            _lines.Add(name, line = []);
        return line;
    }
}
