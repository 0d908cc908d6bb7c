using System.Security.Cryptography;

namespace MinRnn.Torch.Loading;

/// <summary>Private copies of native libraries, one per content, in a folder such as <see cref="CacheFolder"/> finds.</summary>
internal static class LibraryCache
{
    /// <summary>
    /// The path of a file of this name and content, written if it is not there yet or differs. <paramref name="original"/>
    /// gives the file its folder, so that copies of several versions stay apart.
    /// </summary>
    public static string Store(string folder, string name, byte[] original, byte[] content)
    {
        var target = Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(original)), name);
        if (!File.Exists(target) || !File.ReadAllBytes(target).AsSpan().SequenceEqual(content))
            CacheFolder.Write(target, content);
        return target;
    }
}
