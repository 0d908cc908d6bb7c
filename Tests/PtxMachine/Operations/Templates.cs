using MinRnn.Tests.PtxMachine.Scheduling;

namespace MinRnn.Tests.PtxMachine.Operations;

internal interface IUnary<T>
{
    static abstract T Apply(T a);
}

internal interface IBinary<T>
{
    static abstract T Apply(T a, T b);
}

internal interface ITernary<T>
{
    static abstract T Apply(T a, T b, T c);
}

internal interface ITest<T>
{
    static abstract bool Test(T a, T b);
}

internal interface IClass<T>
{
    static abstract bool Test(T a);
}

// A slot's bits beyond the register's width stay zero: every write is of the register's own width.
internal sealed unsafe class Unary<T, TOp>(int d, int a) : Op
    where T : unmanaged
    where TOp : struct, IUnary<T>
{
    public override Flow Execute(Lane lane)
    {
        var r = lane.Registers;
        *(T*)(r + d) = TOp.Apply(*(T*)(r + a));
        return Flow.Next;
    }
}

internal sealed unsafe class Binary<T, TOp>(int d, int a, int b) : Op
    where T : unmanaged
    where TOp : struct, IBinary<T>
{
    public override Flow Execute(Lane lane)
    {
        var r = lane.Registers;
        *(T*)(r + d) = TOp.Apply(*(T*)(r + a), *(T*)(r + b));
        return Flow.Next;
    }
}

internal sealed unsafe class Ternary<T, TOp>(int d, int a, int b, int c) : Op
    where T : unmanaged
    where TOp : struct, ITernary<T>
{
    public override Flow Execute(Lane lane)
    {
        var r = lane.Registers;
        *(T*)(r + d) = TOp.Apply(*(T*)(r + a), *(T*)(r + b), *(T*)(r + c));
        return Flow.Next;
    }
}

/// <summary>A shift, whose count is of 32 bits whatever is shifted.</summary>
internal sealed unsafe class Shift<T, TOp>(int d, int a, int count) : Op
    where T : unmanaged
    where TOp : struct, IShift<T>
{
    public override Flow Execute(Lane lane)
    {
        var r = lane.Registers;
        *(T*)(r + d) = TOp.Apply(*(T*)(r + a), *(uint*)(r + count));
        return Flow.Next;
    }
}

internal sealed unsafe class Compare<T, TOp>(int d, int a, int b) : Op
    where T : unmanaged
    where TOp : struct, ITest<T>
{
    public override Flow Execute(Lane lane)
    {
        var r = lane.Registers;
        r[d] = TOp.Test(*(T*)(r + a), *(T*)(r + b)) ? 1UL : 0;
        return Flow.Next;
    }
}

/// <summary>A comparison that a predicate is combined with; the second destination takes the opposite.</summary>
internal sealed unsafe class CompareWith<T, TOp, TCombine>(int d, int opposite, int a, int b, int c, bool isNegated) : Op
    where T : unmanaged
    where TOp : struct, ITest<T>
    where TCombine : struct, IBinary<byte>
{
    public override Flow Execute(Lane lane)
    {
        var r = lane.Registers;
        var value = (byte)(TOp.Test(*(T*)(r + a), *(T*)(r + b)) ? 1 : 0);
        var other = (byte)((byte)r[c] ^ (isNegated ? 1 : 0));
        r[d] = TCombine.Apply(value, other);
        if (opposite >= 0)
            r[opposite] = TCombine.Apply((byte)(value ^ 1), other);
        return Flow.Next;
    }
}

internal sealed unsafe class Classify<T, TOp>(int d, int a) : Op
    where T : unmanaged
    where TOp : struct, IClass<T>
{
    public override Flow Execute(Lane lane)
    {
        var r = lane.Registers;
        r[d] = TOp.Test(*(T*)(r + a)) ? 1UL : 0;
        return Flow.Next;
    }
}

internal sealed unsafe class Move(int d, int a) : Op
{
    public override Flow Execute(Lane lane)
    {
        var r = lane.Registers;
        r[d] = r[a];
        return Flow.Next;
    }
}

internal sealed unsafe class Select(int d, int a, int b, int predicate, bool isNegated) : Op
{
    private readonly int whenSet = isNegated ? b : a;
    private readonly int whenClear = isNegated ? a : b;

    public override Flow Execute(Lane lane)
    {
        var r = lane.Registers;
        r[d] = r[r[predicate] != 0 ? whenSet : whenClear];
        return Flow.Next;
    }
}

/// <summary>A result of another width than its operands: counts of bits, and the like.</summary>
internal sealed unsafe class Count<T, TOp>(int d, int a) : Op
    where T : unmanaged
    where TOp : struct, ICount<T>
{
    public override Flow Execute(Lane lane)
    {
        var r = lane.Registers;
        r[d] = TOp.Apply(*(T*)(r + a));
        return Flow.Next;
    }
}
