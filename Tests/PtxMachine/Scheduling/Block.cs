using System.Runtime.InteropServices;
using MinRnn.Tests.PtxMachine.Memory;
using MinRnn.Tests.PtxMachine.Operations;

namespace MinRnn.Tests.PtxMachine.Scheduling;

/// <summary>A group that is on the device: its threads, its shared memory and its barriers.</summary>
internal sealed unsafe class Block : IDisposable
{
    private const int Alignment = 256;

    private readonly Lane[] lanes;
    private readonly byte* memory;
    private readonly ulong* registers;
    private readonly byte* local;
    private readonly int localBytes;

    public Block(Launch launch)
    {
        Launch = launch;
        var program = launch.Program;
        var threads = (int)launch.BlockSize.Total;
        SharedBytes = program.SharedBytes + launch.Options.DynamicSharedBytes;
        localBytes = Round(program.LocalBytes);
        var registerBytes = Round(threads * program.Template.Length * sizeof(ulong));
        var bytes = registerBytes + Round(SharedBytes) + ((long)localBytes * threads);
        memory = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 1), Alignment);
        registers = (ulong*)memory;
        Shared = memory + registerBytes;
        local = Shared + Round(SharedBytes);
        Warps = [.. Enumerable.Range(0, (threads + 31) / 32).Select(index => new Warp(index))];
        lanes = new Lane[threads];
        for (var i = 0; i < threads; i++)
        {
            var warp = Warps[i >> 5];
            lanes[i] = new Lane(this, warp, i)
            {
                Registers = registers + ((long)i * program.Template.Length),
                Local = local + ((long)i * localBytes),
                LocalBytes = program.LocalBytes,
            };
            warp.Lanes[i & 31] = lanes[i];
        }
    }

    public Launch Launch { get; }

    public Warp[] Warps { get; }

    public Barrier[] Barriers { get; } = [.. Enumerable.Range(0, 16).Select(_ => new Barrier())];

    public byte* Shared { get; }

    public int SharedBytes { get; }

    /// <summary>Index along x, y and z.</summary>
    public (int X, int Y, int Z) Id { get; private set; }

    /// <summary>Threads that have not exited.</summary>
    public int Alive { get; private set; }

    /// <summary>Stores that others do not see yet; null where memory is strong.</summary>
    public StoreBuffer? Buffer { get; private set; }

    /// <summary>Turns that an adversarial schedule still withholds.</summary>
    public int Delay { get; set; }

    public IEnumerable<Lane> Lanes => lanes;

    public bool IsReady
    {
        get
        {
            foreach (var warp in Warps)
            {
                if (warp.Ready != 0)
                    return true;
            }

            return false;
        }
    }

    /// <summary>Becomes a group of the grid.</summary>
    public void Start(int index)
    {
        var grid = Launch.GridSize;
        Id = (index % grid.X, index / grid.X % grid.Y, index / grid.X / grid.Y);
        Alive = lanes.Length;
        Delay = 0;
        Buffer = Launch.Weak?.Open(index);

        // What nobody has written is not zero: ones are NaN, and -1.
        new Span<byte>(Shared, SharedBytes).Fill(255);
        new Span<byte>(local, localBytes * lanes.Length).Fill(255);
        foreach (var barrier in Barriers)
            barrier.Clear();
        foreach (var warp in Warps)
        {
            var count = Math.Min(32, lanes.Length - (warp.Index * 32));
            warp.Alive = warp.Ready = uint.MaxValue >> (32 - count);
        }

        var template = Launch.Program.Template;
        Span<ulong> shared = stackalloc ulong[Special.Count];
        Special.OfGroup(shared, this);
        foreach (var lane in lanes)
        {
            var slots = new Span<ulong>(lane.Registers, template.Length);
            template.CopyTo(slots);
            shared.CopyTo(slots);
            Special.OfThread(slots, lane);
            lane.Position = 0;
            lane.State = LaneState.Ready;
            lane.WaitsAt = null;
        }
    }

    /// <summary>A thread has ended, which those that wait for it must learn of.</summary>
    public void Exit(Lane lane)
    {
        lane.State = LaneState.Exited;
        lane.Warp.Ready &= ~lane.Bit;
        lane.Warp.Alive &= ~lane.Bit;
        Alive--;
        foreach (var other in lane.Warp.Lanes)
        {
            if (other is { State: LaneState.AtWarp })
                ((WarpOp)other.WaitsAt!).TryComplete(other);
        }

        foreach (var barrier in Barriers)
            barrier.TryRelease(this);
    }

    public void Dispose() => NativeMemory.AlignedFree(memory);

    private static int Round(int bytes) => (bytes + Alignment - 1) / Alignment * Alignment;
}
