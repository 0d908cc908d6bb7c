namespace MinRnn;

/// <summary>
/// The folder of what can be made again: <c>$MINRNN_CACHE</c>, <c>$XDG_CACHE_HOME/minrnngen</c>, <c>~/.cache/minrnngen</c> or
/// the platform's like.
/// </summary>
internal static class CacheFolder
{
    /// <summary>The environment variable that names the folder itself.</summary>
    public const string Variable = "MINRNN_CACHE";

    /// <summary>The folder, which need not exist; null when the user has none.</summary>
    public static string? Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { } named && Path.IsPathRooted(named))
            return named;
        var root = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (!Path.IsPathRooted(root))
        {
            var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            root = home.Length == 0 ? null
                : OperatingSystem.IsLinux() ? Path.Combine(home, ".cache")
                : Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        }

        return string.IsNullOrEmpty(root) ? null : Path.Combine(root, "minrnngen");
    }

    /// <summary>
    /// Writes a file as a whole: several processes may do so at once, and no reader sees a part.
    /// </summary>
    public static void Write(string path, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        AtomicFile.Write(path, stream => stream.Write(content));
    }
}
