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

    private readonly long bytes;

    /// <summary>Allocates elements, zeros unless the caller will write them all.</summary>
    /// <exception cref="OutOfMemoryException">There is not that much memory.</exception>
    public NativeBuffer(long count, bool isZero = true)
    {
        bytes = checked(long.Max(count, 1) * sizeof(T));
        Start = (T*)NativeMemory.AlignedAlloc((nuint)bytes, Alignment);
        if (isZero)
            NativeMemory.Clear(Start, (nuint)bytes);

        // The garbage collector would not know that there is anything to gain.
        GC.AddMemoryPressure(bytes);
    }

    /// <summary>Frees the memory.</summary>
    ~NativeBuffer()
    {
        if (Start is null)
            return;
        NativeMemory.AlignedFree(Start);
        GC.RemoveMemoryPressure(bytes);
    }

    /// <summary>The first element.</summary>
    public T* Start { get; }
}
