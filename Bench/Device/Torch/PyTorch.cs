using System.Diagnostics;

namespace MinRnn.Bench.Device;

/// <summary>The PyTorch of this machine's python3.</summary>
internal static class PyTorch
{
    /// <summary>The folder of its libraries; null where there is none.</summary>
    public static string? Libraries()
    {
        var start = new ProcessStartInfo("python3", ["-c", "import torch, os; print(os.path.join(os.path.dirname(torch.__file__), 'lib'))"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(start)!;
            _ = process.StandardError.ReadToEndAsync();
            var folder = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return Directory.Exists(folder) ? folder : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
