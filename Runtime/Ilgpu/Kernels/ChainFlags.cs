using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime.Cuda;

namespace MinRnn.Ilgpu.Kernels;

/// <summary>The flags by which groups of one launch tell each other what they have published.</summary>
internal static class ChainFlags
{
    private const int TransitionBit = 1, StateBit = 2;

    /// <summary>The flag of a tile that has published its transition.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Transition(int epoch) => (epoch << 2) | TransitionBit;

    /// <summary>The flag of a tile that has published the state after it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int State(int epoch) => (epoch << 2) | StateBit;

    /// <summary>Sets a flag after all that the warp's lanes wrote. The whole warp calls it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Publish(ArrayView<int> flags, long address, long slot, int flag)
    {
        MemoryFence.DeviceLevel();
        Warp.Barrier();
        if (Tiles.Lane != 0)
            return;
        if (CudaAsm.IsSupported)
            CudaAsm.Emit("st.release.gpu.global.b32 [%0], %1;", address + (slot * sizeof(int)), flag);
        else
            Atomic.Exchange(ref flags[slot], flag);
    }

    /// <summary>
    /// Waits until a state is published before a tile, with the transitions of all tiles between, and returns the nearest such
    /// tile. Each lane watches one tile. The whole warp calls it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long NearestState(ArrayView<int> flags, long address, long strip, long tile, int epoch, int lane)
    {
        // The first tile of a strip always publishes its state, so the search ends there at the latest.
        long nearest = 0;
        var isFound = false;
        while (!isFound)
        {
            var watched = tile - 1 - nearest - lane;
            var flag = 0;
            if (watched >= 0)
                flag = Read(flags, address, strip + watched);
            var isOfLaunch = watched >= 0 && (flag >> 2) == epoch;
            var state = Nearest(isOfLaunch && (flag & StateBit) != 0 ? lane : Tiles.Lanes);
            var missing = Nearest(watched >= 0 && !isOfLaunch ? lane : Tiles.Lanes);
            if (state < missing)
            {
                nearest += state;
                isFound = true;
            }
            else if (missing == Tiles.Lanes)
            {
                nearest += Tiles.Lanes;
            }
        }

        // What other lanes acquired, all may read.
        Warp.Barrier();
        MemoryFence.DeviceLevel();
        return tile - 1 - nearest;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Read(ArrayView<int> flags, long address, long slot)
    {
        if (!CudaAsm.IsSupported)
            return Atomic.Add(ref flags[slot], 0);
        CudaAsm.Emit("ld.acquire.gpu.global.b32 %0, [%1];", out int flag, address + (slot * sizeof(int)));
        return flag;
    }

    /// <summary>The smallest of the lanes' values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Nearest(int value)
    {
        value = IntrinsicMath.Min(value, Warp.ShuffleXor(value, 16));
        value = IntrinsicMath.Min(value, Warp.ShuffleXor(value, 8));
        value = IntrinsicMath.Min(value, Warp.ShuffleXor(value, 4));
        value = IntrinsicMath.Min(value, Warp.ShuffleXor(value, 2));
        return IntrinsicMath.Min(value, Warp.ShuffleXor(value, 1));
    }
}
