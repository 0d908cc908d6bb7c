using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using MinRnn.Ilgpu.Kernels;
using MinRnn.Ilgpu.Scans;
using MinRnn.Kernels;

namespace MinRnn.Bench.Device;

/// <summary>The report of a run, from the results that its folder has. Parts that are missing are told.</summary>
internal sealed partial class Report
{
    private readonly StringBuilder text = new();
    private readonly DeviceFacts facts;
    private readonly List<(Case Case, CaseResult Result)> results;
    private readonly IReadOnlyList<PeerResult> peers;

    private Report(string folder)
    {
        facts = DeviceFacts.Load(folder);
        results = [.. new ResultFile(folder).Results.Select(result => (Case.Parse(result.Case), result))];
        peers = PeerResult.Load(folder);
    }

    /// <summary>Writes the report and returns its path: beside the others where the repository is, else in the results' folder.</summary>
    /// <exception cref="IOException">The folder has no results.</exception>
    public static string Write(string folder)
    {
        var report = new Report(folder);
        var beside = Path.Combine("Bench", "results");
        var path = Path.Combine(Directory.Exists(beside) ? beside : folder, NotInNames().Replace(report.facts.Model.ToLowerInvariant(), "-").Trim('-') + ".md");
        File.WriteAllText(path, report.Compose());
        return path;
    }

    private string Compose()
    {
        Invariant($"# Measured on {facts.Model}");
        Line();
        Invariant($"- {facts.Processors} multiprocessors; the driver supports CUDA {facts.CudaVersion / 1000}.{facts.CudaVersion % 1000 / 10}");
        Invariant($"- Machine: {facts.Machine}");
        Invariant($"- Date: {facts.Date}");
        foreach (var about in peers.Where(peer => peer.Group == "about"))
            Invariant($"- {about.Name}");
        Line();
        Line("Made by `MinRnn.Bench.Device` (`Bench/Device/run.sh`); [nvidia-gpu.md](nvidia-gpu.md) tells what no run has measured yet.");
        Checks();
        Scans();
        Peers();
        Modules();
        Training();
        return text.ToString();
    }

    private void Checks()
    {
        var checks = results.Where(entry => entry.Case.Kind == CaseKind.Check).ToList();
        if (!Begin("Every kernel against double precision", checks.Count, "check"))
            return;
        Line(
            $"Forward and backward of {checks.Select(check => check.Case.Layer).Distinct().Count()} layers on inputs of rounded elements, against the layer of double "
            + "precision on the CPU: the largest error of a tensor over its largest value. A chained scan runs twice, and both have the same bits.",
            "",
            "| Strategy | Elements | Cases | Good | Largest error | Bound | Where |",
            "|---|---|---:|---:|---:|---:|---|");
        foreach (var group in checks.GroupBy(check => (check.Case.Strategy, check.Case.Element)).OrderBy(group => group.Key))
        {
            var ran = group.Where(check => check.Result.Outcome is Outcome.Good or Outcome.Wrong).ToList();
            var (worst, where) = ran.Count == 0 ? (0, "") : ran.Select(check => (check.Result.Error, $"{check.Case.Layer}, B {check.Case.Batch}, T {check.Case.Time}: {check.Result.Message}")).Max();
            Invariant($"| {group.Key.Strategy} | {group.Key.Element} | {group.Count()} | {group.Count(check => check.Result.Outcome == Outcome.Good)} | {worst:e1} | {Elements.Bound(group.Key.Element):e1} | {where} |");
        }

        Bad(checks);
    }

    private void Scans()
    {
        var times = results.Where(entry => entry.Case.Kind == CaseKind.Time).ToList();
        if (!Begin("Scans beside copies", times.Count, "timing"))
            return;
        Line(
            "Scans alone, on pre-activations in device memory. Medians of rounds that take turns with a copy within the device which reads and writes as many "
            + "bytes; the host's clock around batches of launches that end in a synchronisation, buffers changing so that the cache does not help. GB/s counts "
            + "the fewest bytes: P + 1 elements a channel-step forward, 2 P + 2 backward. Spread is the slowest round over the fastest. The strategy in bold is the "
            + "one that the library chooses.");
        foreach (var size in CaseList.Sizes)
        {
            var rows = times.Where(entry => IsOf(entry.Case, size) && entry.Result.Outcome == Outcome.Good).ToList();
            if (rows.Count == 0)
                continue;
            Line("", string.Create(CultureInfo.InvariantCulture, $"### B {size.Batch}, T {size.Time}, H {size.Channels}"), "");
            Line("| Layer | Elements | Scan | Strategy | Time, µs | Spread | GB/s | Copy, GB/s | Copy's spread | Of copy | Wanted |", "|---|---|---|---|---:|---:|---:|---:|---:|---:|---|");
            foreach (var (item, result) in rows.OrderBy(row => (row.Case.Layer, row.Case.Element, row.Case.Strategy)))
            {
                Row(item, "forward", result.Forward!);
                Row(item, "backward", result.Backward!);
            }
        }

        Bad(times);
    }

    private void Row(Case item, string scan, ScanTime time)
    {
        var strategy = item.Strategy == Chosen(item) ? $"**{item.Strategy}**" : item.Strategy.ToString();
        var share = time.Rate / time.CopyRate;
        var target = Target(item, scan);
        var verdict = target is { } wanted ? string.Create(CultureInfo.InvariantCulture, $"{wanted * 100:f0} %: {(share >= wanted ? "met" : "missed")}") : "";
        Invariant($"| {CellOf(item.Layer)} | {item.Element} | {scan} | {strategy} | {time.Seconds * 1e6:f1} | {time.Spread:f2} | {time.Rate:f0} | {time.CopyRate:f0} | {time.CopySpread:f2} | {share * 100:f0} % | {verdict} |");
    }

    private void Peers()
    {
        var scans = peers.Where(peer => peer.Group is "scan" or "copy").ToList();
        if (!Begin("PyTorch's ways on the same device", scans.Count, "PyTorch"))
            return;
        Line(
            "CUDA events around batches of launches, medians of interleaved rounds. The last column is the time over that of the chosen minGRU scan above, of the "
            + "same pass.",
            "",
            "| B | T | H | Elements | What | Pass | Time, ms | Spread | Note | Over ours |",
            "|---:|---:|---:|---|---|---|---:|---:|---|---:|");
        foreach (var peer in scans)
            Invariant($"| {Head(peer)} | {peer.Name} | {peer.Pass} | {Time(peer)} | {Spread(peer)} | {peer.Note} | {Over(peer)} |");
    }

    private void Modules()
    {
        var modules = peers.Where(peer => peer.Group == "torch").ToList();
        if (!Begin("TorchSharp's modules on PyTorch's libtorch", modules.Count, "TorchSharp"))
            return;
        Line(
            "Output, final state and all gradients of a layer on CUDA against the layer of double precision on the CPU, B 3, T 130, H 64: the largest error of "
            + "a tensor over its largest value. In two bytes the linear map's results are rounded too.",
            "",
            "| What | Elements | Outcome |",
            "|---|---|---|");
        foreach (var module in modules)
            Line($"| {module.Name} | {module.Elements} | {module.Note} |");
    }

    private void Training()
    {
        var steps = peers.Where(peer => peer.Group == "training").ToList();
        if (!Begin("The paper's training step", steps.Count, "training"))
            return;
        Line(
            "Forward and backward of one layer with input size H, matrix products included. The last column is the time over that of minGRU by these kernels. "
            + "The paper tells 175x and 1324x, at 512 and 4,096 steps on a T4, for minGRU over loops of GRU cells; at least 5x is wanted over cuDNN's GRU.",
            "",
            "| B | T | H | Elements | What | Time, ms | Spread | Note | Over ours |",
            "|---:|---:|---:|---|---|---:|---:|---|---:|");
        foreach (var peer in steps)
        {
            var ours = steps.FirstOrDefault(other => other.Name == PeerResult.Ours
                && (other.Batch, other.Time, other.Channels, other.Elements) == (peer.Batch, peer.Time, peer.Channels, peer.Elements));
            Invariant($"| {Head(peer)} | {peer.Name} | {Time(peer)} | {Spread(peer)} | {peer.Note} | {Ratio(peer.Milliseconds, ours?.Milliseconds)} |");
        }
    }

    private string Over(PeerResult peer)
    {
        var ours = results.FirstOrDefault(entry => entry.Case.Kind == CaseKind.Time && entry.Result.Outcome == Outcome.Good && CellOf(entry.Case.Layer) == "MinGru"
            && peer.IsOf(entry.Case, ChannelsOf(entry.Case.Layer)) && entry.Case.Strategy == Chosen(entry.Case));
        if (ours.Result is not { Forward: { } forward, Backward: { } backward } || peer.Group == "copy")
            return "";
        var seconds = peer.Pass switch { "forward" => forward.Seconds, "backward" => backward.Seconds, _ => forward.Seconds + backward.Seconds };
        return Ratio(peer.Milliseconds, seconds * 1e3);
    }

    private void Bad(List<(Case Case, CaseResult Result)> entries)
    {
        var bad = entries.Where(entry => entry.Result.Outcome != Outcome.Good).ToList();
        if (bad.Count == 0)
            return;
        Line("", "Not good:", "");
        foreach (var (_, result) in bad)
            Line(string.Create(CultureInfo.InvariantCulture, $"- `{result.Case}`: {result.Outcome}, {(result.Error > 0 ? $"{result.Error:e1}, " : "")}{result.Message.ReplaceLineEndings(" ")}"));
    }

    /// <summary>Begins a section; one of nothing says so, and is over.</summary>
    private bool Begin(string heading, int count, string what)
    {
        Line("", "## " + heading, "");
        if (count == 0)
            Invariant($"Nothing of this was measured: the run had no {what}.");
        return count > 0;
    }

    private ScanStrategy Chosen(Case item)
    {
        var kernels = LayerCatalog.KernelsOf(item.Layer);
        var table = kernels.TableOf<float, BatchRows>();
        var canSplit = table.TimeParallel is not null;
        return table.Slices > 0
            ? new VectorScan(kernels.Shape, table.Slices).Choose(facts.Traits, item.Batch, item.Time, canSplit)
            : Strategy.Choose(facts.Traits, item.Batch, item.Time, kernels.Shape.Channels, canSplit, table.Wide is not null);
    }

    /// <summary>The share of a copy's rate that is wanted of minGRU in single precision.</summary>
    private double? Target(Case item, string scan)
    {
        if (CellOf(item.Layer) != "MinGru" || item.Element != ElementType.Single || item.Time < 512)
            return null;
        var isForward = scan == "forward";
        return item.Strategy == Chosen(item) ? (isForward ? 0.85 : 0.80)
            : item.Strategy == ScanStrategy.ThreePhase ? (isForward ? 0.50 : 0.62)
            : null;
    }

    private static bool IsOf(Case item, (long Batch, long Time, int Channels) size) =>
        (item.Batch, item.Time, ChannelsOf(item.Layer)) == size;

    private static int ChannelsOf(string layer) => LayerCatalog.KernelsOf(layer).Shape.Channels;

    private static string CellOf(string layer) => layer.TrimEnd([.. "0123456789"]);

    private static string Head(PeerResult peer) =>
        string.Create(CultureInfo.InvariantCulture, $"{peer.Batch} | {peer.Time} | {peer.Channels} | {peer.Elements}");

    private static string Time(PeerResult peer) => peer.Milliseconds?.ToString("g4", CultureInfo.InvariantCulture) ?? "";

    private static string Spread(PeerResult peer) => peer.Milliseconds is null ? "" : peer.Spread.ToString("f2", CultureInfo.InvariantCulture);

    private static string Ratio(double? time, double? ours) =>
        time is { } theirs && ours is { } mine ? (theirs / mine).ToString("g3", CultureInfo.InvariantCulture) + "x" : "";

    private void Line(params string[] lines)
    {
        foreach (var line in lines.DefaultIfEmpty(""))
            text.Append(line).Append('\n');
    }

    private void Invariant(FormattableString line) => Line(line.ToString(CultureInfo.InvariantCulture));

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NotInNames();
}
