using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace MinRnn.Samples.Playground.Compilation;

/// <summary>What typed source is compiled against, read once a process: the framework, and the assemblies a project of cells has.</summary>
internal static class References
{
    private static readonly string[] Assemblies =
        ["MinRnn.Attributes", "MinRnn.Core", "MinRnn.Ilgpu", "MinRnn.Torch", "ILGPU", "ILGPU.Algorithms", "TorchSharp"];

    public static ImmutableArray<MetadataReference> All { get; } = Read();

    private static ImmutableArray<MetadataReference> Read()
    {
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location);
        return
        [
            .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
                .Where(path => Path.GetDirectoryName(path) == framework || Assemblies.Contains(Path.GetFileNameWithoutExtension(path)))
                .Select(path => MetadataReference.CreateFromFile(path)),
        ];
    }
}
