using MinRnn.Ilgpu.Cuda;

namespace MinRnn.Bench.Device;

/// <summary>Checks and times the kernels on the CUDA device of a machine that needs the driver alone.</summary>
internal static class Program
{
    public static int Main(string[] arguments)
    {
        if (RunOptions.Parse(arguments) is not { } options)
        {
            Console.Error.WriteLine(RunOptions.Usage);
            return 64;
        }

        try
        {
            switch (options.Command)
            {
                case "compile":
                    var layers = LayerCatalog.Names.ToList();
                    Console.WriteLine($"{CompileCommand.Run(layers, options.Output)} kernels of {layers.Count} layers compiled to PTX in {options.Output}.");
                    return 0;
                case "report":
                    Console.WriteLine(Report.Write(options.Output));
                    return 0;
                case "torch":
                    return new TorchCommand(options.Output, Console.WriteLine).Run();
                case "work":
                    return Worker.Run(BenchDevice.Open(options.Device), TimeSettings.Full, Console.In, Console.Out);
                default:
                    return new RunCommand(options, Console.WriteLine).Run(BenchDevice.Open(options.Device));
            }
        }
        catch (NotSupportedException missing)
        {
            Console.Error.WriteLine(missing.Message);
            return 3;
        }
        catch (CudaException failure)
        {
            Console.Error.WriteLine(failure.Message);
            return 2;
        }
        catch (Exception failure) when (failure is IOException or InvalidOperationException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(failure.Message);
            return 1;
        }
    }
}
