using MinRnn.Bench.Measuring;
using MinRnn.Bench.Peers;
using MinRnn.Kernels;
using static TorchSharp.torch;

namespace MinRnn.Bench.Report;

/// <summary>The fused kernels by themselves, against copies, eager operations and a loop.</summary>
internal static class ScanSection
{
    private const string Both = "forward + backward";
    private const int MinGruForwardBytes = 12;
    private const int MinGruBackwardBytes = 24;

    public static IEnumerable<ReportTable> Measure(ReportContext context)
    {
        var wide = new ReportTable($"Fused scan, {Setting.Wide.Text}", ReportTable.ComparisonColumns);
        wide.Note(
            "The kernels as the module calls them, on native buffers, bias and its gradient included. A copy moves as many bytes as "
            + "the scan reads and writes, 36 a channel-step for MinGru forward and backward: half read, half written, between two native "
            + "buffers by `memmove`, with as many threads. Eager peers start from pre-activations with the bias added already; the "
            + "loop's gates are taken out of it.");
        Measure(context, wide, Setting.Wide, MinGru256.Description, LogMinGru256.Description, LogMinLstm256.Description);
        yield return wide;

        var narrow = new ReportTable($"Fused scan, {Setting.Narrow.Text}", ReportTable.ComparisonColumns);
        Measure(context, narrow, Setting.Narrow, MinGru64.Description, LogMinGru64.Description, LogMinLstm64.Description);
        yield return narrow;
    }

    private static void Measure(
        ReportContext context, ReportTable table, Setting setting,
        LayerDescription minGru, LayerDescription logMinGru, LayerDescription logMinLstm)
    {
        using var scope = NewDisposeScope();
        using var scan = new ScanBuffers(minGru, setting.Batch, setting.Time);
        Against("forward", scan.Forward, MinGruForwardBytes, null);
        Against("backward", scan.Backward, MinGruBackwardBytes, null);
        Against(Both, scan.Both, MinGruForwardBytes + MinGruBackwardBytes, Target.Copy);
        Eager(minGru, "MinGru", "eager log-space operations", LogSpace.MinGru, context.Long, Target.LogSpace);
        Eager(logMinGru, "LogMinGru", "eager log-space operations", LogSpace.MinGru, context.Long, null);
        Eager(logMinLstm, "LogMinLstm", "eager log-space operations", LogSpace.MinLstm, context.Long, null);
        Eager(minGru, "MinGru", "eager step loop", StepLoop.MinGru, context.Short, null);

        void Against(string direction, Action run, int bytes, Target? target)
        {
            context.Progress($"MinGru scan {direction} against a copy");
            using var copy = new NativeCopy((long)setting.Batch * setting.Time * setting.Width * bytes / 2);
            var times = context.Timer.Compare(run, copy.Run, context.Long);
            table.Add($"MinGru {direction}", $"copy of {bytes} bytes a channel-step", times, target, isSpeedup: false);
        }

        void Eager(
            LayerDescription layer, string cell, string peer, Func<Tensor, Tensor> recurrence, double seconds, Target? target)
        {
            context.Progress($"{cell} scan against {peer}");
            using var fused = new ScanBuffers(layer, setting.Batch, setting.Time);
            using var preactivations = randn(setting.Batch, setting.Time, layer.Projections.Count * setting.Width);
            using var step = Steps.Scan(peer, recurrence, preactivations, setting.Width);
            table.Add($"{cell} {Both}", peer, context.Timer.Compare(fused.Both, step.Run, seconds), target);
        }
    }
}
