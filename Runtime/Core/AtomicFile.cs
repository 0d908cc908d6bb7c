namespace MinRnn;

/// <summary>Files that are written as a whole: readers, and whoever looks after a crash, find the old content or all of the new.</summary>
internal static class AtomicFile
{
    /// <summary>
    /// Writes a file under a temporary name in its folder, sees it to the disk, and renames it. A link stays one, and what it leads to is
    /// written; an older file's permissions stay. A device is written as it is: it must not become a file.
    /// </summary>
    /// <param name="path">The file. Several writers may write it at once: each has a temporary name of its own.</param>
    /// <param name="write">Writes the content. If it throws, the old file stays.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the file may not be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var old = new FileInfo(path);
        if (old.LinkTarget is not null)
            old = new FileInfo(old.ResolveLinkTarget(returnFinalTarget: true)!.FullName);
        if (old.Exists && old.Length == 0 && old.FullName.StartsWith("/dev/", StringComparison.Ordinal))
        {
            Fill(old.FullName, new() { Mode = FileMode.Open }, write);
            return;
        }

        if (!Directory.Exists(old.DirectoryName))
            throw new DirectoryNotFoundException($"'{path}' cannot be written: there is no folder '{old.DirectoryName}'.");
        var temporary = Path.Combine(old.DirectoryName!, $"{Guid.NewGuid():N}.tmp");
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew };
            if (old.Exists && !OperatingSystem.IsWindows())
                options.UnixCreateMode = old.UnixFileMode;
            Fill(temporary, options, write);

            // What the process's mask took away.
            if (old.Exists && !OperatingSystem.IsWindows())
                File.SetUnixFileMode(temporary, old.UnixFileMode);
            File.Move(temporary, old.FullName, overwrite: true);
        }
        catch (UnauthorizedAccessException error)
        {
            File.Delete(temporary);
            throw new UnauthorizedAccessException($"'{path}' cannot be written: {error.Message}", error);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static void Fill(string path, FileStreamOptions options, Action<Stream> write)
    {
        (options.Access, options.Share) = (FileAccess.Write, FileShare.None);
        using var stream = new FileStream(path, options);
        write(stream);
        stream.Flush(flushToDisk: true);
    }
}
