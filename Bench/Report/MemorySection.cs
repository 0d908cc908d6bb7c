using MinRnn.Bench.Measuring;
using MinRnn.Bench.Peers;
using static TorchSharp.torch;

namespace MinRnn.Bench.Report;

/// <summary>The memory that a training step takes at its highest.</summary>
internal static class MemorySection
{
    public static ReportTable Measure(ReportContext context)
    {
        var table = new ReportTable(
            "Peak memory of a training step", "layer", $"MiB, {Setting.Wide.Text}", "of nn.GRU's", $"MiB, {Setting.Narrow.Text}", "of nn.GRU's");
        table.Note(
            "How far one step raises the process's resident set: after warming up, free heap is given back (`malloc_trim`), the kernel's "
            + "high-water mark reset (`/proc/self/clear_refs`) and read again after the step. Input, output gradient and "
            + "parameters are there before and do not count. On a GPU the paper finds minGRU and minLSTM about 88 % above step loops.");
        if (!PeakMemory.IsMeasurable)
        {
            table.Note("Not measured: this system has no high-water mark that can be reset.");
            return table;
        }

        var (wide, narrow) = (Peaks(context, Setting.Wide), Peaks(context, Setting.Narrow));
        foreach (var (name, bytes) in wide)
            table.Add(name, Mebibytes(bytes), Share(bytes, wide), Mebibytes(narrow[name]), Share(narrow[name], narrow));
        return table;

        static string Mebibytes(double bytes) => double.IsNaN(bytes) ? ReportTable.LeftOut : ReportTable.Digits(bytes / (1 << 20));

        static string Share(double bytes, Dictionary<string, double> all) =>
            double.IsNaN(bytes / all["nn.GRU"]) ? "" : $"{ReportTable.Digits(bytes / all["nn.GRU"])}x";
    }

    private static Dictionary<string, double> Peaks(ReportContext context, Setting setting)
    {
        using var scope = NewDisposeScope();
        using var input = randn(setting.Batch, setting.Time, setting.Width);
        var width = setting.Width;
        var peaks = new Dictionary<string, double>();
        Add("MinGru", Steps.Fused(setting.MinGru(), input));
        Add("MinLstm", Steps.Fused(setting.MinLstm(), input));
        Add("MinGru's linear map", Steps.Linear(input, width, 2));
        Add("MinLstm's linear map", Steps.Linear(input, width, 3));
        Add("nn.GRU", Steps.Gru(input, width));
        Add("nn.LSTM", Steps.Lstm(input, width));
        Add("loop of nn.GRUCell", Steps.GruLoop(input, width));
        Add("loop of nn.LSTMCell", Steps.LstmLoop(input, width));
        Add("eager log-space minGRU", Steps.LogSpaceGru(input, width));
        Add("eager log-space minLSTM", Steps.LogSpaceLstm(input, width));
        return peaks;

        void Add(string name, TrainingStep step)
        {
            context.Progress($"peak memory of {name}");
            using (step)
                peaks.Add(name, context.Timer.IsOver ? double.NaN : PeakMemory.Of(step.Run));
        }
    }
}
