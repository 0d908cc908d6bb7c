using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime.Cuda;

namespace MinRnn.Ilgpu.Kernels;

/// <summary>Where the rows that a streaming scan reads lie, for threads that ask for them ahead of time.</summary>
[SuppressMessage("Design", "CA1051", Justification = "A kernel's parameter is a plain structure.")]
[SuppressMessage("Performance", "CA1815", Justification = "Never compared.")]
public struct PrefetchSources
{
    /// <summary>The addresses of the views of these names.</summary>
    public long Preactivations, Input, Output, States, OutputGradient;

    /// <summary>How many rounds ahead a thread asks; 0 where the addresses are not known.</summary>
    public long Rounds;
}

/// <summary>Brings lines of memory into the cache that a device's multiprocessors share, before anybody waits for them.</summary>
public static class Prefetch
{
    /// <summary>Rounds ahead, measured on an H200: with four, lines are gone before they are read.</summary>
    internal const int Rounds = 2;

    /// <summary>
    /// Whether it pays: what a warp reads of a row is then half a line, and the loads under way do not keep the memory busy. With four
    /// bytes an element they do, and asking ahead takes longer (on an H200 0.87 of a copy's rate instead of 0.92).
    /// </summary>
    /// <typeparam name="T">An element.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Pays<T>()
        where T : unmanaged => CudaAsm.IsSupported && Interop.SizeOf<T>() == 2;

    /// <summary>The address of an element.</summary>
    /// <typeparam name="T">An element.</typeparam>
    /// <param name="view">The address of its view.</param>
    /// <param name="index">The element.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long AddressOf<T>(long view, long index)
        where T : unmanaged => view + (index * Interop.SizeOf<T>());

    /// <summary>Asks for the line at an address; for none at 0. There is no branch: one would stand between the steps of a round.</summary>
    /// <typeparam name="T">An element.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Line<T>(long address)
        where T : unmanaged
    {
        if (Pays<T>())
            CudaAsm.Emit("{ .reg .pred isThere; setp.ne.u64 isThere, %0, 0; @isThere prefetch.global.L2 [%0]; }", address);
    }
}
