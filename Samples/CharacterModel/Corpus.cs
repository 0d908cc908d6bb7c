using System.Security.Cryptography;
using System.Text;
using MinRnn.Samples.Common;

namespace MinRnn.Samples.CharacterModel;

/// <summary>The text to learn: its first nine tenths train, the rest is held out.</summary>
public sealed class Corpus
{
    private const string RepositoryMark = "MinRnnGen.sln";

    private static readonly string[] SkippedDirectories = ["bin", "obj", "artifacts", "runs"];

    private Corpus(string name, string text)
    {
        Name = name;
        Vocabulary = new Vocabulary(text);
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
        var tokens = Vocabulary.Encode(text);
        var split = (int)(tokens.Length * 0.9);
        (Training, HeldOut) = (tokens[..split], tokens[split..]);
        HeldOutText = text[split..];
    }

    /// <summary>What the text is.</summary>
    public string Name { get; }

    /// <summary>Its characters.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>A hash of the text: a checkpoint belongs to one text.</summary>
    public string Fingerprint { get; }

    /// <summary>The tokens to train on.</summary>
    public long[] Training { get; }

    /// <summary>The tokens to score on.</summary>
    public long[] HeldOut { get; }

    /// <summary>The characters of <see cref="HeldOut"/>.</summary>
    public string HeldOutText { get; }

    /// <summary>Reads a text, or the C# sources of the repository when there is no path.</summary>
    /// <exception cref="UserErrorException">The text cannot be read, or is too short for a window of it to be held out.</exception>
    public static Corpus Load(string? path, int window)
    {
        var corpus = path is null
            ? FromRepository(Environment.CurrentDirectory, AppContext.BaseDirectory)
            : FromFile(path);
        return corpus.HeldOut.Length > window
            ? corpus
            : throw new UserErrorException(
                $"{corpus.Name} is too short: a tenth of it is {corpus.HeldOut.Length} characters, wanted more than {window}.");
    }

    /// <summary>The C# sources of the repository that lies around the first of these directories that has one.</summary>
    /// <exception cref="UserErrorException">There is none.</exception>
    public static Corpus FromRepository(params IReadOnlyList<string> starts)
    {
        var root = starts.Select(FindRepository).FirstOrDefault(found => found is not null)
            ?? throw new UserErrorException(
                $"No {RepositoryMark} lies above the current directory, so there are no sources to read: give a text with --text.");
        var files = Sources(new DirectoryInfo(root)).Select(file => file.FullName).Order(StringComparer.Ordinal);
        return new Corpus("the repository's C# sources", string.Concat(files.Select(File.ReadAllText)));
    }

    private static Corpus FromFile(string path)
    {
        try
        {
            return new Corpus($"'{path}'", File.ReadAllText(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"The text '{path}' cannot be read: {error.Message}", error);
        }
    }

    private static string? FindRepository(string start)
    {
        for (var directory = new DirectoryInfo(start); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, RepositoryMark)))
                return directory.FullName;
        }

        return null;
    }

    private static IEnumerable<FileInfo> Sources(DirectoryInfo directory) => directory.EnumerateFiles("*.cs").Concat(
        directory.EnumerateDirectories()
            .Where(child => child.Name[0] != '.' && !SkippedDirectories.Contains(child.Name))
            .SelectMany(Sources));
}
