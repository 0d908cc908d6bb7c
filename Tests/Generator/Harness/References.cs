using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace MinRnn.Tests.Generator.Harness;

/// <summary>What a test compilation references beside the framework.</summary>
[Flags]
internal enum Targets
{
    /// <summary>Attributes alone: not even the CPU core.</summary>
    Attributes = 0,

    /// <summary>The managed core: deployment.</summary>
    Core = 1,

    /// <summary>TorchSharp and its runtime.</summary>
    Torch = 2,

    /// <summary>ILGPU and its runtime.</summary>
    Ilgpu = 4,

    All = Core | Torch | Ilgpu,
}

/// <summary>Metadata references, read once a process and shared by every compilation.</summary>
internal static class References
{
    private static readonly ImmutableArray<string> Trusted =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)];

    private static readonly string FrameworkFolder = Path.GetDirectoryName(typeof(object).Assembly.Location)!;

    private static readonly ImmutableArray<MetadataReference> Framework =
        [.. Trusted.Where(path => Path.GetDirectoryName(path) == FrameworkFolder).Select(Reference)];

    private static readonly ImmutableArray<MetadataReference> Attributes = Named("MinRnn.Attributes");

    private static readonly ImmutableArray<MetadataReference> Core = Named("MinRnn.Core");

    private static readonly ImmutableArray<MetadataReference> Torch = Named("MinRnn.Torch", "TorchSharp");

    private static readonly ImmutableArray<MetadataReference> Ilgpu = Named("MinRnn.Ilgpu", "ILGPU", "ILGPU.Algorithms");

    public static IEnumerable<MetadataReference> Of(Targets targets) =>
    [
        .. Framework,
        .. Attributes,
        .. targets.HasFlag(Targets.Core) ? Core : [],
        .. targets.HasFlag(Targets.Torch) ? Torch : [],
        .. targets.HasFlag(Targets.Ilgpu) ? Ilgpu : [],
    ];

    private static ImmutableArray<MetadataReference> Named(params string[] assemblies) =>
        [.. assemblies.Select(name => Reference(Trusted.Single(path => Path.GetFileNameWithoutExtension(path) == name)))];

    private static MetadataReference Reference(string path) => MetadataReference.CreateFromFile(path);
}
