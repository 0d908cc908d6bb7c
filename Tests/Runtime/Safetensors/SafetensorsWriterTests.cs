using MinRnn.Kernels;
using MinRnn.Safetensors;

namespace MinRnn.Tests.Runtime.Safetensors;

/// <summary>What a file is written over, and what is refused before anything is written.</summary>
public sealed class SafetensorsWriterTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("minrnn");

    private string Target => Path.Combine(folder.FullName, "file.safetensors");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Permissions_stay_and_a_link_stays_one()
    {
        if (OperatingSystem.IsWindows())
            return;
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Writer(1).Save(Target);
        File.SetUnixFileMode(Target, Private);
        var link = Path.Combine(folder.FullName, "latest");
        File.CreateSymbolicLink(link, "file.safetensors");
        Writer(2).Save(link);
        Assert.Equal("file.safetensors", new FileInfo(link).LinkTarget);
        Assert.Equal(Private, File.GetUnixFileMode(Target));
        Assert.Equal(2, First(Target));

        // A link that leads to nothing yet.
        File.Delete(Target);
        Writer(3).Save(link);
        Assert.Equal(3, First(Target));
        Assert.Equal(2, folder.GetFiles().Length);
    }

    [Fact]
    public void A_device_is_written_as_it_is()
    {
        if (!OperatingSystem.IsLinux())
            return;
        Writer(1).Save("/dev/null");
        using var stream = new FileStream("/dev/null", FileMode.Open);
        Assert.Equal(0, stream.Length);
    }

    [Fact]
    public void The_longest_name_that_a_folder_takes_can_be_saved()
    {
        var path = Path.Combine(folder.FullName, new string('a', 255));
        Writer(1).Save(path);
        Writer(2).Save(path);
        Assert.Equal(2, First(path));
    }

    [Fact]
    public void A_folder_that_is_missing_is_named()
    {
        var path = Path.Combine(folder.FullName, "none", "file.safetensors");
        var error = Assert.Throws<DirectoryNotFoundException>(() => Writer(1).Save(path));
        Assert.Equal($"'{path}' cannot be written: there is no folder '{Path.GetDirectoryName(path)}'.", error.Message);
    }

    /// <summary>The older file stays.</summary>
    [Fact]
    public void What_could_not_be_read_again_is_not_written()
    {
        Writer(1).Save(Target);
        Assert.Contains("'note' is null", Refused(("note", null!)), StringComparison.Ordinal);
        Assert.Contains("'note' has half a surrogate pair", Refused(("note", "\ud800!")), StringComparison.Ordinal);
        Assert.Contains("'?' has half a surrogate pair", Refused(("\udc00", "")), StringComparison.Ordinal);
        Assert.Contains("100000000 at most", Refused(("note", new string('x', 100_000_001))), StringComparison.Ordinal);
        Assert.Equal(1, First(Target));
        var writer = Writer(2);
        Assert.Throws<ArgumentException>("name", () => writer.Add("\ud800", [1], new float[1]));
        Assert.Throws<ArgumentException>("shape", () => writer.Add("b", [.. Enumerable.Repeat(1L, 65)], new float[1]));
        writer.Metadata["\ud83d\ude00"] = "\ud83d\ude00";
        writer.Add("\ud83d\ude00", [.. Enumerable.Repeat(1L, 64)], new float[1]).Save(Target);
        Assert.Equal(2, First(Target));

        string Refused((string Key, string Value) entry)
        {
            var writer = Writer(2);
            writer.Metadata[entry.Key] = entry.Value;
            return Assert.Throws<InvalidOperationException>(() => writer.Save(Target)).Message;
        }
    }

    [Fact]
    public void A_number_beyond_those_of_32_bits_is_refused()
    {
        double[] values = [1, double.PositiveInfinity, 1e39];
        new SafetensorsWriter().Add("a", ElementType.Double, [3], (first, bytes) =>
            System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).Slice((int)first, bytes.Length).CopyTo(bytes)).Save(Target);
        using var file = SafetensorsFile.Open(Target);
        var read = new float[3];
        file.Read(file.Tensors[0], 0, read.AsSpan(0, 2));
        Assert.Equal([1, float.PositiveInfinity], read[..2]);
        Assert.Contains("'a' holds 1E+39", Assert.Throws<SafetensorsException>(() => file.Read(file.Tensors[0], 0, read)).Message, StringComparison.Ordinal);
    }

    private static SafetensorsWriter Writer(float value) => new SafetensorsWriter().Add("a", [1], new[] { value });

    private static float First(string path)
    {
        using var file = SafetensorsFile.Open(path);
        var read = new float[1];
        file.Read(file.Find("a")!, 0, read);
        return read[0];
    }
}
