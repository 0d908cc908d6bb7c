using Microsoft.Win32.SafeHandles;

namespace MinRnn.Safetensors;

/// <summary>The bytes of a safetensors file, wherever they are kept.</summary>
/// <param name="length">How many there are, from the file's first.</param>
internal abstract class StoredBytes(long length) : IDisposable
{
    public long Length { get; } = length;

    /// <summary>Copies bytes out, as many as there is room for.</summary>
    /// <param name="offset">The first of them; all lie within the length.</param>
    /// <param name="bytes">Receives them.</param>
    public abstract void CopyTo(long offset, Span<byte> bytes);

    public abstract void Dispose();
}

/// <summary>Bytes in memory.</summary>
internal sealed class BytesInMemory(ReadOnlyMemory<byte> content) : StoredBytes(content.Length)
{
    public override void CopyTo(long offset, Span<byte> bytes) => content.Span.Slice((int)offset, bytes.Length).CopyTo(bytes);

    public override void Dispose()
    {
    }
}

/// <summary>
/// Bytes of an open file, read when they are asked for. Others may shorten the file meanwhile: a read tells, where memory that the file
/// is mapped into would end the process.
/// </summary>
internal sealed class BytesOnDisk(string name, SafeFileHandle handle) : StoredBytes(RandomAccess.GetLength(handle))
{
    public override void CopyTo(long offset, Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var read = RandomAccess.Read(handle, bytes, offset);
            if (read == 0)
                throw new SafetensorsException($"{name} was shortened while it was open: of {Length} bytes, those from {offset} on are gone.");
            offset += read;
            bytes = bytes[read..];
        }
    }

    public override void Dispose() => handle.Dispose();
}
