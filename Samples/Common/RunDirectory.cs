namespace MinRnn.Samples.Common;

/// <summary>Where a run leaves its files.</summary>
public sealed class RunDirectory
{
    private readonly string _path;

    /// <summary>Opens a directory, creating it where needed.</summary>
    /// <exception cref="UserErrorException">It cannot be created.</exception>
    public RunDirectory(string path)
    {
        _path = path;
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UserErrorException($"The output directory '{path}' cannot be created: {error.Message}", error);
        }
    }

    /// <summary>The checkpoint.</summary>
    public string Checkpoint => Path.Combine(_path, "checkpoint.mrnn");

    /// <summary>The trained model.</summary>
    public string Model => Path.Combine(_path, "model.safetensors");

    /// <summary>The plot.</summary>
    public string Plot => Path.Combine(_path, "training.png");

    /// <summary>
    /// Keeps the checkpoint of an earlier run in this directory from being overwritten by a new run. Where the new run goes on with the one
    /// that was kept before, the two change places.
    /// </summary>
    /// <param name="resumed">The checkpoint that the new run goes on with, if it does.</param>
    public void KeepEarlierCheckpoint(string? resumed)
    {
        if (!File.Exists(Checkpoint))
            return;
        var previous = Path.Combine(_path, "checkpoint.previous.mrnn");
        if (resumed is null || Path.GetFullPath(resumed) != Path.GetFullPath(previous))
        {
            File.Move(Checkpoint, previous, overwrite: true);
            return;
        }

        var between = Path.Combine(_path, $"checkpoint.{Guid.NewGuid():N}.mrnn");
        File.Move(Checkpoint, between);
        File.Move(previous, Checkpoint);
        File.Move(between, previous);
    }
}
