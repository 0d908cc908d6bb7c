using System.Numerics;
using MinRnn.Tests.PtxMachine.Scheduling;

namespace MinRnn.Tests.PtxMachine.Operations;

/// <summary>
/// An operation that the threads named by a mask take part in. They wait for each other; those that have exited, or that the
/// group never had, are not waited for.
/// </summary>
internal abstract unsafe class WarpOp(int mask) : Op
{
    /// <summary>Whether all threads must stand at this very instruction.</summary>
    protected virtual bool IsOneInstruction => true;

    public override Flow Execute(Lane lane)
    {
        var named = (uint)lane.Registers[mask];
        if ((named & lane.Bit) == 0)
            throw lane.Fault($"Mask 0x{named:x8} does not name the thread itself.");
        lane.WarpMask = named;
        Bring(lane);
        lane.Wait(LaneState.AtWarp, this);
        TryComplete(lane);
        return lane.State == LaneState.Ready ? Flow.Jump : Flow.Wait;
    }

    /// <summary>Completes the operation that a thread waits at if all others are there.</summary>
    public void TryComplete(Lane lane)
    {
        var lanes = lane.Warp.Lanes;
        var present = lane.WarpMask & lane.Warp.Alive;
        for (var rest = present; rest != 0; rest &= rest - 1)
        {
            var other = lanes[BitOperations.TrailingZeroCount(rest)]!;
            if (other.State != LaneState.AtWarp)
                return;
            var isSame = IsOneInstruction ? other.WaitsAt == this : other.WaitsAt!.GetType() == GetType();
            if (!isSame || other.WarpMask != lane.WarpMask)
                throw lane.Fault($"A warp meets in different operations or under different masks. The other: {other.Describe()}");
        }

        Complete(lanes, present);
        for (var rest = present; rest != 0; rest &= rest - 1)
            lanes[BitOperations.TrailingZeroCount(rest)]!.Release();
    }

    protected virtual void Bring(Lane lane)
    {
    }

    protected virtual void Complete(Lane?[] lanes, uint present)
    {
    }
}

internal sealed class WarpBarrier(int mask) : WarpOp(mask)
{
    protected override bool IsOneInstruction => false;
}

internal enum ShuffleMode
{
    Up,
    Down,
    Butterfly,
    Index,
}

internal sealed unsafe class Shuffle(ShuffleMode mode, int d, int predicate, int a, int b, int c, int mask) : WarpOp(mask)
{
    protected override void Bring(Lane lane)
    {
        lane.Value = (uint)lane.Registers[a];
        lane.Selector = Source(lane.LaneId, (int)lane.Registers[b] & 31, (uint)lane.Registers[c], out var isWithin);
        if (predicate >= 0)
            lane.Registers[predicate] = isWithin ? 1UL : 0;
    }

    protected override void Complete(Lane?[] lanes, uint present)
    {
        for (var rest = present; rest != 0; rest &= rest - 1)
        {
            var lane = lanes[BitOperations.TrailingZeroCount(rest)]!;

            // The value of a thread that takes no part is undefined: ones, so that whoever uses it sees.
            lane.Registers[d] = (present >> lane.Selector & 1) != 0 ? lanes[lane.Selector]!.Value : uint.MaxValue;
        }
    }

    private int Source(int lane, int offset, uint control, out bool isWithin)
    {
        var segment = (int)(control >> 8) & 31;
        var clamp = (int)control & 31;
        var first = lane & segment;
        var last = first | (clamp & ~segment);
        var source = mode switch
        {
            ShuffleMode.Up => lane - offset,
            ShuffleMode.Down => lane + offset,
            ShuffleMode.Butterfly => lane ^ offset,
            _ => first | (offset & ~segment),
        };
        isWithin = mode == ShuffleMode.Up ? source >= last : source <= last;
        return isWithin ? source : lane;
    }
}

internal enum VoteMode
{
    All,
    Any,
    Uniform,
    Ballot,
}

internal sealed unsafe class Vote(VoteMode mode, int d, int predicate, bool isNegated, int mask) : WarpOp(mask)
{
    protected override void Bring(Lane lane) => lane.Value = (uint)lane.Registers[predicate] ^ (isNegated ? 1u : 0);

    protected override void Complete(Lane?[] lanes, uint present)
    {
        uint votes = 0;
        for (var rest = present; rest != 0; rest &= rest - 1)
            votes |= lanes[BitOperations.TrailingZeroCount(rest)]!.Value << BitOperations.TrailingZeroCount(rest);
        var result = mode switch
        {
            VoteMode.All => votes == present ? 1u : 0,
            VoteMode.Any => votes != 0 ? 1u : 0,
            VoteMode.Uniform => votes == present || votes == 0 ? 1u : 0,
            _ => votes,
        };
        for (var rest = present; rest != 0; rest &= rest - 1)
            lanes[BitOperations.TrailingZeroCount(rest)]!.Registers[d] = result;
    }
}

/// <summary>One result of all threads' values.</summary>
internal sealed unsafe class WarpReduce<T, TOp>(int d, int a, int mask) : WarpOp(mask)
    where T : unmanaged
    where TOp : struct, IBinary<T>
{
    protected override void Bring(Lane lane) => lane.Value = (uint)lane.Registers[a];

    protected override void Complete(Lane?[] lanes, uint present)
    {
        var value = lanes[BitOperations.TrailingZeroCount(present)]!.Value;
        var result = *(T*)&value;
        for (var rest = present & (present - 1); rest != 0; rest &= rest - 1)
        {
            value = lanes[BitOperations.TrailingZeroCount(rest)]!.Value;
            result = TOp.Apply(result, *(T*)&value);
        }

        for (var rest = present; rest != 0; rest &= rest - 1)
            *(T*)(lanes[BitOperations.TrailingZeroCount(rest)]!.Registers + d) = result;
    }
}

/// <summary>The thread's own bit: threads run one at a time, so none is sure to run with it.</summary>
internal sealed unsafe class ActiveMask(int d) : Op
{
    public override Flow Execute(Lane lane)
    {
        lane.Registers[d] = lane.Bit;
        return Flow.Next;
    }
}
