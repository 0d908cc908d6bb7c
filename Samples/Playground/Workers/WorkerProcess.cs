using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace MinRnn.Samples.Playground.Workers;

/// <summary>A worker as the server sees it: a process of this program with a bounded heap.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private readonly WorkerLimits limits;
    private readonly Process process;

    private WorkerProcess(WorkerLimits limits, Process process) => (this.limits, this.process) = (limits, process);

    public int Id => process.Id;

    /// <summary>Questions that it has answered.</summary>
    public int Answered { get; private set; }

    /// <summary>Starts a worker and waits until it listens.</summary>
    /// <exception cref="WorkerException">It does not.</exception>
    public static async Task<WorkerProcess> StartAsync(WorkerLimits limits)
    {
        var start = new ProcessStartInfo(Host, [typeof(WorkerProcess).Assembly.Location, WorkerLoop.Verb])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new System.Text.UTF8Encoding(false),
            StandardOutputEncoding = new System.Text.UTF8Encoding(false),
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        start.Environment["DOTNET_GCHeapHardLimit"] = limits.HeapBytes.ToString("X", CultureInfo.InvariantCulture);
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        var worker = new WorkerProcess(limits, Process.Start(start)!);
        worker.process.ErrorDataReceived += (_, _) => { };
        worker.process.BeginErrorReadLine();
        if (await worker.ReadAsync(limits.StartTime) != WorkerLoop.Ready)
        {
            worker.Dispose();
            throw new WorkerException(WorkerFailure.Ended, "The compiler's process does not start.");
        }

        return worker;
    }

    /// <summary>Asks one question. After an exception other than a refusal the worker is of no more use.</summary>
    /// <param name="question">The question as one line.</param>
    /// <exception cref="WorkerException">There is no answer.</exception>
    public async Task<string> AskAsync(string question)
    {
        try
        {
            await process.StandardInput.WriteAsync(question + "\n");
            await process.StandardInput.FlushAsync();
        }
        catch (IOException)
        {
            throw await EndedAsync();
        }

        var line = await ReadAsync(limits.Time) ?? throw await EndedAsync();
        Answered++;
        return line[0] == WorkerLoop.Answer ? line[1..] : throw new WorkerException(WorkerFailure.Refused, line[1..]);
    }

    /// <summary>Ends the process.</summary>
    public void Dispose()
    {
        try
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }

        process.Dispose();
    }

    private async Task<string?> ReadAsync(TimeSpan time)
    {
        try
        {
            return await process.StandardOutput.ReadLineAsync().WaitAsync(time);
        }
        catch (TimeoutException)
        {
            throw new WorkerException(
                WorkerFailure.Time, string.Create(CultureInfo.InvariantCulture, $"The compiler was stopped: it took longer than {time.TotalSeconds:0.##} s."));
        }
    }

    private async Task<WorkerException> EndedAsync()
    {
        await process.WaitForExitAsync();
        return process.ExitCode == WorkerLoop.OutOfMemory
            ? new WorkerException(WorkerFailure.Memory, $"The compiler was stopped: it needed more than {limits.HeapBytes >> 20} MiB of memory.")
            : new WorkerException(WorkerFailure.Ended, $"The compiler's process ended with code {process.ExitCode}, as it does where source is nested too deeply.");
    }

    /// <summary>The <c>dotnet</c> of the runtime that runs this.</summary>
    private static string Host => Path.GetFullPath(
        Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
}
