using System.Numerics;
using MinRnn.Tests.PtxMachine.Scheduling;

namespace MinRnn.Tests.PtxMachine.Operations;

/// <summary>
/// An integer from an integer. <typeparamref name="TTo"/> is the destination type, <typeparamref name="TRegister"/> the
/// destination register's: a narrow result is extended to it by its own sign.
/// </summary>
internal sealed unsafe class IntegerFromInteger<TFrom, TTo, TRegister>(int d, int a) : Op
    where TFrom : unmanaged, IBinaryInteger<TFrom>
    where TTo : unmanaged, IBinaryInteger<TTo>
    where TRegister : unmanaged, IBinaryInteger<TRegister>
{
    public override Flow Execute(Lane lane)
    {
        var r = lane.Registers;
        *(TRegister*)(r + d) = TRegister.CreateTruncating(TTo.CreateTruncating(*(TFrom*)(r + a)));
        return Flow.Next;
    }
}

/// <summary>The same with values outside the destination's range brought to its ends.</summary>
internal sealed unsafe class IntegerFromIntegerSaturating<TFrom, TTo, TRegister>(int d, int a) : Op
    where TFrom : unmanaged, IBinaryInteger<TFrom>
    where TTo : unmanaged, IBinaryInteger<TTo>
    where TRegister : unmanaged, IBinaryInteger<TRegister>
{
    public override Flow Execute(Lane lane)
    {
        var r = lane.Registers;
        *(TRegister*)(r + d) = TRegister.CreateTruncating(TTo.CreateSaturating(*(TFrom*)(r + a)));
        return Flow.Next;
    }
}

internal sealed unsafe class FloatFromInteger<TFrom, TTo>(int d, int a) : Op
    where TFrom : unmanaged, IBinaryInteger<TFrom>
    where TTo : unmanaged, IFloatingPointIeee754<TTo>
{
    public override Flow Execute(Lane lane)
    {
        var r = lane.Registers;
        *(TTo*)(r + d) = TTo.CreateTruncating(*(TFrom*)(r + a));
        return Flow.Next;
    }
}

/// <summary>A floating-point number rounded to an integer, kept within the destination's range.</summary>
internal sealed unsafe class IntegerFromFloat<TFrom, TTo, TRegister>(int d, int a, MidpointRounding rounding) : Op
    where TFrom : unmanaged, IFloatingPointIeee754<TFrom>
    where TTo : unmanaged, IBinaryInteger<TTo>, IMinMaxValue<TTo>
    where TRegister : unmanaged, IBinaryInteger<TRegister>
{
    // NaN becomes 0, but where either side has 64 bits the number of the highest bit alone.
    private static readonly TTo OfNaN = sizeof(TFrom) == 8 || sizeof(TTo) == 8 ? TTo.One << ((sizeof(TTo) * 8) - 1) : TTo.Zero;

    public override Flow Execute(Lane lane)
    {
        var r = lane.Registers;
        var value = *(TFrom*)(r + a);
        var result = TFrom.IsNaN(value) ? OfNaN : TTo.CreateSaturating(TFrom.Round(value, 0, rounding));
        *(TRegister*)(r + d) = TRegister.CreateTruncating(result);
        return Flow.Next;
    }
}

internal sealed unsafe class FloatFromFloat<TFrom, TTo>(int d, int a) : Op
    where TFrom : unmanaged, IFloatingPointIeee754<TFrom>
    where TTo : unmanaged, IFloatingPointIeee754<TTo>
{
    public override Flow Execute(Lane lane)
    {
        var r = lane.Registers;
        *(TTo*)(r + d) = TTo.CreateTruncating(*(TFrom*)(r + a));
        return Flow.Next;
    }
}

/// <summary>The nearest bfloat16, ties to even; of any NaN the one that devices make.</summary>
internal sealed unsafe class BFloat16FromSingle(int d, int a) : Op
{
    private const ushort NaN = 0x7FFF;

    public override Flow Execute(Lane lane)
    {
        var r = lane.Registers;
        var bits = *(uint*)(r + a);
        *(ushort*)(r + d) = float.IsNaN(*(float*)(r + a)) ? NaN : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
        return Flow.Next;
    }
}

/// <summary>A floating-point number rounded to an integer that stays of its type.</summary>
internal sealed unsafe class RoundFloat<T>(int d, int a, MidpointRounding rounding) : Op
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public override Flow Execute(Lane lane)
    {
        var r = lane.Registers;
        *(T*)(r + d) = T.Round(*(T*)(r + a), 0, rounding);
        return Flow.Next;
    }
}

/// <summary>Registers joined into a wider one, the first lowest.</summary>
internal sealed unsafe class Pack(int d, int[] sources, int bits) : Op
{
    public override Flow Execute(Lane lane)
    {
        var r = lane.Registers;
        ulong value = 0;
        for (var i = 0; i < sources.Length; i++)
            value |= r[sources[i]] << (i * bits);
        r[d] = value;
        return Flow.Next;
    }
}

internal sealed unsafe class Unpack(int[] destinations, int a, int bits) : Op
{
    public override Flow Execute(Lane lane)
    {
        var r = lane.Registers;
        var value = r[a];
        for (var i = 0; i < destinations.Length; i++)
            r[destinations[i]] = (value >> (i * bits)) & ((1UL << bits) - 1);
        return Flow.Next;
    }
}

/// <summary>Instructions that the launch has executed, as the clock.</summary>
internal sealed unsafe class ReadClock(int d, bool isWide) : Op
{
    public override Flow Execute(Lane lane)
    {
        var time = (ulong)lane.Block.Launch.Clock;
        lane.Registers[d] = isWide ? time : (uint)time;
        return Flow.Next;
    }
}

/// <summary>Two operations of one instruction, neither of which jumps or waits.</summary>
internal sealed class Sequence(Op first, Op second) : Op
{
    public override Flow Execute(Lane lane)
    {
        first.Execute(lane);
        return second.Execute(lane);
    }
}
