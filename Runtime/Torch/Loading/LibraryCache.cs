using System.Security.Cryptography;

namespace MinRnn.Torch.Loading;

/// <summary>
/// Private copies of native libraries, one per content, in the user's cache folder: <c>$XDG_CACHE_HOME/minrnngen</c>,
/// <c>~/.cache/minrnngen</c> or the platform's like.
/// </summary>
internal static class LibraryCache
{
    /// <summary>The folder of the copies; null when the user has none.</summary>
    public static string? DefaultFolder()
    {
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
    /// The path of a file of this name and content, written if it is not there yet or differs. <paramref name="original"/>
    /// gives the file its folder, so that copies of several versions stay apart.
    /// </summary>
    public static string Store(string folder, string name, byte[] original, byte[] content)
    {
        var target = Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(original)), name);
        if (File.Exists(target) && File.ReadAllBytes(target).AsSpan().SequenceEqual(content))
            return target;

        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        // Several processes may do this at once: each writes a file of its own, and the rename replaces as a whole.
        var temporary = $"{target}.{Guid.NewGuid():N}.tmp";
        try
        {
            File.WriteAllBytes(temporary, content);
            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        return target;
    }
}
