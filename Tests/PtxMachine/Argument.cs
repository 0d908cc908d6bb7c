using System.Runtime.InteropServices;

namespace MinRnn.Tests.PtxMachine;

/// <summary>Makes the bytes of parameters.</summary>
public static class Argument
{
    /// <summary>A number or a structure of numbers, as it lies in memory.</summary>
    public static byte[] Of<T>(T value)
        where T : unmanaged => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)).ToArray();

    /// <summary>ILGPU's one-dimensional view: an address and a number of elements.</summary>
    public static byte[] View(nint address, long length) => Of((Address: (long)address, Length: length));
}
