using System.Runtime.InteropServices;
using System.Text;
using MinRnn.Kernels;
using MinRnn.Safetensors;

namespace MinRnn.Tests.Runtime.Safetensors;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("minrnn");

    private string Target => Path.Combine(folder.FullName, "file.safetensors");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void What_is_written_is_read()
    {
        var numbers = Enumerable.Range(0, 600_000).Select(i => (i * 0.25f) - 7).ToArray();
        var writer = new SafetensorsWriter { Metadata = { ["format"] = "pt", ["größe"] = "\"1\"\n" } };
        writer.Add("b", [3, 200_000], numbers).Add("größe \"a\"", [], new float[] { 5 }).Add("none", [2, 0], Array.Empty<float>()).Save(Target);

        using var file = SafetensorsFile.Open(Target);
        Assert.Equal("file.safetensors", file.Name);
        Assert.Equal(["b", "größe \"a\"", "none"], file.Tensors.Select(tensor => tensor.Name).Order(StringComparer.Ordinal));
        Assert.Equal(2, file.Metadata.Count);
        Assert.Equal("\"1\"\n", file.Metadata["größe"]);
        var tensor = file.Find("b")!;
        Assert.Equal([3, 200_000], tensor.Shape);
        Assert.Equal(("F32", ElementType.Single, 600_000), (tensor.Type, tensor.Element, tensor.Count));
        Assert.All(file.Tensors, entry => Assert.Equal(0, entry.Offset % 4));
        var read = new float[1000];
        file.Read(tensor, 599_000, read);
        Assert.Equal(numbers[599_000..], read);
        file.Read(file.Find("größe \"a\"")!, 0, read.AsSpan(0, 1));
        Assert.Equal(5, read[0]);
        Assert.Null(file.Find("c"));
    }

    /// <summary>More bytes, and more elements, than 32 bits count. The file has a hole in place of most of its bytes.</summary>
    [Fact]
    public void Sizes_and_offsets_are_of_64_bits()
    {
        if (!OperatingSystem.IsLinux())
            return;
        const long Count = (1L << 32) + 5;
        var header = Encoding.UTF8.GetBytes($"{{\"a\":{{\"dtype\":\"BF16\",\"shape\":[{Count}],\"data_offsets\":[0,{2 * Count}]}}}}");
        using (var stream = File.Create(Target))
        {
            stream.Write(BitConverter.GetBytes((long)header.Length));
            stream.Write(header);
            stream.SetLength(sizeof(long) + header.Length + (2 * Count));
            stream.Position = stream.Length - 2;
            stream.Write(BitConverter.GetBytes((ushort)0x4040));
        }

        using var file = SafetensorsFile.Open(Target);
        var values = new float[3];
        file.Read(file.Tensors[0], Count - 3, values);
        Assert.Equal([0, 0, 3], values);
        Assert.Throws<ArgumentException>("first", () => file.Read(file.Tensors[0], Count - 2, values));
    }

    [Fact]
    public void Many_elements_are_converted_as_few_are()
    {
        var numbers = Enumerable.Range(0, 10_000).Select(i => (Half)(i * 0.5)).ToArray();
        new SafetensorsWriter()
            .Add("a", ElementType.Half, [numbers.Length], (first, bytes) => MemoryMarshal.AsBytes(numbers.AsSpan()).Slice((int)first, bytes.Length).CopyTo(bytes))
            .Save(Target);

        using var file = SafetensorsFile.Open(Target);
        var (singles, doubles) = (new float[9_000], new double[9_000]);
        file.Read(file.Tensors[0], 3, singles);
        file.Read(file.Tensors[0], 3, doubles);
        Assert.Equal(numbers[3..9_003].Select(number => (float)number), singles);
        Assert.Equal(numbers[3..9_003].Select(number => (double)number), doubles);
    }

    [Fact]
    public void A_file_that_others_shorten_is_an_error()
    {
        if (OperatingSystem.IsWindows())
            return;
        new SafetensorsWriter().Add("a", [2, 4096], new float[8192]).Save(Target);

        using var file = SafetensorsFile.Open(Target);
        using (var stream = new FileStream(Target, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            stream.SetLength(stream.Length - 4096);
        var read = new float[8192];
        file.Read(file.Tensors[0], 0, read.AsSpan(0, 4096));
        var error = Assert.Throws<SafetensorsException>(() => file.Read(file.Tensors[0], 0, read));
        Assert.Contains("shortened", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_floating_point_type_is_converted()
    {
        double[] values = [0, -0.0, 1, -2.5, 0.333251953125, 65504, double.PositiveInfinity, double.NaN];
        var writer = new SafetensorsWriter();
        Add(ElementType.Double, value => BitConverter.GetBytes(value));
        Add(ElementType.Single, value => BitConverter.GetBytes((float)value));
        Add(ElementType.Half, value => BitConverter.GetBytes((Half)value));
        Add(ElementType.BFloat16, value => BitConverter.GetBytes((ushort)(BitConverter.SingleToUInt32Bits((float)value) >> 16)));
        using var stream = new MemoryStream();
        writer.Write(stream);
        stream.Position = 0;

        using var file = SafetensorsFile.Read(stream);
        foreach (var tensor in file.Tensors)
        {
            var (singles, doubles) = (new float[values.Length], new double[values.Length]);
            file.Read(tensor, 0, singles);
            file.Read(tensor, 0, doubles);
            Assert.Equal(doubles.Select(value => (float)value), singles);
            for (var i = 0; i < values.Length; i++)
            {
                var exact = tensor.Element == ElementType.BFloat16 ? Math.Abs(values[i]) / 256 : 0;
                Assert.True(values[i].Equals(doubles[i]) || Math.Abs(values[i] - doubles[i]) <= exact, $"{tensor.Type}: {doubles[i]}, wanted {values[i]}");
            }
        }

        void Add(ElementType element, Func<double, byte[]> bytes)
        {
            byte[] all = [.. values.SelectMany(bytes)];
            writer.Add(element.ToString(), element, [values.Length], (first, target) => all.AsSpan((int)first, target.Length).CopyTo(target));
        }
    }

    [Fact]
    public void Other_types_are_listed_and_not_read()
    {
        var file = Parse("{\"steps\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]}}", 8);
        Assert.Null(file.Tensors[0].Element);
        Assert.Contains("has type I64", Assert.Throws<ArgumentException>("tensor", () => file.Read(file.Tensors[0], 0, new float[1])).Message);
    }

    [Fact]
    public void Reading_outside_a_tensor_or_a_closed_file_is_refused()
    {
        var file = Parse("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8);
        Assert.Throws<ArgumentException>("first", () => file.Read(file.Tensors[0], 1, new float[2]));
        Assert.Throws<ArgumentException>("first", () => file.Read(file.Tensors[0], -1, new float[1]));
        Assert.Throws<ArgumentException>("first", () => file.Read(file.Tensors[0], long.MaxValue, new float[1]));
        Assert.Throws<ArgumentException>("tensor", () => file.Read(file.Tensors[0] with { Offset = 1 << 30 }, 0, new float[1]));
        file.Dispose();
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.Read(file.Tensors[0], 0, new float[1]));
    }

    [Fact]
    public void Order_and_blanks_are_free()
    {
        using var file = Parse(
            "{ \"b\" :{\"data_offsets\":[4,8],\"shape\":[1],\"dtype\":\"F32\"},\"z\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[4,4]},"
            + "\"a\":{\"shape\":[1],\"dtype\":\"F32\",\"data_offsets\":[0,4]}}   \n", 8);
        Assert.Equal(["a", "z", "b"], file.Tensors.Select(tensor => tensor.Name));
    }

    [Fact]
    public void A_write_that_fails_leaves_the_old_file()
    {
        new SafetensorsWriter().Add("a", [1], new float[] { 1 }).Save(Target);
        var before = File.ReadAllBytes(Target);
        var failing = new SafetensorsWriter().Add("a", [1], new float[] { 2 })
            .Add("b", ElementType.Single, [1], (_, _) => throw new InvalidTimeZoneException("on the way"));
        Assert.Throws<InvalidTimeZoneException>(() => failing.Save(Target));
        Assert.Equal(before, File.ReadAllBytes(Target));
        Assert.Single(folder.GetFiles());
    }

    [Fact]
    public void Names_and_shapes_are_checked_before_writing()
    {
        var writer = new SafetensorsWriter().Add("a", [1], new float[] { 1 });
        Assert.Throws<ArgumentException>("name", () => writer.Add("a", [1], new float[] { 1 }));
        Assert.Throws<ArgumentException>("name", () => writer.Add("__metadata__", [1], new float[] { 1 }));
        Assert.Throws<ArgumentException>("values", () => writer.Add("b", [2], new float[] { 1 }));
        Assert.Throws<ArgumentException>("shape", () => writer.Add("b", [-1], new float[] { 1 }));
        Assert.Throws<ArgumentException>("shape", () => writer.Add("b", [long.MaxValue, 2], new float[] { 1 }));
    }

    [Fact]
    public void Missing_and_foreign_files_are_refused()
    {
        Assert.Throws<FileNotFoundException>(() => SafetensorsFile.Open(Target));
        File.WriteAllBytes(Target, []);
        Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(Target));
        File.WriteAllText(Target, "PK\u0003\u0004 this is a zip file, as checkpoints of torch are");
        Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(Target));
    }

    private static SafetensorsFile Parse(string header, int data)
    {
        var text = Encoding.UTF8.GetBytes(header);
        return SafetensorsFile.Parse((byte[])[.. BitConverter.GetBytes((long)text.Length), .. text, .. new byte[data]]);
    }
}
