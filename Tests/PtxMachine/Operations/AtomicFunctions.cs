using System.Numerics;

namespace MinRnn.Tests.PtxMachine.Operations;

/// <summary>What an operation of two makes of the old value and the operand.</summary>
internal readonly struct Update<T, TOp> : ITernary<T>
    where TOp : struct, IBinary<T>
{
    public static T Apply(T a, T b, T c) => TOp.Apply(a, b);
}

internal readonly struct Exchange<T> : ITernary<T>
{
    public static T Apply(T a, T b, T c) => b;
}

internal readonly struct CompareAndSwap<T> : ITernary<T>
    where T : IBinaryInteger<T>
{
    public static T Apply(T a, T b, T c) => a == b ? c : a;
}

/// <summary>Counts up to the operand, then from 0 again.</summary>
internal readonly struct IncrementWrapping<T> : ITernary<T>
    where T : IBinaryInteger<T>
{
    public static T Apply(T a, T b, T c) => a >= b ? T.Zero : a + T.One;
}

/// <summary>Counts down to 0, then from the operand again.</summary>
internal readonly struct DecrementWrapping<T> : ITernary<T>
    where T : IBinaryInteger<T>
{
    public static T Apply(T a, T b, T c) => a == T.Zero || a > b ? b : a - T.One;
}
