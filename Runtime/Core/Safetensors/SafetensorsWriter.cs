using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using MinRnn.Kernels;

namespace MinRnn.Safetensors;

/// <summary>Gives bytes of a tensor, little-endian, from <paramref name="first"/> on.</summary>
/// <param name="first">The first byte.</param>
/// <param name="bytes">Receives as many as fit.</param>
public delegate void TensorBytes(long first, Span<byte> bytes);

/// <summary>Collects tensors and strings, and writes them as a safetensors file.</summary>
public sealed class SafetensorsWriter
{
    private const int Alignment = 8;
    private const int ChunkBytes = 1 << 20;

    private readonly List<Part> parts = [];
    private readonly SortedDictionary<string, string> metadata = new(StringComparer.Ordinal);

    /// <summary>Strings to write beside the tensors.</summary>
    public IDictionary<string, string> Metadata => metadata;

    /// <summary>Adds a tensor of 32-bit numbers.</summary>
    /// <param name="name">Its name, unlike all others'.</param>
    /// <param name="shape">Its sizes; empty for a scalar.</param>
    /// <param name="values">The elements, last dimension innermost; they must not change before the file is written.</param>
    /// <exception cref="ArgumentException">The name is taken, or the shape does not have as many elements.</exception>
    public SafetensorsWriter Add(string name, IReadOnlyList<long> shape, ReadOnlyMemory<float> values)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (Bytes(ElementType.Single, shape) != (long)values.Length * sizeof(float))
            throw new ArgumentException($"{values.Length} values for the shape {TensorEntry.Print(shape)} of '{name}'.", nameof(values));
        return Add(name, ElementType.Single, shape, (first, bytes) =>
            MemoryMarshal.AsBytes(values.Span).Slice((int)first, bytes.Length).CopyTo(bytes));
    }

    /// <summary>Adds a tensor whose bytes are asked for piece by piece, in order, when the file is written.</summary>
    /// <param name="name">Its name, unlike all others'.</param>
    /// <param name="element">The type of its elements.</param>
    /// <param name="shape">Its sizes; empty for a scalar.</param>
    /// <param name="bytes">Its bytes.</param>
    /// <exception cref="ArgumentException">The name is taken or no text, a size is below 0 or too large, or there are too many.</exception>
    public SafetensorsWriter Add(string name, ElementType element, IReadOnlyList<long> shape, TensorBytes bytes)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(bytes);
        if (name == HeaderReader.MetadataName || parts.Any(part => part.Name == name))
            throw new ArgumentException($"The name '{name}' is taken.", nameof(name));
        if (!IsText(name))
            throw new ArgumentException($"The name {HeaderReader.Quote(name)} has half a surrogate pair: it is no text.", nameof(name));
        if (shape.Count > HeaderReader.MaxRank)
            throw new ArgumentException($"The shape of '{name}' has {shape.Count} sizes, {HeaderReader.MaxRank} at most are read.", nameof(shape));
        parts.Add(new Part(name, element, [.. shape], Bytes(element, shape), bytes));
        return this;
    }

    /// <summary>
    /// Writes the file as a whole: under a temporary name in the same folder, to the disk, then renamed. A crash on the way leaves an
    /// older file of that name as it was.
    /// </summary>
    /// <exception cref="InvalidOperationException">The metadata hold a null or what is no text, or are too long to be read again.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the file may not be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        AtomicFile.Write(path, Write);
    }

    /// <summary>Writes the file's content to a stream.</summary>
    /// <exception cref="InvalidOperationException">The metadata hold a null or what is no text, or are too long to be read again.</exception>
    public void Write(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);

        // The widest elements first: with a header of whole words, every tensor is aligned.
        var ordered = parts.OrderByDescending(part => ElementTypes.Bytes(part.Element)).ToList();
        var header = Header(ordered);
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        var chunk = new byte[ChunkBytes];
        foreach (var part in ordered)
        {
            for (long first = 0; first < part.Length; first += ChunkBytes)
            {
                var bytes = chunk.AsSpan(0, (int)long.Min(ChunkBytes, part.Length - first));
                part.Bytes(first, bytes);
                stream.Write(bytes);
            }
        }
    }

    private byte[] Header(List<Part> ordered)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
            {
                json.WriteStartObject(HeaderReader.MetadataName);
                foreach (var (key, value) in metadata)
                {
                    if (value is null || !IsText(key) || !IsText(value))
                        throw new InvalidOperationException($"The metadata's {HeaderReader.Quote(key)} {(value is null ? "is null" : "has half a surrogate pair")}, wanted a text.");
                    json.WriteString(key, value);
                }

                json.WriteEndObject();
            }

            long offset = 0;
            foreach (var part in ordered)
            {
                json.WriteStartObject(part.Name);
                json.WriteString("dtype", ElementTypes.Name(part.Element));
                WriteNumbers(json, "shape", part.Shape);
                WriteNumbers(json, "data_offsets", [offset, offset + part.Length]);
                json.WriteEndObject();
                offset += part.Length;
            }

            json.WriteEndObject();
        }

        var padding = (Alignment - (buffer.WrittenCount % Alignment)) % Alignment;
        buffer.GetSpan(padding)[..padding].Fill((byte)' ');
        buffer.Advance(padding);
        if (buffer.WrittenCount > HeaderReader.MaxLength)
            throw new InvalidOperationException($"Names and metadata have {buffer.WrittenCount} bytes as a header, {HeaderReader.MaxLength} at most are read.");
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Whether every surrogate has its other half: what is no text would be read as another string.</summary>
    private static bool IsText(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (!char.IsSurrogate(value[i]))
                continue;
            if (!Rune.TryGetRuneAt(value, i, out _))
                return false;
            i++;
        }

        return true;
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, ReadOnlySpan<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    private static long Bytes(ElementType element, IReadOnlyList<long> shape)
    {
        if (shape.Any(size => size < 0))
            throw new ArgumentException($"The shape {TensorEntry.Print(shape)} has a size below 0.", nameof(shape));
        try
        {
            return shape.Aggregate((long)ElementTypes.Bytes(element), (product, size) => checked(product * size));
        }
        catch (OverflowException)
        {
            throw new ArgumentException($"The shape {TensorEntry.Print(shape)} has more bytes than 64 bits can count.", nameof(shape));
        }
    }

    private sealed record Part(string Name, ElementType Element, long[] Shape, long Length, TensorBytes Bytes);
}
