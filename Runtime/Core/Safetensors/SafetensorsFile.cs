using System.Buffers;
using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using MinRnn.Kernels;

namespace MinRnn.Safetensors;

/// <summary>
/// A safetensors file, open for reading: named tensors and a few strings. Numbers are converted as they are read; nothing else is
/// copied out of a file that is opened by its path, which is mapped into memory.
/// </summary>
/// <remarks>
/// The format: eight bytes with the length of a JSON header, the header, the tensors' bytes end to end. A header that is too
/// long, not valid, or does not fit the file is refused as a whole. The file must not be shortened by others while it is open.
/// </remarks>
public sealed unsafe class SafetensorsFile : IDisposable
{
    private readonly Dictionary<string, TensorEntry> byName = new(StringComparer.Ordinal);
    private readonly IDisposable[] owners;
    private byte* start;

    private SafetensorsFile(string name, byte* start, long length, params IDisposable[] owners)
    {
        Name = name;
        this.start = start;
        this.owners = owners;
        if (length < sizeof(ulong))
            throw new SafetensorsException($"{name}: {length} bytes are too few for a safetensors file.");
        var header = HeaderReader.Length(name, BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(start, sizeof(ulong))), length);
        (Tensors, Metadata) = HeaderReader.Read(name, new ReadOnlySpan<byte>(start + sizeof(ulong), header), length);
        foreach (var tensor in Tensors)
            byName.Add(tensor.Name, tensor);
    }

    /// <summary>What messages call the file.</summary>
    public string Name { get; }

    /// <summary>The tensors, in the order of their bytes.</summary>
    public IReadOnlyList<TensorEntry> Tensors { get; }

    /// <summary>The strings that the file carries beside its tensors.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Maps a file into memory.</summary>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    /// <exception cref="SafetensorsException">It is not a valid safetensors file.</exception>
    public static SafetensorsFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        var name = Path.GetFileName(path);

        // An empty file cannot be mapped.
        if (!stream.CanSeek || stream.Length < sizeof(ulong))
            throw new SafetensorsException($"{name}: {(stream.CanSeek ? stream.Length : 0)} bytes are too few for a safetensors file.");
        var mapping = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        MappedView? view = null;
        try
        {
            var length = stream.Length;
            view = new MappedView(mapping, length);
            return new SafetensorsFile(name, view.Start, length, view, mapping);
        }
        catch
        {
            view?.Dispose();
            mapping.Dispose();
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
    public static SafetensorsFile Parse(ReadOnlyMemory<byte> content, string name = "The content")
    {
        var pinned = content.Pin();
        try
        {
            return new SafetensorsFile(name, (byte*)pinned.Pointer, content.Length, new Pinned(pinned));
        }
        catch
        {
            pinned.Dispose();
            throw;
        }
    }

    /// <summary>The tensor of that name, or null.</summary>
    public TensorEntry? Find(string name) => byName.GetValueOrDefault(name);

    /// <summary>Reads elements of a tensor as 32-bit numbers; 64-bit ones are rounded.</summary>
    /// <param name="tensor">One of <see cref="Tensors"/>, of a floating-point type.</param>
    /// <param name="first">The first element.</param>
    /// <param name="values">Receives as many as fit.</param>
    /// <exception cref="ArgumentException">The tensor is not of a floating-point type, or has too few elements.</exception>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public void Read(TensorEntry tensor, long first, Span<float> values)
    {
        var source = Elements(tensor, first, values.Length, out var element);
        switch (element)
        {
            case ElementType.Single:
                source.CopyTo(MemoryMarshal.AsBytes(values));
                break;
            case ElementType.Double:
                Convert<double, float>(source, values, value => (float)value);
                break;
            case ElementType.Half:
                Convert<Half, float>(source, values, value => (float)value);
                break;
            default:
                Convert<ushort, float>(source, values, bits => BitConverter.UInt32BitsToSingle((uint)bits << 16));
                break;
        }
    }

    /// <summary>Reads elements of a tensor as 64-bit numbers.</summary>
    /// <inheritdoc cref="Read(TensorEntry, long, Span{float})"/>
    public void Read(TensorEntry tensor, long first, Span<double> values)
    {
        var source = Elements(tensor, first, values.Length, out var element);
        switch (element)
        {
            case ElementType.Double:
                source.CopyTo(MemoryMarshal.AsBytes(values));
                break;
            case ElementType.Single:
                Convert<float, double>(source, values, value => value);
                break;
            case ElementType.Half:
                Convert<Half, double>(source, values, value => (double)value);
                break;
            default:
                Convert<ushort, double>(source, values, bits => BitConverter.UInt32BitsToSingle((uint)bits << 16));
                break;
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        if (start is null)
            return;
        start = null;
        foreach (var owner in owners)
            owner.Dispose();
    }

    private ReadOnlySpan<byte> Elements(TensorEntry tensor, long first, int count, out ElementType element)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ObjectDisposedException.ThrowIf(start is null, this);
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
        return new ReadOnlySpan<byte>(start + tensor.Offset + (first * size), count * size);
    }

    private static void Convert<TFrom, TTo>(ReadOnlySpan<byte> source, Span<TTo> values, Func<TFrom, TTo> convert)
        where TFrom : unmanaged
    {
        var elements = MemoryMarshal.Cast<byte, TFrom>(source);
        for (var i = 0; i < values.Length; i++)
            values[i] = convert(elements[i]);
    }

    private sealed class MappedView : IDisposable
    {
        private readonly MemoryMappedViewAccessor view;

        public MappedView(MemoryMappedFile mapping, long length)
        {
            view = mapping.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
            byte* pointer = null;
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
            Start = pointer + view.PointerOffset;
        }

        public byte* Start { get; }

        public void Dispose()
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
            view.Dispose();
        }
    }

    private sealed class Pinned(MemoryHandle handle) : IDisposable
    {
        private MemoryHandle handle = handle;

        public void Dispose() => handle.Dispose();
    }
}
