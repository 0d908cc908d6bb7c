using System.Security.Cryptography;
using System.Text;

namespace MinRnn.Samples.Common;

/// <summary>
/// A file of named sections with a checksum, written so that a reader finds either the old file or the whole new one.
/// </summary>
/// <remarks>Layout: magic, version, number of sections, sections (name, length, bytes), SHA-256 of all that.</remarks>
public static class CheckpointFile
{
    private const int Version = 1;

    private static readonly byte[] Magic = "MINRNNCK"u8.ToArray();

    /// <summary>Writes sections under a temporary name, then renames.</summary>
    public static void Write(string path, IReadOnlyDictionary<string, byte[]> sections)
    {
        var content = Encode(sections);
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            using (var stream = File.Create(temporary))
            {
                stream.Write(content);
                stream.Write(SHA256.HashData(content));
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Reads and checks a file.</summary>
    /// <exception cref="UserErrorException">The file is absent, not a checkpoint, damaged, or of another version.</exception>
    public static IReadOnlyDictionary<string, byte[]> Read(string path)
    {
        byte[] file;
        try
        {
            file = File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UserErrorException($"The checkpoint '{path}' cannot be read: {error.Message}", error);
        }

        if (!file.AsSpan().StartsWith(Magic))
            throw new UserErrorException($"'{path}' is not a checkpoint of these samples.");
        var content = file.AsSpan(0, Math.Max(Magic.Length, file.Length - SHA256.HashSizeInBytes));
        if (!file.AsSpan(content.Length).SequenceEqual(SHA256.HashData(content)))
            throw new UserErrorException($"The checkpoint '{path}' is damaged or cut off: its checksum does not match.");
        return Decode(path, content.ToArray());
    }

    private static byte[] Encode(IReadOnlyDictionary<string, byte[]> sections)
    {
        var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory, Encoding.UTF8);
        writer.Write(Magic);
        writer.Write(Version);
        writer.Write(sections.Count);
        foreach (var (name, bytes) in sections.OrderBy(section => section.Key, StringComparer.Ordinal))
        {
            writer.Write(name);
            writer.Write(bytes.Length);
            writer.Write(bytes);
        }

        writer.Flush();
        return memory.ToArray();
    }

    private static Dictionary<string, byte[]> Decode(string path, byte[] content)
    {
        using var reader = new BinaryReader(new MemoryStream(content), Encoding.UTF8);
        reader.ReadBytes(Magic.Length);
        var version = reader.ReadInt32();
        if (version != Version)
            throw new UserErrorException($"The checkpoint '{path}' has format {version}; this program reads format {Version}.");

        var sections = new Dictionary<string, byte[]>();
        try
        {
            for (var remaining = reader.ReadInt32(); remaining > 0; remaining--)
            {
                var name = reader.ReadString();
                sections.Add(name, reader.ReadBytes(reader.ReadInt32()));
            }
        }
        catch (Exception error) when (error is IOException or ArgumentException or FormatException)
        {
            throw new UserErrorException($"The checkpoint '{path}' has no valid sections: {error.Message}", error);
        }

        return sections;
    }
}
