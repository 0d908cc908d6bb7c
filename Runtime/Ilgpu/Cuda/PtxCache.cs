using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using ILGPU;

namespace MinRnn.Ilgpu.Cuda;

/// <summary>
/// Compiled kernels on disk, by what they were compiled from. Any number of processes may share it, and it may be deleted at
/// any moment: whatever goes wrong with it, kernels are compiled instead.
/// </summary>
/// <param name="folder">Where the files lie; null to keep none.</param>
internal sealed class PtxCache(string? folder)
{
    private const string Format = "1";
    private const string Heading = "// SHA-256 ";

    /// <summary>A file that nobody has read for so long is of a build that is gone.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

    private int isPruned;

    /// <summary>The user's cache, in <see cref="CacheFolder"/>.</summary>
    public static PtxCache OfUser { get; } = new(CacheFolder.Find() is { } root ? Path.Combine(root, "ptx") : null);

    /// <summary>A kernel's PTX, compiled where the cache does not have it.</summary>
    public string Get(MethodInfo kernel, int groupSize)
    {
        if (folder is null)
            return PtxCompiler.Compile(kernel, groupSize);
        var path = PathOf(kernel, groupSize);
        if (Read(path) is { } known)
            return known;
        var compiled = PtxCompiler.Compile(kernel, groupSize);
        Write(path, compiled);
        return compiled;
    }

    /// <summary>The file of a kernel, whether it is there or not.</summary>
    public string PathOf(MethodInfo kernel, int groupSize) => Path.Combine(folder ?? "", KeyOf(kernel, groupSize) + ".ptx");

    // A module's identity is that of its content: any change of a kernel, of what it calls or of the compiler gives another key.
    private static string KeyOf(MethodInfo kernel, int groupSize)
    {
        var text = new StringBuilder();
        text.Append(Format).Append('\n').Append(PtxCompiler.Architecture).Append('\n').Append(groupSize).Append('\n');
        text.Append(typeof(Context).Module.ModuleVersionId).Append('\n').Append(typeof(PtxCache).Module.ModuleVersionId).Append('\n');
        text.Append(kernel.Module.ModuleVersionId).Append('\n').Append(kernel.DeclaringType).Append('\n').Append(kernel).Append('\n');
        foreach (var type in kernel.GetGenericArguments())
            Append(type);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));

        void Append(Type type)
        {
            text.Append(type).Append(' ').Append(type.Module.ModuleVersionId).Append('\n');
            foreach (var argument in type.GetGenericArguments())
                Append(argument);
        }
    }

    /// <summary>A file's text; null where it is absent, cut short or changed.</summary>
    private static string? Read(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
                return null;
            var content = Encoding.UTF8.GetString(File.ReadAllBytes(path));
            var end = content.IndexOf('\n', StringComparison.Ordinal);
            if (end < 0 || content[..end] != HeadingOf(content[(end + 1)..]))
                return null;
            KeepAlive(file);
            return content[(end + 1)..];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Notes that a file is still read; one that may not be written serves as it is.</summary>
    private static void KeepAlive(FileInfo file)
    {
        try
        {
            if (file.LastWriteTimeUtc < DateTime.UtcNow - TimeSpan.FromDays(1))
                file.LastWriteTimeUtc = DateTime.UtcNow;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }

    private void Write(string path, string ptx)
    {
        try
        {
            CacheFolder.Write(path, Encoding.UTF8.GetBytes($"{HeadingOf(ptx)}\n{ptx}"));
            if (Interlocked.Exchange(ref isPruned, 1) == 0)
                Prune();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A home that is full, read-only or absent: the next process compiles again.
        }
    }

    private void Prune()
    {
        var oldest = DateTime.UtcNow - Lifetime;
        foreach (var file in new DirectoryInfo(folder!).EnumerateFiles())
        {
            if (file.LastWriteTimeUtc < oldest)
                file.Delete();
        }
    }

    private static string HeadingOf(string ptx) => Heading + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ptx)));
}
