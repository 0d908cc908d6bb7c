using System.Diagnostics;
using System.Globalization;
using MinRnn.Ilgpu.Scans;

namespace MinRnn.Bench.Device;

/// <summary>A whole run on a device: the cases in processes of their own, PyTorch's ways, and the report.</summary>
/// <param name="options">What is asked for.</param>
/// <param name="write">Takes lines of progress.</param>
internal sealed class RunCommand(RunOptions options, Action<string> write)
{
    /// <summary>How long a case may take; its kernels are compiled first.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Names the folder of libtorch's libraries.</summary>
    private const string LibTorch = "MINRNN_LIBTORCH";

    private readonly DateTime deadline = DateTime.UtcNow.AddMinutes(options.Minutes);

    /// <returns>0 when everything was worked on and is right.</returns>
    public int Run(BenchDevice device)
    {
        var results = new ResultFile(options.Output);
        DeviceFacts.Of(device).Save(options.Output);
        write(device.Name);
        List<Case> wanted =
        [
            .. options.Command is "all" or "check" ? CaseList.Checks(options.IsQuick) : [],
            .. options.Command is "all" or "time" ? CaseList.Times() : [],
        ];
        wanted.RemoveAll(item => !options.Only.All(item.ToString().Split(' ').Contains));

        // Groups of a chained scan wait for each other: should one hang, everything else has been.
        var isComplete = Work(results, wanted.Where(item => item.Strategy != ScanStrategy.Chained));
        if (options is { Command: "all", Peers: { } script })
        {
            isComplete &= Modules();
            isComplete &= Peers(script);
        }

        isComplete &= Work(results, wanted.Where(item => item.Strategy == ScanStrategy.Chained));
        write(Report.Write(options.Output));

        var bad = wanted.Select(results.Find).Count(result => result is { Outcome: not Outcome.Good });
        write($"{wanted.Count(results.Has)} of {wanted.Count} cases, {bad} not good.");
        return isComplete && bad == 0 ? 0 : 1;
    }

    private bool Work(ResultFile results, IEnumerable<Case> cases)
    {
        var supervisor = new Supervisor(StartOfWorker, Patience, result =>
        {
            results.Add(result);
            write(Line(result));
        });
        try
        {
            return supervisor.Run(cases.Where(item => !results.Has(item)), deadline);
        }
        catch (InvalidOperationException failure)
        {
            write($"The device cannot be worked on any more: {failure.Message}");
            return false;
        }
    }

    private static string Line(CaseResult result)
    {
        var times = result is { Forward: { } forward, Backward: { } backward }
            ? string.Create(CultureInfo.InvariantCulture, $"{100 * forward.Rate / forward.CopyRate:f0} % of a copy's rate forward, {100 * backward.Rate / backward.CopyRate:f0} % backward")
            : string.Create(CultureInfo.InvariantCulture, $"{result.Error:e1} {result.Message}");
        return $"{result.Case}: {result.Outcome}, {times}".TrimEnd();
    }

    /// <summary>TorchSharp's modules on the libtorch of an installed PyTorch, in a process of their own: the two may not fit.</summary>
    private bool Modules()
    {
        var start = StartOf("torch", "--output", options.Output);
        if (PyTorch.Libraries() is not { } libraries)
        {
            write("python3 has no PyTorch, whose libtorch TorchSharp's modules need.");
            return false;
        }

        start.Environment[LibTorch] = libraries;
        using var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => write(line.Data ?? "");
        process.BeginOutputReadLine();
        _ = process.StandardError.ReadToEndAsync();
        process.StandardInput.Close();
        if (process.WaitForExit(Patience))
            return process.ExitCode == 0;
        process.Kill(entireProcessTree: true);
        write("TorchSharp's modules were ended: they did not end by themselves.");
        return false;
    }

    private ProcessStartInfo StartOfWorker()
    {
        // Its kernels need no libtorch.
        var start = StartOf("work", "--device", options.Device.ToString(CultureInfo.InvariantCulture));
        start.Environment.Remove(LibTorch);
        return start;
    }

    private static ProcessStartInfo StartOf(params string[] arguments)
    {
        // As a single file, the program is the process; else it is run by dotnet.
        var program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "MinRnn.Bench.Device.dll"));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return start;
    }

    /// <summary>Times PyTorch; it writes its results as they come.</summary>
    private bool Peers(string script)
    {
        var left = deadline - DateTime.UtcNow;
        if (left <= TimeSpan.Zero)
            return false;
        var kernels = Path.Combine(options.Output, "kernels");
        PeerKernels.Write(kernels);
        var start = new ProcessStartInfo("python3");
        string[] arguments =
        [
            script, "--output", Path.Combine(options.Output, PeerResult.FileName), "--kernels", kernels,
            "--seconds", left.TotalSeconds.ToString("f0", CultureInfo.InvariantCulture),
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        try
        {
            using var process = Process.Start(start)!;
            if (!process.WaitForExit(left + Patience))
            {
                process.Kill(entireProcessTree: true);
                write($"{script} was ended: it did not end by itself.");
                return false;
            }

            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception failure)
        {
            write($"python3 does not start: {failure.Message}.");
            return false;
        }
    }
}
