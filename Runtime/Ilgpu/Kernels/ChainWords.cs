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

    /// <summary>Publishes a lane's value, from the words that the lane has just written to memory of its own.</summary>
    /// <param name="work">What the groups tell each other.</param>
    /// <param name="slot">The tile, counted over all strips.</param>
    /// <param name="first">The first of the tile's words.</param>
    /// <param name="values">The words of all lanes.</param>
    /// <param name="count">Words of a lane.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Publish<TTransition, TState, TReal>(
        ChunkWork<ArrayView<TReal>> work, long slot, int first, ArrayView<int> values, int count)
        where TTransition : unmanaged
        where TState : unmanaged
        where TReal : unmanaged
    {
        var at = At(slot, Of<TTransition>() + Of<TState>(), Tiles.Lane);
        for (var word = 0; word < count; word++)
        {
            Write(
                work.Published.Cast<long>(), work.PublishedAddress, at + ((first + word) * Tiles.Lanes), values[(Tiles.Lane * count) + word], work.Epoch);
        }
    }

    /// <summary>Takes a number from a counter.</summary>
    /// <param name="counter">The counter.</param>
    /// <param name="address">Its address.</param>
    /// <returns>A number of 31 bits.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Take(ArrayView<int> counter, long address)
    {
        if (!CudaAsm.IsSupported)
            return Atomic.Add(ref counter[0], 1) & int.MaxValue;

        // The driver's compiler would gather an addition over the warp, and wait for the number then and there.
        CudaAsm.Emit("atom.relaxed.gpu.global.inc.u32 %0, [%1], 0x7FFFFFFF;", out int number, address);
        return number;
    }

    /// <summary>Whether a word is of a launch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsOf(long word, int epoch) => (int)(word >> Upper) == epoch;

    /// <summary>A word's value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ValueOf(long word) => (int)word;
}
