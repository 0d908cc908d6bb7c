using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime.Cuda;

namespace MinRnn.Ilgpu.Kernels;

/// <summary>
/// The words by which groups of one launch tell each other transitions and states: 32 bits of a number, and above them the number of
/// the launch. A word is read and written at once, so that whoever finds the launch's number in it has the value with it: nothing
/// needs an order, no fence waits, and words of earlier launches need no clearing.
/// </summary>
internal static class ChainWords
{
    private const int Upper = 32;
    private const long Lower = 0xFFFFFFFF;

    /// <summary>Words of a value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Of<T>()
        where T : unmanaged => Interop.SizeOf<T>() / sizeof(int);

    /// <summary>The first of a lane's words of a tile, of which a warp's lanes lie side by side.</summary>
    /// <param name="slot">The tile, counted over all strips.</param>
    /// <param name="words">Words of a lane.</param>
    /// <param name="lane">The lane.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long At(long slot, int words, int lane) => (slot * words * Tiles.Lanes) + lane;

    /// <summary>Writes a word.</summary>
    /// <param name="words">All words.</param>
    /// <param name="address">Their address.</param>
    /// <param name="at">The word.</param>
    /// <param name="value">The value.</param>
    /// <param name="epoch">The launch's number.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ArrayView<long> words, long address, long at, int value, int epoch)
    {
        var word = ((long)epoch << Upper) | (value & Lower);
        if (CudaAsm.IsSupported)
            CudaAsm.Emit("st.relaxed.gpu.global.b64 [%0], %1;", address + (at * sizeof(long)), word);
        else
            Atomic.Exchange(ref words[at], word);
    }

    /// <summary>Reads a word.</summary>
    /// <inheritdoc cref="Write"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Read(ArrayView<long> words, long address, long at)
    {
        if (!CudaAsm.IsSupported)
            return Atomic.Add(ref words[at], 0);
        CudaAsm.Emit("ld.relaxed.gpu.global.b64 %0, [%1];", out long word, address + (at * sizeof(long)));
        return word;
    }

    /// <summary>Whether a word is of a launch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsOf(long word, int epoch) => (int)(word >> Upper) == epoch;

    /// <summary>A word's value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ValueOf(long word) => (int)word;
}
