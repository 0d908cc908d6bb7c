using System.Numerics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using TorchSharp;

namespace MinRnn.Bench.Measuring;

/// <summary>What a report was measured on.</summary>
internal sealed record Machine(string Processor, int Cores)
{
    public static Machine Current { get; } = new(ReadProcessor(), Environment.ProcessorCount);

    /// <summary>A file name for this machine.</summary>
    public string FileName
    {
        get
        {
            var system = OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "macos" : "linux";
            var name = new StringBuilder();
            foreach (var letter in $"{Processor} {Cores} cores {system}".ToLowerInvariant())
            {
                if (char.IsAsciiLetterOrDigit(letter))
                    name.Append(letter);
                else if (name.Length > 0 && name[^1] != '-')
                    name.Append('-');
            }

            return name.ToString().TrimEnd('-');
        }
    }

    /// <summary>Lines for a report's header.</summary>
    public IEnumerable<(string Name, string Value)> Facts =>
    [
        ("Processor", $"{Processor}, {Cores} logical cores, {Vector<byte>.Count * 8}-bit vectors"),
        ("System", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}"),
        (".NET", RuntimeInformation.FrameworkDescription),
        ("TorchSharp", $"{typeof(torch).Assembly.GetName().Version?.ToString(3)}, libtorch {LibTorch} (CPU), {torch.get_num_threads()} threads"),
    ];

    private static string LibTorch => typeof(Machine).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .First(attribute => attribute.Key == "LibTorchVersion").Value!;

    private static string ReadProcessor()
    {
        const string Field = "model name";
        if (File.Exists("/proc/cpuinfo")
            && File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith(Field, StringComparison.Ordinal)) is { } line)
        {
            return line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        }

        return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
