using System.Diagnostics.CodeAnalysis;

namespace MinRnn.Torch.Loading;

/// <summary>
/// Finds native libraries where an application's build, publish or test host puts them, without loading anything.
/// </summary>
internal static class NativeFiles
{
    /// <summary>The full path of a native library, or null.</summary>
    public static string? Find(string fileName, string runtimeIdentifier) =>
        Folders(runtimeIdentifier).Select(folder => Path.Combine(folder, fileName)).FirstOrDefault(File.Exists);

    [UnconditionalSuppressMessage("SingleFile", "IL3000", Justification = "In a single file there is no folder of TorchSharp's: it is passed over.")]
    private static IEnumerable<string> Folders(string runtimeIdentifier)
    {
        // What the host computed from the application's .deps.json: package folders, published folders, extracted bundles.
        if (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") is string searched)
        {
            foreach (var folder in searched.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
                yield return folder;
        }

        var bases = new[] { AppContext.BaseDirectory, Path.GetDirectoryName(typeof(TorchSharp.torch).Assembly.Location) };
        foreach (var folder in bases)
        {
            if (string.IsNullOrEmpty(folder))
                continue;
            yield return Path.Combine(folder, "runtimes", runtimeIdentifier, "native");
            yield return folder;
        }
    }
}
