using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using MinRnn.Kernels;

namespace MinRnn.Safetensors;

/// <summary>
/// A safetensors file, open for reading: named tensors and a few strings. Of a file that is opened by its path, tensors are read when they
/// are asked for. Numbers are converted as they are read.
/// </summary>
/// <remarks>
/// The format: eight bytes with the length of a JSON header, the header, the tensors' bytes end to end. A header that is too
/// long, not valid, or does not fit the file is refused as a whole.
/// </remarks>
public sealed class SafetensorsFile : IDisposable
{
    private const int BytesAtOnce = 4096;

    private readonly Dictionary<string, TensorEntry> byName = new(StringComparer.Ordinal);
    private StoredBytes? bytes;

    private SafetensorsFile(string name, StoredBytes bytes)
    {
        (Name, this.bytes) = (name, bytes);
        if (bytes.Length < sizeof(ulong))
            throw new SafetensorsException($"{name}: {bytes.Length} bytes are too few for a safetensors file.");
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        bytes.CopyTo(0, length);
        var header = new byte[HeaderReader.Length(name, BinaryPrimitives.ReadUInt64LittleEndian(length), bytes.Length)];
        bytes.CopyTo(sizeof(ulong), header);
        (Tensors, Metadata) = HeaderReader.Read(name, header, bytes.Length);
        foreach (var tensor in Tensors)
            byName.Add(tensor.Name, tensor);
    }

    /// <summary>What messages call the file.</summary>
    public string Name { get; }

    /// <summary>The tensors, in the order of their bytes.</summary>
    public IReadOnlyList<TensorEntry> Tensors { get; }

    /// <summary>The strings that the file carries beside its tensors.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and reads its header.</summary>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    /// <exception cref="SafetensorsException">It is not a valid safetensors file.</exception>
    public static SafetensorsFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        var name = Path.GetFileName(path);
        try
        {
            return new SafetensorsFile(name, new BytesOnDisk(name, handle));
        }
        catch (Exception error)
        {
            handle.Dispose();
            if (error is NotSupportedException)
                throw new SafetensorsException($"{name} is no file that can be read at any place: open it as a stream.", error);
            throw;
        }
    }

    /// <summary>Reads a file's whole content, less than 2 GB, from a stream.</summary>
    /// <exception cref="SafetensorsException">It is not a valid safetensors file, or too long for a stream.</exception>
    public static SafetensorsFile Read(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var content = new MemoryStream();
        try
        {
            stream.CopyTo(content);
        }
        catch (Exception error) when (error is OutOfMemoryException || (error is IOException && content.Length > int.MaxValue / 2))
        {
            throw new SafetensorsException("The stream has 2 GB or more: open such a file by its path.", error);
        }

        return Parse(new ReadOnlyMemory<byte>(content.GetBuffer(), 0, (int)content.Length), "The stream");
    }

    /// <summary>Reads a file's content from memory, which must not change while the file is open.</summary>
    /// <param name="content">The bytes of the file.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="SafetensorsException">It is not a valid safetensors file.</exception>
    public static SafetensorsFile Parse(ReadOnlyMemory<byte> content, string name = "The content") => new(name, new BytesInMemory(content));

    /// <summary>The tensor of that name, or null.</summary>
    public TensorEntry? Find(string name) => byName.GetValueOrDefault(name);

    /// <summary>Reads elements of a tensor as 32-bit numbers; 64-bit ones are rounded, and refused where that gives an infinity.</summary>
    /// <param name="tensor">One of <see cref="Tensors"/>, of a floating-point type.</param>
    /// <param name="first">The first element.</param>
    /// <param name="values">Receives as many as fit.</param>
    /// <exception cref="ArgumentException">The tensor is not of a floating-point type, or has too few elements.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="SafetensorsException">The file has been shortened since it was opened, or holds a number beyond those of 32 bits.</exception>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public void Read(TensorEntry tensor, long first, Span<float> values)
    {
        var offset = OffsetOf(tensor, first, values.Length, out var element);
        switch (element)
        {
            case ElementType.Single:
                bytes.CopyTo(offset, MemoryMarshal.AsBytes(values));
                break;
            case ElementType.Double:
                Convert<double, float>(bytes, offset, values, value => Rounded(tensor, value));
                break;
            case ElementType.Half:
                Convert<Half, float>(bytes, offset, values, value => (float)value);
                break;
            default:
                Convert<ushort, float>(bytes, offset, values, bits => BitConverter.UInt32BitsToSingle((uint)bits << 16));
                break;
        }
    }

    /// <summary>Reads elements of a tensor as 64-bit numbers.</summary>
    /// <inheritdoc cref="Read(TensorEntry, long, Span{float})"/>
    public void Read(TensorEntry tensor, long first, Span<double> values)
    {
        var offset = OffsetOf(tensor, first, values.Length, out var element);
        switch (element)
        {
            case ElementType.Double:
                bytes.CopyTo(offset, MemoryMarshal.AsBytes(values));
                break;
            case ElementType.Single:
                Convert<float, double>(bytes, offset, values, value => value);
                break;
            case ElementType.Half:
                Convert<Half, double>(bytes, offset, values, value => (double)value);
                break;
            default:
                Convert<ushort, double>(bytes, offset, values, bits => BitConverter.UInt32BitsToSingle((uint)bits << 16));
                break;
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        bytes?.Dispose();
        bytes = null;
    }

    /// <summary>Where elements of a tensor begin.</summary>
    [MemberNotNull(nameof(bytes))]
    private long OffsetOf(TensorEntry tensor, long first, int count, out ElementType element)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ObjectDisposedException.ThrowIf(bytes is null, this);
        if (!ReferenceEquals(Find(tensor.Name), tensor))
            throw new ArgumentException($"{HeaderReader.Quote(tensor.Name)} is not a tensor of {Name}.", nameof(tensor));
        element = tensor.Element ?? throw new ArgumentException(
            $"{Name}: {HeaderReader.Quote(tensor.Name)} has type {tensor.Type}, wanted F32, F64, F16 or BF16.", nameof(tensor));
        if (first < 0 || first > tensor.Count - count)
        {
            throw new ArgumentException(
                $"{Name}: {count} elements from {first} of {HeaderReader.Quote(tensor.Name)}, which has {tensor.Count}.", nameof(first));
        }

        var size = ElementTypes.Bytes(element);

        // The format is little-endian, as every processor is that .NET vectorises for.
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Safetensors are read on little-endian processors only.");
        if ((long)count * size > int.MaxValue)
            throw new ArgumentException($"{Name}: {count} elements at a time are too many.", nameof(count));
        return tensor.Offset + (first * size);
    }

    private float Rounded(TensorEntry tensor, double value) => float.IsFinite((float)value) || !double.IsFinite(value)
        ? (float)value
        : throw new SafetensorsException(FormattableString.Invariant($"{Name}: {HeaderReader.Quote(tensor.Name)} holds {value}, which is beyond the numbers of 32 bits."));

    private static void Convert<TFrom, TTo>(StoredBytes source, long offset, Span<TTo> values, Func<TFrom, TTo> convert)
        where TFrom : unmanaged
    {
        Span<byte> piece = stackalloc byte[BytesAtOnce];
        var elements = MemoryMarshal.Cast<byte, TFrom>(piece);
        while (values.Length > 0)
        {
            var count = int.Min(elements.Length, values.Length);
            var size = count * (BytesAtOnce / elements.Length);
            source.CopyTo(offset, piece[..size]);
            for (var i = 0; i < count; i++)
                values[i] = convert(elements[i]);
            offset += size;
            values = values[count..];
        }
    }
}
