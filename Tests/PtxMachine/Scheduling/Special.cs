namespace MinRnn.Tests.PtxMachine.Scheduling;

/// <summary>Special registers that never change while a thread runs: the first slots of each.</summary>
internal static class Special
{
    private const int ThreadX = 0;
    private const int GroupX = 6;
    private const int LaneIdSlot = 12;

    private static readonly string[] Names =
    [
        "%tid.x", "%tid.y", "%tid.z", "%ntid.x", "%ntid.y", "%ntid.z", "%ctaid.x", "%ctaid.y", "%ctaid.z", "%nctaid.x", "%nctaid.y",
        "%nctaid.z", "%laneid", "%warpid", "%nwarpid", "%lanemask_eq", "%lanemask_le", "%lanemask_lt", "%lanemask_ge", "%lanemask_gt",
        "%dynamic_smem_size", "%total_smem_size", "%smid", "%nsmid", "%gridid", "WARP_SZ",
    ];

    public static int Count => Names.Length;

    /// <summary>The slot of a name; -1 for others.</summary>
    public static int Find(string name) => Array.IndexOf(Names, name);

    public static void OfGroup(Span<ulong> slots, Block block)
    {
        var (launch, id) = (block.Launch, block.Id);
        Write(slots, ThreadX + 3, launch.BlockSize.X, launch.BlockSize.Y, launch.BlockSize.Z);
        Write(slots, GroupX, id.X, id.Y, id.Z, launch.GridSize.X, launch.GridSize.Y, launch.GridSize.Z);
        slots[14] = (ulong)block.Warps.Length;
        slots[20] = (ulong)launch.Options.DynamicSharedBytes;
        slots[21] = (ulong)block.SharedBytes;
        slots[22] = (ulong)(id.X % launch.Options.MaxResidentBlocks);
        slots[23] = (ulong)launch.Options.MaxResidentBlocks;
        slots[25] = 32;
    }

    public static void OfThread(Span<ulong> slots, Lane lane)
    {
        var size = lane.Block.Launch.BlockSize;
        Write(slots, ThreadX, lane.Index % size.X, lane.Index / size.X % size.Y, lane.Index / size.X / size.Y);
        Write(slots, LaneIdSlot, lane.LaneId, lane.Warp.Index);
        slots[15] = lane.Bit;
        slots[16] = lane.Bit | (lane.Bit - 1);
        slots[17] = lane.Bit - 1;
        slots[18] = ~(lane.Bit - 1);
        slots[19] = ~(lane.Bit | (lane.Bit - 1));
    }

    private static void Write(Span<ulong> slots, int first, params ReadOnlySpan<int> values)
    {
        for (var i = 0; i < values.Length; i++)
            slots[first + i] = (uint)values[i];
    }
}
