using System.Numerics;
using System.Runtime.CompilerServices;
using MinRnn.Tests.PtxMachine.Memory;
using MinRnn.Tests.PtxMachine.Scheduling;

namespace MinRnn.Tests.PtxMachine.Operations;

/// <summary>A load of one element, or of a vector of two or four.</summary>
/// <typeparam name="T">The element.</typeparam>
/// <typeparam name="TRegister">The registers' width, which a narrower element is extended to.</typeparam>
/// <typeparam name="TSpace">Where the address lies.</typeparam>
internal sealed unsafe class Load<T, TRegister, TSpace>(int[] destinations, int address, long offset, Order order) : Op
    where T : unmanaged, IBinaryInteger<T>
    where TRegister : unmanaged, IBinaryInteger<TRegister>
    where TSpace : struct, ISpace
{
    private readonly int bytes = sizeof(T) * destinations.Length;

    [SkipLocalsInit]
    public override Flow Execute(Lane lane)
    {
        var r = lane.Registers;
        var place = r[address] + (ulong)offset;
        var source = TSpace.Resolve(lane, place, bytes);
        var seen = stackalloc ulong[4];
        if (TSpace.IsGlobal(place))
        {
            var statistics = lane.Statistics;
            statistics.GlobalBytesLoaded += bytes;
            statistics.GlobalLoads++;
            if (bytes == 16)
                statistics.WideAccesses++;
            if (lane.Block.Buffer is { } buffer)
            {
                lane.Block.Launch.Weak!.Load(buffer, place, sizeof(T), destinations.Length, order, (byte*)seen);
                source = (byte*)seen;
            }
        }

        for (var i = 0; i < destinations.Length; i++)
        {
            if (destinations[i] >= 0)
                *(TRegister*)(r + destinations[i]) = TRegister.CreateTruncating(((T*)source)[i]);
        }

        return Flow.Next;
    }
}

/// <summary>A line that is asked for ahead of time: nothing to do, but it should be one that is there.</summary>
internal sealed unsafe class Prefetch<TSpace>(int address, long offset) : Op
    where TSpace : struct, ISpace
{
    public override Flow Execute(Lane lane)
    {
        TSpace.Resolve(lane, lane.Registers[address] + (ulong)offset, 1);
        return Flow.Next;
    }
}

/// <summary>A store of one element, or of a vector of two or four.</summary>
internal sealed unsafe class Store<T, TSpace>(int[] sources, int address, long offset, Order order) : Op
    where T : unmanaged
    where TSpace : struct, ISpace
{
    private readonly int bytes = sizeof(T) * sources.Length;

    public override Flow Execute(Lane lane)
    {
        var r = lane.Registers;
        var place = r[address] + (ulong)offset;
        var target = TSpace.Resolve(lane, place, bytes);
        if (TSpace.IsGlobal(place))
        {
            var statistics = lane.Statistics;
            statistics.GlobalBytesStored += bytes;
            statistics.GlobalStores++;
            if (bytes == 16)
                statistics.WideAccesses++;
            if (lane.Block.Buffer is { } buffer)
            {
                var values = stackalloc T[4];
                for (var i = 0; i < sources.Length; i++)
                    values[i] = *(T*)(r + sources[i]);
                lane.Block.Launch.Weak!.Store(buffer, place, sizeof(T), sources.Length, order, (byte*)values);
                return Flow.Next;
            }
        }

        for (var i = 0; i < sources.Length; i++)
            ((T*)target)[i] = *(T*)(r + sources[i]);
        return Flow.Next;
    }
}

/// <summary>An atomic operation; the old value is not wanted where the destination is negative.</summary>
internal sealed unsafe class Atomic<T, TOp, TSpace>(int d, int address, long offset, int b, int c, Order order) : Op
    where T : unmanaged
    where TOp : struct, ITernary<T>
    where TSpace : struct, ISpace
{
    public override Flow Execute(Lane lane)
    {
        var r = lane.Registers;
        var place = r[address] + (ulong)offset;
        var target = (T*)TSpace.Resolve(lane, place, sizeof(T));
        var buffer = TSpace.IsGlobal(place) ? lane.Block.Buffer : null;
        var weak = lane.Block.Launch.Weak;
        if (buffer is not null)
            weak!.BeginAtomic(buffer, place, sizeof(T), order);
        var old = *target;
        var value = TOp.Apply(old, *(T*)(r + b), *(T*)(r + c));
        if (buffer is not null)
        {
            weak!.Write(buffer, place, sizeof(T), (byte*)&value);
            weak.EndAtomic(buffer, order);
        }
        else
        {
            *target = value;
        }

        if (TSpace.IsGlobal(place))
            lane.Statistics.GlobalAtomics++;
        if (d >= 0)
            *(T*)(r + d) = old;
        return Flow.Next;
    }
}

/// <summary>A fence beyond the group.</summary>
internal sealed class Fence : Op
{
    public override Flow Execute(Lane lane)
    {
        // Stores become visible one after another: others may look on, so the thread stays here meanwhile.
        if (lane.Block.Buffer is { } buffer && !lane.Block.Launch.Weak!.TryFence(buffer))
            return Flow.Yield;
        lane.Statistics.Fences++;
        return Flow.Next;
    }
}
