using System.Runtime.InteropServices;

namespace MinRnn.Inference;

/// <summary>
/// Elements in native memory, at a multiple of the widest vector, freed when nothing refers to this object any more. Whoever uses the
/// address keeps the object alive meanwhile.
/// </summary>
internal sealed unsafe class NativeBuffer<T>
    where T : unmanaged
{
    private const nuint Alignment = 64;

    /// <summary>Allocates elements, zeros unless the caller will write them all.</summary>
    /// <exception cref="OutOfMemoryException">There is not that much memory.</exception>
    public NativeBuffer(long count, bool isZero = true)
    {
        var bytes = checked((nuint)long.Max(count, 1) * (nuint)sizeof(T));
        Start = (T*)NativeMemory.AlignedAlloc(bytes, Alignment);
        if (isZero)
            NativeMemory.Clear(Start, bytes);
    }

    /// <summary>Frees the memory.</summary>
    ~NativeBuffer() => NativeMemory.AlignedFree(Start);

    /// <summary>The first element.</summary>
    public T* Start { get; }
}
