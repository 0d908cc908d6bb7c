using MinRnn.Tests.PtxMachine.Memory;
using MinRnn.Tests.PtxMachine.Operations;

namespace MinRnn.Tests.PtxMachine.Scheduling;

internal enum LaneState
{
    Ready,
    AtBarrier,
    AtWarp,
    Exited,
}

/// <summary>A thread.</summary>
internal sealed unsafe class Lane(Block block, Warp warp, int index)
{
    public readonly Block Block = block;
    public readonly Warp Warp = warp;
    public readonly int Index = index;
    public readonly int LaneId = index & 31;
    public readonly DeviceMemory Memory = block.Launch.Memory;
    public readonly LaunchStatistics Statistics = block.Launch.Statistics;

    /// <summary>Slots of operands.</summary>
    public ulong* Registers;
    public byte* Local;
    public int LocalBytes;

    /// <summary>The place of the next operation, or of the one that is executed.</summary>
    public int Position;
    public LaneState State;

    /// <summary>What the thread waits at, and what it brings there.</summary>
    public Op? WaitsAt;
    public uint WarpMask;
    public uint Value;
    public int Selector;

    public uint Bit => 1u << LaneId;

    /// <summary>Waits for others.</summary>
    public void Wait(LaneState state, Op op)
    {
        State = state;
        WaitsAt = op;
        Warp.Ready &= ~Bit;
    }

    /// <summary>Goes on behind the operation that it waits at.</summary>
    public void Release()
    {
        State = LaneState.Ready;
        WaitsAt = null;
        Warp.Ready |= Bit;
        Position++;
    }

    public PtxFaultException Fault(string message) => new($"{message}\n{Describe()}");

    public string Describe()
    {
        var launch = Block.Launch;
        var size = launch.BlockSize;
        var source = launch.Program.Source[Math.Min(Position, launch.Program.Source.Length - 1)];
        var (x, y, z) = (Index % size.X, Index / size.X % size.Y, Index / size.X / size.Y);
        return $"Kernel {launch.Program.Name}, group {Block.Id}, thread ({x}, {y}, {z}), line {source.Line}: {source.Text}";
    }
}

/// <summary>Up to 32 threads that exchange values.</summary>
internal sealed class Warp(int index)
{
    public readonly int Index = index;
    public readonly Lane?[] Lanes = new Lane?[32];

    /// <summary>Threads that have not exited, by bits.</summary>
    public uint Alive;

    /// <summary>Threads that can continue, by bits.</summary>
    public uint Ready;
}
