using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using MinRnn.Kernels;
using MinRnn.Safetensors;

namespace MinRnn.Tests.Common;

/// <summary>Makes safetensors files that are damaged or mean ill: valid ones with changes, and headers made up from hostile words.</summary>
/// <param name="seed">Decides the files.</param>
/// <param name="originals">Valid files to change; small ones of every kind if there are none.</param>
internal sealed class HostileFiles(int seed, params byte[][] originals)
{
    private static readonly string[] Words =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\ud800", "\\u0061", "null", "true", "0", "-1", "1e2", "4.0", "1", "7", "8",
        "4294967296", "9223372036854775807", "9223372036854775808", "18446744073709551615", "99999999999999999999",
        "\"a\"", "\"b\"", "\"dtype\"", "\"shape\"", "\"data_offsets\"", "\"__metadata__\"", "\"F32\"", "\"BF16\"", "\"F4\"", "\"I64\"", "\"X\"",
        "[0,4]", "[0,0]", "[4,0]", "[2,2]", "[9223372036854775807,2]", "[0,9223372036854775807]", " ", "\n", "\0", "\u00e9", "/*", "//",
        "[[[[[[[[", "{\"a\":{\"a\":{\"a\":{\"a\":",
        "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}",
    ];

    private readonly Random random = new(seed);
    private readonly byte[][] valid = originals.Length > 0 ? originals : [Small(), Mixed(), Empty()];

    /// <summary>The next file.</summary>
    public byte[] Next() => random.Next(4) == 0 ? Invented() : Mutated(valid[random.Next(valid.Length)]);

    private static byte[] Small() => Write(new SafetensorsWriter().Add("a", [2, 2], new float[] { 1, 2, 3, 4 }));

    private static byte[] Empty() => Write(new SafetensorsWriter());

    private static byte[] Mixed()
    {
        var writer = new SafetensorsWriter { Metadata = { ["format"] = "pt", ["note"] = "größe \"\\" } };
        writer.Add("layer.weight", [3, 2], new float[] { 1, 2, 3, 4, 5, 6 }).Add("scalar", [], new float[] { 7 }).Add("none", [0, 5], Array.Empty<float>());
        foreach (var element in new[] { ElementType.Double, ElementType.Half, ElementType.BFloat16 })
            writer.Add($"of {element}", element, [2, 3], (_, bytes) => bytes.Fill(0x3c));
        return Write(writer);
    }

    private static byte[] Write(SafetensorsWriter writer)
    {
        using var stream = new MemoryStream();
        writer.Write(stream);
        return stream.ToArray();
    }

    /// <summary>Words in a row, under a length that mostly is theirs.</summary>
    private byte[] Invented()
    {
        var header = new StringBuilder("{");
        for (var words = random.Next(40); words > 0; words--)
            header.Append(Words[random.Next(Words.Length)]);
        header.Append(random.Next(2) == 0 ? "}" : "");
        var text = Encoding.UTF8.GetBytes(header.ToString());
        var file = new byte[sizeof(ulong) + text.Length + random.Next(16)];
        BinaryPrimitives.WriteUInt64LittleEndian(file, random.Next(8) == 0 ? Number() : (ulong)text.Length);
        text.CopyTo(file, sizeof(ulong));
        return file;
    }

    private byte[] Mutated(byte[] original)
    {
        var file = new List<byte>(original);
        for (var changes = 1 + random.Next(4); changes > 0; changes--)
            Change(file);

        // Half of them keep a true length, so that what is behind it is reached.
        if (file.Count >= sizeof(ulong) && original.Length > sizeof(ulong) && random.Next(2) == 0)
        {
            var data = original.Length - sizeof(ulong) - (int)BinaryPrimitives.ReadUInt64LittleEndian(original);
            Span<byte> length = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)int.Max(0, file.Count - sizeof(ulong) - data));
            for (var i = 0; i < length.Length; i++)
                file[i] = length[i];
        }

        return [.. file];
    }

    private void Change(List<byte> file)
    {
        var place = random.Next(file.Count + 1);
        var count = int.Min(random.Next(12), file.Count - place);
        switch (random.Next(8))
        {
            case 0 when place < file.Count:
                file[place] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when place < file.Count:
                file[place] = (byte)random.Next(256);
                break;
            case 2:
                file.RemoveRange(place, count);
                break;
            case 3:
                file.InsertRange(random.Next(file.Count + 1), file.GetRange(place, count));
                break;
            case 4:
                file.RemoveRange(place, file.Count - place);
                break;
            case 5 when file.Count >= sizeof(ulong):
                Span<byte> length = stackalloc byte[sizeof(ulong)];
                BinaryPrimitives.WriteUInt64LittleEndian(length, Number());
                for (var i = 0; i < length.Length; i++)
                    file[i] = length[i];
                break;
            case 6:
                ReplaceNumber(file);
                break;
            default:
                file.InsertRange(place, Encoding.UTF8.GetBytes(Words[random.Next(Words.Length)]));
                break;
        }
    }

    private void ReplaceNumber(List<byte> file)
    {
        var start = file.FindIndex(int.Min(file.Count, 8 + random.Next(file.Count + 1)), value => char.IsAsciiDigit((char)value));
        if (start < 0)
            return;
        var end = start;
        while (end < file.Count && char.IsAsciiDigit((char)file[end]))
            end++;
        file.RemoveRange(start, end - start);
        file.InsertRange(start, Encoding.ASCII.GetBytes(Number().ToString(CultureInfo.InvariantCulture)));
    }

    private ulong Number() => random.Next(6) switch
    {
        0 => (ulong)random.Next(32),
        1 => ulong.MaxValue - (ulong)random.Next(16),
        2 => (ulong)long.MaxValue - (ulong)random.Next(16),
        3 => (1UL << 32) + (ulong)random.Next(16),
        4 => 1UL << random.Next(64),
        _ => (ulong)random.NextInt64(),
    };
}
