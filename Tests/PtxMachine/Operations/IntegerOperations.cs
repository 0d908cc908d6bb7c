using System.Numerics;
using MinRnn.Tests.PtxMachine.Scheduling;

namespace MinRnn.Tests.PtxMachine.Operations;

internal readonly struct Add<T> : IBinary<T>
    where T : INumber<T>
{
    public static T Apply(T a, T b) => a + b;
}

internal readonly struct Subtract<T> : IBinary<T>
    where T : INumber<T>
{
    public static T Apply(T a, T b) => a - b;
}

internal readonly struct Multiply<T> : IBinary<T>
    where T : INumber<T>
{
    public static T Apply(T a, T b) => a * b;
}

internal readonly struct MultiplyHigh<T> : IBinary<T>
    where T : IBinaryInteger<T>
{
    public static T Apply(T a, T b) => typeof(T) == typeof(ulong)
        ? T.CreateTruncating((UInt128.CreateTruncating(a) * UInt128.CreateTruncating(b)) >> 64)
        : T.CreateTruncating((Int128.CreateTruncating(a) * Int128.CreateTruncating(b)) >> (T.Zero.GetByteCount() * 8));
}

internal readonly struct MultiplyAdd<T> : ITernary<T>
    where T : IBinaryInteger<T>
{
    public static T Apply(T a, T b, T c) => (a * b) + c;
}

internal readonly struct MultiplyHighAdd<T> : ITernary<T>
    where T : IBinaryInteger<T>
{
    public static T Apply(T a, T b, T c) => MultiplyHigh<T>.Apply(a, b) + c;
}

internal readonly struct Divide<T> : IBinary<T>
    where T : IBinaryInteger<T>
{
    // Devices do not trap: division by zero gives all ones, and the least number over -1 itself.
    public static T Apply(T a, T b) =>
        b == T.Zero ? ~T.Zero : T.IsNegative(b) && b == ~T.Zero ? T.Zero - a : a / b;
}

internal readonly struct Remainder<T> : IBinary<T>
    where T : IBinaryInteger<T>
{
    public static T Apply(T a, T b) => b == T.Zero ? a : T.IsNegative(b) && b == ~T.Zero ? T.Zero : a % b;
}

internal readonly struct Least<T> : IBinary<T>
    where T : IBinaryInteger<T>
{
    public static T Apply(T a, T b) => a < b ? a : b;
}

internal readonly struct Greatest<T> : IBinary<T>
    where T : IBinaryInteger<T>
{
    public static T Apply(T a, T b) => a > b ? a : b;
}

internal readonly struct Absolute<T> : IUnary<T>
    where T : IBinaryInteger<T>
{
    public static T Apply(T a) => T.IsNegative(a) ? T.Zero - a : a;
}

internal readonly struct Negate<T> : IUnary<T>
    where T : IBinaryInteger<T>
{
    public static T Apply(T a) => T.Zero - a;
}

internal readonly struct SumOfDifferences<T> : ITernary<T>
    where T : IBinaryInteger<T>
{
    public static T Apply(T a, T b, T c) => c + (a < b ? b - a : a - b);
}

/// <summary>A product of twice its operands' width.</summary>
internal sealed unsafe class Widen<T, TWide>(int d, int a, int b) : Op
    where T : unmanaged, IBinaryInteger<T>
    where TWide : unmanaged, IBinaryInteger<TWide>
{
    public override Flow Execute(Lane lane)
    {
        var r = lane.Registers;
        *(TWide*)(r + d) = TWide.CreateTruncating(*(T*)(r + a)) * TWide.CreateTruncating(*(T*)(r + b));
        return Flow.Next;
    }
}

internal sealed unsafe class WidenAdd<T, TWide>(int d, int a, int b, int c) : Op
    where T : unmanaged, IBinaryInteger<T>
    where TWide : unmanaged, IBinaryInteger<TWide>
{
    public override Flow Execute(Lane lane)
    {
        var r = lane.Registers;
        *(TWide*)(r + d) = (TWide.CreateTruncating(*(T*)(r + a)) * TWide.CreateTruncating(*(T*)(r + b))) + *(TWide*)(r + c);
        return Flow.Next;
    }
}
