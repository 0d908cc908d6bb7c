using System.IO.Compression;
using System.Reflection;
using System.Xml.Linq;

namespace MinRnn.Tests.Packages;

/// <summary>The three packages, packed once into a folder of their own, and projects that find them there alone.</summary>
public sealed class PackedFeed : IDisposable
{
    public const string Collection = "packages";

    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("minrnn-packages");

    public PackedFeed()
    {
        // MinRnnGen's own packages from the folder, the rest as the user has it; none of them reaches the user's cache, or comes from there.
        File.WriteAllText(Path.Combine(root.FullName, "nuget.config"), $"""
            <configuration>
              <packageSources><add key="packed" value="{Feed}" /></packageSources>
              <config><add key="globalPackagesFolder" value="{Path.Combine(root.FullName, "cache")}" /></config>
              <fallbackPackageFolders><add key="user" value="{Others(Metadata("PackageCache"))}" /></fallbackPackageFolders>
            </configuration>
            """);
        Pack(Feed);
    }

    public static string Root => Metadata("Root");

    private string Feed => Path.Combine(root.FullName, "feed");

    /// <summary>Packs what is built, into a folder.</summary>
    internal static void Pack(string folder) =>
        Dotnet.Run(Root, "pack", "MinRnnGen.sln", "-c", Metadata("Configuration"), "--no-build", "-o", folder).Succeeds();

    public IReadOnlyList<string> Packages => [.. Directory.EnumerateFiles(Feed).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    public ZipArchive Open(string id) => ZipFile.OpenRead(Path.Combine(Feed, $"{id}.{Version}.nupkg"));

    public static string Version { get; } = XDocument.Load(Path.Combine(Root, "Directory.Build.props")).Descendants("Version").Single().Value;

    /// <summary>An empty folder with a project, which knows nothing of this repository.</summary>
    /// <param name="name">The project's name.</param>
    /// <param name="body">What stands in its project file besides the framework.</param>
    /// <param name="files">Its files.</param>
    /// <returns>The folder.</returns>
    public string Project(string name, string body, params (string Name, string Text)[] files)
    {
        var folder = root.CreateSubdirectory(Path.Combine("projects", name)).FullName;
        File.WriteAllText(Path.Combine(folder, $"{name}.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <CreateHardLinksForCopyLocalIfPossible>true</CreateHardLinksForCopyLocalIfPossible>
              </PropertyGroup>
              {body}
            </Project>
            """);
        foreach (var (file, text) in files)
            File.WriteAllText(Path.Combine(folder, file), text);
        return folder;
    }

    /// <summary>What <c>dotnet new minrnn</c> makes, in a folder of the given name.</summary>
    internal string FromTemplate(string name)
    {
        var hive = Path.Combine(root.FullName, "templates");
        Dotnet.Run(root.FullName, "new", "install", Path.Combine(Feed, $"MinRnnGen.Templates.{Version}.nupkg"), "--debug:custom-hive", hive).Succeeds();
        Dotnet.Run(root.FullName, "new", "minrnn", "-o", Path.Combine("projects", name), "-n", name, "--debug:custom-hive", hive).Succeeds();
        return Path.Combine(root.FullName, "projects", name);
    }

    /// <summary>Packs a project of the test's into the same feed.</summary>
    internal void Add(string project) => Dotnet.Run(project, "pack", "-c", "Release", "-o", Feed).Succeeds();

    public void Dispose() => root.Delete(recursive: true);

    /// <summary>A folder with all packages of a cache but MinRnnGen's, which someone may have installed from an earlier state.</summary>
    private string Others(string cache)
    {
        var own = Directory.EnumerateDirectories(cache, "minrnngen*");
        if (!own.Any())
            return cache;
        var others = root.CreateSubdirectory("others").FullName;
        foreach (var package in Directory.EnumerateDirectories(cache).Except(own))
            Directory.CreateSymbolicLink(Path.Combine(others, Path.GetFileName(package)), package);
        return others;
    }

    private static string Metadata(string key) =>
        typeof(PackedFeed).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}

[CollectionDefinition(PackedFeed.Collection)]
public sealed class PackedFeedCollection : ICollectionFixture<PackedFeed>;
