using System.Runtime.InteropServices;

namespace MinRnn.Torch.Loading;

/// <summary>Functions of libraries that this process has loaded already.</summary>
internal static class LoadedLibrary
{
    /// <summary>The address of a function; 0 where the library is not loaded or does not have it.</summary>
    /// <param name="linuxPrefix">What the library's file name begins with on Linux.</param>
    /// <param name="windowsName">Its name on Windows; null where it is not looked for there.</param>
    /// <param name="function">The function's name.</param>
    public static nint Find(string linuxPrefix, string? windowsName, string function)
    {
        var library = OperatingSystem.IsLinux() ? PathOf(linuxPrefix) : OperatingSystem.IsWindows() ? windowsName : null;
        return library is not null
            && NativeLibrary.TryLoad(library, out var handle)
            && NativeLibrary.TryGetExport(handle, function, out var address)
            ? address
            : 0;
    }

    // A name alone might find another library than the one in the process.
    private static string? PathOf(string prefix) => File.ReadLines("/proc/self/maps")
        .Select(line => line.IndexOf('/', StringComparison.Ordinal) is >= 0 and var start ? line[start..] : "")
        .FirstOrDefault(file => Path.GetFileName(file).StartsWith(prefix, StringComparison.Ordinal));
}
