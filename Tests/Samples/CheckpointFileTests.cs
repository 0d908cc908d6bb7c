using MinRnn.Samples.Common;
using Xunit;

namespace MinRnn.Tests.Samples;

public sealed class CheckpointFileTests : IDisposable
{
    private static readonly Dictionary<string, byte[]> Sections = new() { ["model"] = [1, 2, 3], ["empty"] = [], ["run"] = [4] };

    private readonly TemporaryDirectory _directory = new();

    private string FilePath => _directory.File("checkpoint.mrnn");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Sections_come_back_and_nothing_else_is_left_behind()
    {
        CheckpointFile.Write(FilePath, new Dictionary<string, byte[]> { ["old"] = [0] });
        CheckpointFile.Write(FilePath, Sections);

        var read = CheckpointFile.Read(FilePath);
        Assert.Equal(Sections.OrderBy(section => section.Key), read.OrderBy(section => section.Key));
        Assert.Equal([FilePath], Directory.GetFiles(_directory.Root));
    }

    [Fact]
    public void Any_changed_byte_is_noticed()
    {
        CheckpointFile.Write(FilePath, Sections);
        var file = File.ReadAllBytes(FilePath);
        for (var i = 0; i < file.Length; i++)
        {
            var changed = (byte[])file.Clone();
            changed[i] ^= 0x10;
            File.WriteAllBytes(FilePath, changed);
            Assert.Throws<UserErrorException>(() => CheckpointFile.Read(FilePath));
        }
    }

    [Fact]
    public void Any_cut_is_noticed()
    {
        CheckpointFile.Write(FilePath, Sections);
        var file = File.ReadAllBytes(FilePath);
        for (var length = 0; length < file.Length; length++)
        {
            File.WriteAllBytes(FilePath, file[..length]);
            Assert.Throws<UserErrorException>(() => CheckpointFile.Read(FilePath));
        }
    }

    [Fact]
    public void A_foreign_file_an_absent_one_and_a_directory_are_refused()
    {
        File.WriteAllText(FilePath, "PK and something else altogether, long enough for a checksum to fit in");

        Assert.Contains("not a checkpoint", Assert.Throws<UserErrorException>(() => CheckpointFile.Read(FilePath)).Message);
        foreach (var path in new[] { _directory.File("none"), _directory.Root })
            Assert.Contains("cannot be read", Assert.Throws<UserErrorException>(() => CheckpointFile.Read(path)).Message);
    }

    [Fact]
    public void A_write_that_fails_leaves_the_old_file_and_no_temporary_one()
    {
        var target = _directory.File("taken");
        Directory.CreateDirectory(Path.Combine(target, "child"));

        Assert.ThrowsAny<Exception>(() => CheckpointFile.Write(target, Sections));
        Assert.Empty(Directory.GetFiles(_directory.Root));
        Assert.True(Directory.Exists(target));
    }
}
