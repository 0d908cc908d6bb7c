using MinRnn.Bench.Measuring;
using MinRnn.Bench.Peers;
using static TorchSharp.torch;

namespace MinRnn.Bench.Report;

/// <summary>A layer's training step against its linear map, libtorch's recurrent layers, a Transformer block, loops and eager log-space layers.</summary>
internal static class LayerSection
{
    public static IEnumerable<ReportTable> Measure(ReportContext context)
    {
        var wide = new ReportTable($"Layer training step, {Setting.Wide.Text}", ReportTable.ComparisonColumns);
        wide.Note(
            "Forward over an input [B, T, D = H] that wants a gradient, and backward from a given gradient of the output, to the input and "
            + "every parameter. The linear map is `nn.Linear(D, P·H)` with bias, P = 2 for minGRU and 3 for minLSTM.");
        wide.Note(
            "The paper's ratios are to step loops in plain PyTorch at T = 512 and batch 64 on a T4 GPU: other hardware, to be read beside "
            + "ours and not as a target. `nn.GRU` and `nn.LSTM` are libtorch's own fused layers.");
        Measure(context, wide, Setting.Wide);
        yield return wide;

        var narrow = new ReportTable($"Layer training step, {Setting.Narrow.Text}", ReportTable.ComparisonColumns);
        Measure(context, narrow, Setting.Narrow);
        yield return narrow;
    }

    private static void Measure(ReportContext context, ReportTable table, Setting setting)
    {
        using var scope = NewDisposeScope();
        using var input = randn(setting.Batch, setting.Time, setting.Width);
        var width = setting.Width;
        using var minGru = Steps.Fused(setting.MinGru(), input);
        using var logMinGru = Steps.Fused(setting.LogMinGru(), input);
        using var minLstm = Steps.Fused(setting.MinLstm(), input);
        using var logMinLstm = Steps.Fused(setting.LogMinLstm(), input);
        using (var linear = Steps.Linear(input, width, projections: 2))
        {
            Row("MinGru", minGru, linear, context.Long, Target.LinearMap);
            Row("LogMinGru", logMinGru, linear, context.Long, Target.LinearMap);
        }

        using (var linear = Steps.Linear(input, width, projections: 3))
        {
            Row("MinLstm", minLstm, linear, context.Long, Target.LinearMap);
            Row("LogMinLstm", logMinLstm, linear, context.Long, Target.LinearMap);
        }

        Against("MinGru", minGru, Steps.Gru(input, width), context.Long, Target.Recurrent);
        Against("MinGru", minGru, Steps.Lstm(input, width), context.Long, Target.Recurrent);
        Against("MinLstm", minLstm, Steps.Lstm(input, width), context.Long, Target.Recurrent);
        Against("MinGru", minGru, Steps.Transformer(input, width), context.Short, null);
        Against("LogMinGru", logMinGru, Steps.LogSpaceGru(input, width), context.Short, null);
        Against("LogMinLstm", logMinLstm, Steps.LogSpaceLstm(input, width), context.Short, null);
        Against("MinGru", minGru, Steps.GruLoop(input, width), context.Short, null, "paper: 175x");
        Against("MinLstm", minLstm, Steps.LstmLoop(input, width), context.Short, null, "paper: 235x");

        void Against(string name, TrainingStep ours, TrainingStep peer, double seconds, Target? target, string remark = "")
        {
            using (peer)
            {
                if (context.Timer.IsOver)
                    table.Add(name, peer.Name, ReportTable.LeftOut, "", "", "", remark, "");
                else
                    Row(name, ours, peer, seconds, target, remark);
            }
        }

        void Row(string name, TrainingStep ours, TrainingStep peer, double seconds, Target? target, string remark = "") =>
            table.Add(name, peer.Name, context.Compare(ours, peer, seconds), target, remark: remark);
    }
}
