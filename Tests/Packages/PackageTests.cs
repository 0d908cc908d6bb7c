using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace MinRnn.Tests.Packages;

/// <summary>What is in the packages, and what they ask for.</summary>
[Collection(PackedFeed.Collection)]
public sealed class PackageTests(PackedFeed feed)
{
    private static readonly string[] Common = ["LICENSE", "README.md", "icon.png"];

    /// <summary>Those with assemblies.</summary>
    private static readonly string[] Libraries = ["MinRnnGen", "MinRnnGen.Ilgpu", "MinRnnGen.Torch"];

    public static TheoryData<string, string[], string[]> Contents => new()
    {
        {
            "MinRnnGen",
            [
                "analyzers/dotnet/cs/MinRnn.CodeFixes.dll", "analyzers/dotnet/cs/MinRnn.Generator.dll",
                "build/MinRnnGen.props", "build/MinRnnGen.targets", "buildTransitive/MinRnnGen.props", "buildTransitive/MinRnnGen.targets",
                "lib/net10.0/MinRnn.Attributes.dll", "lib/net10.0/MinRnn.Attributes.xml",
                "lib/net10.0/MinRnn.Core.dll", "lib/net10.0/MinRnn.Core.xml", "lib/netstandard2.0/_._",
            ],
            []
        },
        {
            "MinRnnGen.Ilgpu",
            ["lib/net10.0/MinRnn.Ilgpu.dll", "lib/net10.0/MinRnn.Ilgpu.xml"],
            [$"MinRnnGen {PackedFeed.Version} All", "ILGPU 1.5.3 -Build,Analyzers", "ILGPU.Algorithms 1.5.3 -Build,Analyzers"]
        },
        {
            "MinRnnGen.Torch",
            [
                "build/MinRnnGen.Torch.targets", "build/MinRnnGen.targets", "buildTransitive/MinRnnGen.Torch.targets", "buildTransitive/MinRnnGen.targets",
                "lib/net10.0/MinRnn.Torch.dll", "lib/net10.0/MinRnn.Torch.xml",
            ],
            [$"MinRnnGen {PackedFeed.Version} All", "TorchSharp [0.107.0] -Build,Analyzers"]
        },
    };

    [Fact]
    public void There_are_three_and_the_template() =>
        Assert.Equal(
            Libraries.Append("MinRnnGen.Templates").Select(id => $"{id}.{PackedFeed.Version}.nupkg").Order(StringComparer.Ordinal),
            feed.Packages.Where(name => name.StartsWith("MinRnnGen", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Contents))]
    public void Each_has_its_files_and_dependencies_and_no_others(string id, string[] files, string[] dependencies)
    {
        using var package = feed.Open(id);
        var names = package.Entries.Select(entry => entry.FullName)
            .Where(name => !name.StartsWith("_rels/", StringComparison.Ordinal) && !name.StartsWith("package/", StringComparison.Ordinal))
            .Where(name => name != "[Content_Types].xml" && name != $"{id}.nuspec");
        Assert.Equal(files.Concat(Common).Order(StringComparer.Ordinal), names.Order(StringComparer.Ordinal));

        var nuspec = Nuspec(package, id);
        var groups = nuspec.Descendants().Where(element => element.Name.LocalName == "group").ToArray();
        Assert.Equal("net10.0", Assert.Single(groups).Attribute("targetFramework")!.Value);
        Assert.Equal(dependencies.Order(StringComparer.Ordinal), groups[0].Elements().Select(Describe).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("MinRnnGen")]
    [InlineData("MinRnnGen.Ilgpu")]
    [InlineData("MinRnnGen.Templates")]
    [InlineData("MinRnnGen.Torch")]
    public void Each_says_what_it_is(string id)
    {
        using var package = feed.Open(id);
        var metadata = Nuspec(package, id).Root!.Elements().Single().Elements().ToDictionary(element => element.Name.LocalName, element => element.Value);
        Assert.Equal((id, "MIT", "README.md", "icon.png"), (metadata["id"], metadata["license"], metadata["readme"], metadata["icon"]));
        Assert.NotEmpty(metadata["description"]);
        Assert.NotEmpty(metadata["tags"]);
        Assert.StartsWith($"# {id}\n", Encoding.UTF8.GetString(Read(package, "README.md")).ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void Assemblies_have_symbols_are_deterministic_and_name_no_path_of_the_machine()
    {
        foreach (var id in Libraries)
        {
            using var package = feed.Open(id);
            foreach (var entry in package.Entries.Where(entry => entry.Name.EndsWith(".dll", StringComparison.Ordinal)))
            {
                var bytes = Read(package, entry.FullName);
                using var assembly = new PEReader(new MemoryStream(bytes));
                var entries = assembly.ReadDebugDirectory().Select(debug => debug.Type).ToArray();
                Assert.Contains(DebugDirectoryEntryType.Reproducible, entries);
                Assert.Contains(DebugDirectoryEntryType.EmbeddedPortablePdb, entries);

                var embedded = assembly.ReadDebugDirectory().Single(debug => debug.Type == DebugDirectoryEntryType.EmbeddedPortablePdb);
                var symbols = assembly.ReadEmbeddedPortablePdbDebugDirectoryData(embedded).GetMetadataReader();
                var paths = symbols.Documents.Select(document => symbols.GetString(symbols.GetDocument(document).Name)).ToArray();
                Assert.NotEmpty(paths);
                Assert.All(paths, path => Assert.StartsWith("/_", path, StringComparison.Ordinal));
                Assert.False(bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(PackedFeed.Root)) >= 0, $"{entry.FullName} names {PackedFeed.Root}");
            }
        }
    }

    [Fact]
    public void Two_packs_have_the_same_files()
    {
        var again = Directory.CreateTempSubdirectory("minrnn-pack");
        try
        {
            PackedFeed.Pack(again.FullName);
            foreach (var id in Libraries)
            {
                using var first = feed.Open(id);
                using var second = ZipFile.OpenRead(Path.Combine(again.FullName, $"{id}.{PackedFeed.Version}.nupkg"));
                Assert.Equal(Hashes(first), Hashes(second));
            }
        }
        finally
        {
            again.Delete(recursive: true);
        }
    }

    // NuGet's own part has a random name.
    private static IEnumerable<string> Hashes(ZipArchive package) => package.Entries
        .Where(entry => !entry.FullName.EndsWith(".psmdcp", StringComparison.Ordinal) && entry.FullName != "_rels/.rels")
        .Select(entry => $"{entry.FullName} {Convert.ToHexString(SHA256.HashData(Read(package, entry.FullName)))}")
        .Order(StringComparer.Ordinal);

    private static string Describe(XElement dependency) => string.Join(' ', new[]
    {
        dependency.Attribute("id")!.Value,
        dependency.Attribute("version")!.Value,
        dependency.Attribute("include")?.Value,
        dependency.Attribute("exclude") is { } exclude ? $"-{exclude.Value}" : null,
    }.Where(part => part != null));

    private static XDocument Nuspec(ZipArchive package, string id) => XDocument.Load(new MemoryStream(Read(package, $"{id}.nuspec")));

    private static byte[] Read(ZipArchive package, string name)
    {
        using var content = package.GetEntry(name)!.Open();
        using var memory = new MemoryStream();
        content.CopyTo(memory);
        return memory.ToArray();
    }
}
