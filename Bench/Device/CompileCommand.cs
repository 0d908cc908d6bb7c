using MinRnn.Ilgpu.Cuda;

namespace MinRnn.Bench.Device;

/// <summary>Compiles every kernel to PTX, which needs no device: what a run would ask the driver to load.</summary>
internal static class CompileCommand
{
    /// <summary>Compiles the kernels and counts them.</summary>
    /// <param name="layers">Layers of the catalogue.</param>
    /// <param name="output">The folder that gets a file for each; null for none.</param>
    /// <returns>The number of kernels.</returns>
    public static int Run(IEnumerable<string> layers, string? output)
    {
        if (output is not null)
            Directory.CreateDirectory(output);
        var count = 0;
        foreach (var layer in layers)
        {
            var kernels = LayerCatalog.KernelsOf(layer);
            foreach (var element in Elements.All)
            {
                foreach (var (name, method, groupSize) in KernelList.Of(kernels, element))
                {
                    var text = PtxCompiler.Compile(method, groupSize);
                    _ = PtxKernel.Parse(text);
                    if (output is not null)
                        File.WriteAllText(Path.Combine(output, $"{layer}.{element}.{name}.ptx"), text);
                    count++;
                }
            }
        }

        return count;
    }
}
