using System.Text.Json;
using MinRnn.Ilgpu.Cuda;
using MinRnn.Kernels;

namespace MinRnn.Bench.Device;

/// <summary>The kernels of a layer as files, for a training step whose matrix products are PyTorch's.</summary>
internal static class PeerKernels
{
    private const string Layer = "MinGru1024";
    private static readonly string[] Names = ["Forward", "Backward", "Sum"];

    /// <summary>Writes each kernel's PTX, and what a launch must know in <c>kernels.json</c>.</summary>
    public static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        var kernels = LayerCatalog.KernelsOf(Layer);
        var entries = new List<object>();
        foreach (var (name, method, groupSize) in KernelList.Of(kernels, ElementType.Single).Where(kernel => Names.Contains(kernel.Name)))
        {
            var kernel = PtxKernel.Parse(PtxCompiler.Compile(method, groupSize));
            var file = name + ".ptx";
            File.WriteAllText(Path.Combine(folder, file), kernel.Text);
            entries.Add(new { name, file, entry = kernel.Entry, groupSize, parameterBytes = kernel.ParameterBytes });
        }

        var layer = new { channels = kernels.Shape.Channels, kernels = entries };
        File.WriteAllText(Path.Combine(folder, "kernels.json"), JsonSerializer.Serialize(layer));
    }
}
