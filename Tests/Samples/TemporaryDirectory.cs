namespace MinRnn.Tests.Samples;

/// <summary>A directory of a test's own, gone after it.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("minrnn");

    public string Root => _directory.FullName;

    public string File(string name) => Path.Combine(Root, name);

    public void Dispose() => _directory.Delete(recursive: true);
}
