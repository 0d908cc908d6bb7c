using System.Diagnostics;
using MinRnn.Bench.Device;
using MinRnn.Ilgpu.Cuda;

namespace MinRnn.Tests.Conformance.Cuda;

/// <summary>The program that checks and times kernels on a GPU, with the interpreter of PTX in the place of one.</summary>
/// <remarks>Alone, for its watchdog measures time, which hundreds of threads of the simulator beside it take.</remarks>
[CollectionDefinition(nameof(DeviceBenchTests), DisableParallelization = true)]
[Collection(nameof(DeviceBenchTests))]
public class DeviceBenchTests
{
    // A machine busy with other tests must start a shell and hear of it within this.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public void ChecksAndTimesOnTheInterpreterAndReports()
    {
        string[] cases =
        [
            "Check MinGru64 Single Streaming 2 0", "Check MinGru64 Single Streaming 2 9", "Check MinGru64 Single Tiled 2 9",
            "Check MinGru64 Single ThreePhase 2 9", "Check MinGru64 Single Chained 1 130", "Check Rotation64 Half ThreePhase 1 9",
            "Check LogMinLstm64 BFloat16 Tiled 2 9", "Check SelectiveSsm64 Single Streaming 1 18", "Check SelectiveSsm64 BFloat16 Streaming 2 3",
            "Time SelectiveSsm64 Single Streaming 1 18", "Time MinGru64 Single Streaming 512 2", "Time MinGru64 Single Chained 1 65",
        ];
        using var driver = new MachineDriver();
        var device = new BenchDevice(new CudaDevice(driver, 0, new PtxCache(null)), new MachineCopies());
        var output = new StringWriter();
        Assert.Equal(0, Worker.Run(device, new TimeSettings(2, 0, 0), new StringReader(string.Join('\n', cases)), output));
        var lines = output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(cases.Select(item => "begin " + item), lines.Where((_, at) => at % 2 == 0));
        var results = lines.Where((_, at) => at % 2 == 1).Select(line => CaseResult.Parse(line[Worker.End.Length..])).ToList();
        Assert.All(results, result => Assert.True(result.Outcome == Outcome.Good, result.ToString()));
        Assert.All(results.Where(result => result.Case.StartsWith("Time", StringComparison.Ordinal)), result =>
        {
            Assert.True(result.Forward!.Seconds > 0 && result.Forward.CopySeconds > 0);
            if (result.Case.Contains("MinGru", StringComparison.Ordinal))
                Assert.Equal(2 * result.Forward.Bytes, result.Backward!.Bytes);
        });

        using var folder = new Folder();
        var file = new ResultFile(folder.Path);
        foreach (var result in results)
            file.Add(result);
        file.Add(new CaseResult("Check MinGru64 Single Chained 3 65", Outcome.Hung, "no result within 2 s"));
        file.Add(new CaseResult("Time MinGru1024 Single Streaming 64 512", Outcome.Good, "", 0, new ScanTime(1e-3, 1.01, 1000, 9e-4, 1), new ScanTime(1e-3, 1.01, 2000, 7e-4, 1)));
        DeviceFacts.Of(device).Save(folder.Path);
        File.WriteAllText(Path.Combine(folder.Path, "peers.jsonl"), """
            {"group":"about","name":"PyTorch of a test"}
            {"group":"scan","name":"eager log-space minGRU","pass":"both","batch":64,"time":512,"channels":1024,"elements":"float32","milliseconds":10.0,"spread":1.2}
            {"group":"training","name":"minGRU by these kernels, products by PyTorch","pass":"both","batch":64,"time":512,"channels":1024,"elements":"float32","milliseconds":2.0}
            {"group":"training","name":"cuDNN nn.GRU","pass":"both","batch":64,"time":512,"channels":1024,"elements":"float32","milliseconds":14.0}

            """);
        var report = File.ReadAllText(Report.Write(folder.Path));
        Assert.StartsWith("# Measured on PTX interpreter", report, StringComparison.Ordinal);
        Assert.Contains("| Streaming | Single | 3 | 3 |", report, StringComparison.Ordinal);
        Assert.Contains("- `Check MinGru64 Single Chained 3 65`: Hung, no result within 2 s", report, StringComparison.Ordinal);
        Assert.Contains("| MinGru | Single | forward | **Streaming** | 1000.0 | 1.01 | 0 | 0 | 1.00 | 90 % | 85 %: met |", report, StringComparison.Ordinal);
        Assert.Contains("| 70 % | 80 %: missed |", report, StringComparison.Ordinal);
        Assert.Contains("| eager log-space minGRU | both | 10 | 1.20 |  | 5x |", report, StringComparison.Ordinal);
        Assert.Contains("| cuDNN nn.GRU | 14 | 1.00 |  | 7x |", report, StringComparison.Ordinal);
    }

    [Fact]
    public void ACaseIsItsText() => Assert.All(CaseList.Checks(isQuick: false).Concat(CaseList.Times()), item => Assert.Equal(item, Case.Parse(item.ToString())));

    /// <summary>Results that are there are not made again, and a line that was cut short is no result.</summary>
    [Fact]
    public void ARunGoesOnWhereItWasCutShort()
    {
        using var folder = new Folder();
        var (first, second) = (Case.Parse("Check MinGru64 Single Streaming 1 1"), Case.Parse("Check MinGru64 Half Tiled 1 1"));
        new ResultFile(folder.Path).Add(new CaseResult(first.ToString(), Outcome.Good, "output", 1e-7));
        File.AppendAllText(Path.Combine(folder.Path, ResultFile.FileName), "{\"Case\":\"Check MinGru64 Half");
        var results = new ResultFile(folder.Path);
        Assert.True(results.Has(first));
        Assert.False(results.Has(second));
    }

    /// <summary>The scripts run without PyTorch but for its own work, and launch the kernels with arguments of their size.</summary>
    [PythonFact]
    public void PeersRunDryAndAreReported()
    {
        using var folder = new Folder();
        var kernels = Path.Combine(folder.Path, "kernels");
        PeerKernels.Write(kernels);
        var start = new ProcessStartInfo("python3", [Scripts("peers.py"), "--dry-run", "--output", Path.Combine(folder.Path, "peers.jsonl"), "--kernels", kernels])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["PYTHONDONTWRITEBYTECODE"] = "1" },
        };
        using var process = Process.Start(start)!;
        var said = process.StandardOutput.ReadToEndAsync();
        Assert.Equal("", process.StandardError.ReadToEnd());
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, said.Result);
        var peers = PeerResult.Load(folder.Path);
        Assert.DoesNotContain(peers, peer => (peer.Name + peer.Note).Contains("failed", StringComparison.Ordinal) || peer.Note.Contains("skipped", StringComparison.Ordinal));
        Assert.Equal(2, peers.Count(peer => peer.Name == PeerResult.Ours));
        Assert.Equal(10, peers.Count(peer => peer is { Name: "torch.compile of it", Pass: "both", Milliseconds: not null }));
    }

    /// <summary>A kernel that hangs or a process that dies costs its own case alone; after two the strategy is given up.</summary>
    [UnixFact]
    public void ALostCaseDoesNotTakeOthersAlong()
    {
        var (results, isComplete) = Supervise(
            """
            while read -r line; do
                echo "begin $line"
                case "$line" in
                    *Chained*) sleep 60 ;;
                    *Tiled*) echo "it broke" >&2; exit 9 ;;
                    *) echo "end {\"Case\":\"$line\",\"Outcome\":\"Good\"}" ;;
                esac
            done
            """,
            "Check A Single Streaming 1 1", "Check A Single Tiled 1 1", "Check A Single ThreePhase 1 1", "Check A Single Chained 1 1",
            "Check A Single Chained 2 1", "Check A Single Chained 3 1", "Check B Half Streaming 1 1");
        Assert.True(isComplete);
        Assert.Equal(
            [Outcome.Good, Outcome.Failed, Outcome.Good, Outcome.Hung, Outcome.Hung, Outcome.Skipped, Outcome.Good], results.Select(result => result.Outcome));
        Assert.Equal("the process ended with code 9: it broke", results[1].Message);
        Assert.Equal("Check A Single Chained 1 1", results[3].Case);
    }

    [UnixFact]
    public void AWorkerThatDoesNotStartEndsTheRun()
    {
        var failure = Assert.Throws<InvalidOperationException>(() => Supervise("echo 'There is no device.' >&2; exit 3", "Check A Single Streaming 1 1"));
        Assert.Equal("There is no device.", failure.Message);
    }

    private static (List<CaseResult> Results, bool IsComplete) Supervise(string script, params string[] cases)
    {
        var results = new List<CaseResult>();
        var supervisor = new Supervisor(
            () => new ProcessStartInfo("/bin/sh", ["-c", script]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true },
            Patience,
            results.Add);
        return (results, supervisor.Run(cases.Select(Case.Parse), DateTime.MaxValue));
    }

    private static string Scripts(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); ; folder = folder.Parent!)
        {
            var path = Path.Combine(folder.FullName, "Bench", "Device", "Peers", name);
            if (File.Exists(path))
                return path;
        }
    }

    /// <summary>The interpreter's memory is the host's.</summary>
    private sealed unsafe class MachineCopies : IDeviceCopies
    {
        public CudaResult ToDevice(nint target, void* source, nuint bytes) => Copy((void*)target, source, bytes);

        public CudaResult ToHost(void* target, nint source, nuint bytes) => Copy(target, (void*)source, bytes);

        public CudaResult WithinDevice(nint target, nint source, nuint bytes) => Copy((void*)target, (void*)source, bytes);

        private static CudaResult Copy(void* target, void* source, nuint bytes)
        {
            Buffer.MemoryCopy(source, target, bytes, bytes);
            return CudaResult.Success;
        }
    }

    private sealed class Folder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("minrnn").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}

/// <summary>A test that needs Python.</summary>
internal sealed class PythonFactAttribute : FactAttribute
{
    public PythonFactAttribute() => Skip = IsThere() ? null : "There is no python3.";

    private static bool IsThere()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("python3", "--version") { RedirectStandardOutput = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}

/// <summary>A test that needs a Unix shell.</summary>
internal sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute() => Skip = OperatingSystem.IsWindows() ? "There is no /bin/sh." : null;
}
