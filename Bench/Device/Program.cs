using MinRnn.Ilgpu.Cuda;

namespace MinRnn.Bench.Device;

/// <summary>Checks and times the kernels on the CUDA device of a machine that needs the driver alone.</summary>
internal static class Program
{
    private const string Usage = """
        MinRnn.Bench.Device check [--quick]          every layer, strategy and type of elements against double precision
        MinRnn.Bench.Device time --output FILE       times of scans and copies, a Markdown table
        MinRnn.Bench.Device all --output DIRECTORY   both: check.txt and time.md
        --device N takes another device than 0; --quick checks the layers of 64 channels alone
        """;

    public static int Main(string[] arguments)
    {
        var output = Option(arguments, "--output");
        var command = arguments.FirstOrDefault();
        if (command is not ("check" or "time" or "all") || (command != "check" && output is null)
            || !int.TryParse(Option(arguments, "--device") ?? "0", out var ordinal))
        {
            Console.Error.WriteLine(Usage);
            return 64;
        }

        try
        {
            return Run(CudaDevice.Open(ordinal), command, output, arguments.Contains("--quick"));
        }
        catch (NotSupportedException missing)
        {
            Console.Error.WriteLine(missing.Message);
            return 3;
        }
        catch (CudaException failure)
        {
            Console.Error.WriteLine(failure);
            return 2;
        }
    }

    private static int Run(CudaDevice device, string command, string? output, bool isQuick)
    {
        if (command == "check")
            return CheckCommand.Run(device, isQuick, Console.WriteLine) ? 0 : 1;
        if (command == "time")
        {
            TimeCommand.Run(device, output!, Console.WriteLine);
            return 0;
        }

        Directory.CreateDirectory(output!);
        bool isRight;
        using (var log = new StreamWriter(Path.Combine(output!, "check.txt")) { AutoFlush = true })
        {
            isRight = CheckCommand.Run(device, isQuick, line =>
            {
                log.WriteLine(line);
                Console.WriteLine(line);
            });
        }

        TimeCommand.Run(device, Path.Combine(output!, "time.md"), Console.WriteLine);
        return isRight ? 0 : 1;
    }

    private static string? Option(string[] arguments, string name)
    {
        var at = Array.IndexOf(arguments, name);
        return at >= 0 && at + 1 < arguments.Length ? arguments[at + 1] : null;
    }
}
