using System.Numerics;

namespace MinRnn.Tests.PtxMachine.Operations;

// What .ftz and .sat make of operations on single and half precision.
internal static class Rounding<T>
    where T : IFloatingPointIeee754<T>
{
    /// <summary>Subnormal numbers as zeros of their sign.</summary>
    public static T Flush(T x) => T.IsSubnormal(x) ? T.CopySign(T.Zero, x) : x;

    /// <summary>Between 0 and 1; NaN becomes 0.</summary>
    public static T Saturate(T x) => x > T.Zero ? T.Min(x, T.One) : T.Zero;
}

internal readonly struct FlushedUnary<T, TOp> : IUnary<T>
    where T : IFloatingPointIeee754<T>
    where TOp : struct, IUnary<T>
{
    public static T Apply(T a) => Rounding<T>.Flush(TOp.Apply(Rounding<T>.Flush(a)));
}

internal readonly struct FlushedBinary<T, TOp> : IBinary<T>
    where T : IFloatingPointIeee754<T>
    where TOp : struct, IBinary<T>
{
    public static T Apply(T a, T b) => Rounding<T>.Flush(TOp.Apply(Rounding<T>.Flush(a), Rounding<T>.Flush(b)));
}

internal readonly struct FlushedTernary<T, TOp> : ITernary<T>
    where T : IFloatingPointIeee754<T>
    where TOp : struct, ITernary<T>
{
    public static T Apply(T a, T b, T c) =>
        Rounding<T>.Flush(TOp.Apply(Rounding<T>.Flush(a), Rounding<T>.Flush(b), Rounding<T>.Flush(c)));
}

internal readonly struct FlushedTest<T, TOp> : ITest<T>
    where T : IFloatingPointIeee754<T>
    where TOp : struct, ITest<T>
{
    public static bool Test(T a, T b) => TOp.Test(Rounding<T>.Flush(a), Rounding<T>.Flush(b));
}

internal readonly struct SaturatedUnary<T, TOp> : IUnary<T>
    where T : IFloatingPointIeee754<T>
    where TOp : struct, IUnary<T>
{
    public static T Apply(T a) => Rounding<T>.Saturate(TOp.Apply(a));
}

internal readonly struct SaturatedBinary<T, TOp> : IBinary<T>
    where T : IFloatingPointIeee754<T>
    where TOp : struct, IBinary<T>
{
    public static T Apply(T a, T b) => Rounding<T>.Saturate(TOp.Apply(a, b));
}

internal readonly struct SaturatedTernary<T, TOp> : ITernary<T>
    where T : IFloatingPointIeee754<T>
    where TOp : struct, ITernary<T>
{
    public static T Apply(T a, T b, T c) => Rounding<T>.Saturate(TOp.Apply(a, b, c));
}

/// <summary>The number itself, for conversions that flush or saturate.</summary>
internal readonly struct Same<T> : IUnary<T>
{
    public static T Apply(T a) => a;
}
