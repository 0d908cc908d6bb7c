using System.Globalization;
using System.Runtime.InteropServices;

namespace MinRnn.Bench.Measuring;

/// <summary>
/// How far a call raises the process's resident set at its highest, on Linux: free heap is given back first (malloc_trim), the
/// kernel's high-water mark is reset (/proc/self/clear_refs) and read again after the call.
/// </summary>
internal static partial class PeakMemory
{
    /// <summary>Whether this system has what is needed.</summary>
    public static bool IsMeasurable { get; } = OperatingSystem.IsLinux() && CanReset();

    /// <summary>The growth of a second call, in bytes.</summary>
    public static double Of(Action call)
    {
        call();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        malloc_trim(0);
        File.WriteAllText("/proc/self/clear_refs", "5");
        var before = Kilobytes("VmRSS:");
        call();
        return (Kilobytes("VmHWM:") - before) * 1024.0;
    }

    private static long Kilobytes(string field)
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
    }

    private static bool CanReset()
    {
        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
            return malloc_trim(0) is 0 or 1;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or EntryPointNotFoundException or DllNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("libc")]
    private static partial int malloc_trim(nuint pad);
}
