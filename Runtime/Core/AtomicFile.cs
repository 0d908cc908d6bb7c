namespace MinRnn;

/// <summary>Files that are written as a whole: readers, and whoever looks after a crash, find the old content or all of the new.</summary>
internal static class AtomicFile
{
    /// <summary>Writes a file under a temporary name in its folder, sees it to the disk, and renames it.</summary>
    /// <param name="path">The file. Several writers may write it at once: each has a temporary name of its own.</param>
    /// <param name="write">Writes the content. If it throws, the old file stays.</param>
    public static void Write(string path, Action<Stream> write)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                write(stream);
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
}
