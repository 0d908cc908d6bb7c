using System.Numerics;
using MinRnn.Tests.PtxMachine.Scheduling;

namespace MinRnn.Tests.PtxMachine.Operations;

internal interface IShift<T>
{
    static abstract T Apply(T a, uint count);
}

internal interface ICount<T>
{
    static abstract uint Apply(T a);
}

internal readonly struct And<T> : IBinary<T>
    where T : IBinaryInteger<T>
{
    public static T Apply(T a, T b) => a & b;
}

internal readonly struct Or<T> : IBinary<T>
    where T : IBinaryInteger<T>
{
    public static T Apply(T a, T b) => a | b;
}

internal readonly struct Xor<T> : IBinary<T>
    where T : IBinaryInteger<T>
{
    public static T Apply(T a, T b) => a ^ b;
}

internal readonly struct Not<T> : IUnary<T>
    where T : IBinaryInteger<T>
{
    public static T Apply(T a) => ~a;
}

/// <summary>The opposite of a predicate, which is 0 or 1.</summary>
internal readonly struct NotPredicate<T> : IUnary<T>
    where T : IBinaryInteger<T>
{
    public static T Apply(T a) => a ^ T.One;
}

// Counts beyond the width shift everything out, where C# would take them modulo the width.
internal readonly struct ShiftLeft<T> : IShift<T>
    where T : IBinaryInteger<T>
{
    public static T Apply(T a, uint count) => count >= T.Zero.GetByteCount() * 8 ? T.Zero : a << (int)count;
}

internal readonly struct ShiftRight<T> : IShift<T>
    where T : IBinaryInteger<T>
{
    public static T Apply(T a, uint count) => a >> (int)Math.Min(count, (uint)(T.Zero.GetByteCount() * 8) - 1)
        >> (count >= T.Zero.GetByteCount() * 8 ? 1 : 0);
}

internal readonly struct Ones<T> : ICount<T>
    where T : IBinaryInteger<T>
{
    public static uint Apply(T a) => uint.CreateTruncating(T.PopCount(a));
}

internal readonly struct LeadingZeros<T> : ICount<T>
    where T : IBinaryInteger<T>
{
    public static uint Apply(T a) => uint.CreateTruncating(T.LeadingZeroCount(a));
}

/// <summary>The place of the highest bit that is not the sign's; all ones where there is none.</summary>
internal readonly struct HighestBit<T> : ICount<T>
    where T : IBinaryInteger<T>
{
    public static uint Apply(T a) =>
        (uint)(T.Zero.GetByteCount() * 8) - 1 - LeadingZeros<T>.Apply(T.IsNegative(a) ? ~a : a);
}

internal readonly struct ReverseBits<T> : IUnary<T>
    where T : IBinaryInteger<T>
{
    public static T Apply(T a)
    {
        var result = T.Zero;
        for (var i = 0; i < T.Zero.GetByteCount() * 8; i++)
            result |= ((a >> i) & T.One) << ((T.Zero.GetByteCount() * 8) - 1 - i);
        return result;
    }
}

/// <summary>Bits of a, from a place, so many; of a signed number the last is repeated.</summary>
internal sealed unsafe class ExtractBits(int d, int a, int place, int count, bool isSigned, int width) : Op
{
    public override Flow Execute(Lane lane)
    {
        var r = lane.Registers;
        var from = (int)(r[place] & 255);
        var bits = (int)(r[count] & 255);
        var value = isSigned ? (Int128)((long)(r[a] << (64 - width)) >> (64 - width)) : r[a];
        var result = bits == 0 ? 0 : value >> Math.Min(from, 127);
        if (bits is > 0 and < 64)
            result = isSigned ? result << (128 - bits) >> (128 - bits) : result & ((Int128.One << bits) - 1);
        var kept = (ulong)(result & ulong.MaxValue);
        r[d] = width == 32 ? (uint)kept : kept;
        return Flow.Next;
    }
}

internal sealed unsafe class InsertBits(int d, int a, int b, int place, int count, int width) : Op
{
    public override Flow Execute(Lane lane)
    {
        var r = lane.Registers;
        var from = (int)(r[place] & 255);
        var bits = Math.Min((int)(r[count] & 255), width);
        var mask = from >= width ? 0 : (ulong)((UInt128.One << bits) - 1) << from;
        var result = (r[b] & ~mask) | ((from >= width ? 0 : r[a] << from) & mask);
        r[d] = width == 32 ? (uint)result : result;
        return Flow.Next;
    }
}

/// <summary>Four bytes picked of eight; the high bit of a selector repeats the byte's sign.</summary>
internal readonly struct PermuteBytes : ITernary<uint>
{
    public static uint Apply(uint a, uint b, uint c)
    {
        var bytes = a | ((ulong)b << 32);
        var result = 0u;
        for (var i = 0; i < 4; i++)
        {
            var selector = (int)(c >> (4 * i)) & 15;
            var value = (uint)(bytes >> (8 * (selector & 7))) & 255;
            if ((selector & 8) != 0)
                value = (value & 128) != 0 ? 255u : 0;
            result |= value << (8 * i);
        }

        return result;
    }
}

/// <summary>Any function of three bits, by its table.</summary>
internal sealed unsafe class Logic(int d, int a, int b, int c, int table) : Op
{
    public override Flow Execute(Lane lane)
    {
        var r = lane.Registers;
        uint result = 0, functions = (uint)r[table];
        for (var i = 0; i < 8; i++)
        {
            if ((functions >> i & 1) != 0)
                result |= Where(r[a], (i & 4) != 0) & Where(r[b], (i & 2) != 0) & Where(r[c], (i & 1) != 0);
        }

        r[d] = result;
        return Flow.Next;
    }

    private static uint Where(ulong bits, bool isSet) => isSet ? (uint)bits : ~(uint)bits;
}

/// <summary>32 bits of the pair b:a, shifted.</summary>
internal sealed unsafe class Funnel(int d, int a, int b, int count, bool isLeft, bool isWrapped) : Op
{
    public override Flow Execute(Lane lane)
    {
        var r = lane.Registers;
        var shift = isWrapped ? (int)r[count] & 31 : (int)Math.Min((uint)r[count], 32);
        var pair = (uint)r[a] | (r[b] << 32);
        r[d] = isLeft ? (uint)((UInt128)pair << shift >> 32) : (uint)(pair >> shift);
        return Flow.Next;
    }
}
