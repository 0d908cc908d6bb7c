namespace MinRnn.Tests.PtxMachine.Operations;

// What .ftz and .sat make of operations on single precision.
internal static class Rounding
{
    /// <summary>Subnormal numbers as zeros of their sign.</summary>
    public static float Flush(float x) => float.IsSubnormal(x) ? float.CopySign(0, x) : x;

    /// <summary>Between 0 and 1; NaN becomes 0.</summary>
    public static float Saturate(float x) => x > 0 ? Math.Min(x, 1) : 0;
}

internal readonly struct FlushedUnary<TOp> : IUnary<float>
    where TOp : struct, IUnary<float>
{
    public static float Apply(float a) => Rounding.Flush(TOp.Apply(Rounding.Flush(a)));
}

internal readonly struct FlushedBinary<TOp> : IBinary<float>
    where TOp : struct, IBinary<float>
{
    public static float Apply(float a, float b) => Rounding.Flush(TOp.Apply(Rounding.Flush(a), Rounding.Flush(b)));
}

internal readonly struct FlushedTernary<TOp> : ITernary<float>
    where TOp : struct, ITernary<float>
{
    public static float Apply(float a, float b, float c) =>
        Rounding.Flush(TOp.Apply(Rounding.Flush(a), Rounding.Flush(b), Rounding.Flush(c)));
}

internal readonly struct FlushedTest<TOp> : ITest<float>
    where TOp : struct, ITest<float>
{
    public static bool Test(float a, float b) => TOp.Test(Rounding.Flush(a), Rounding.Flush(b));
}

internal readonly struct SaturatedUnary<TOp> : IUnary<float>
    where TOp : struct, IUnary<float>
{
    public static float Apply(float a) => Rounding.Saturate(TOp.Apply(a));
}

internal readonly struct SaturatedBinary<TOp> : IBinary<float>
    where TOp : struct, IBinary<float>
{
    public static float Apply(float a, float b) => Rounding.Saturate(TOp.Apply(a, b));
}

internal readonly struct SaturatedTernary<TOp> : ITernary<float>
    where TOp : struct, ITernary<float>
{
    public static float Apply(float a, float b, float c) => Rounding.Saturate(TOp.Apply(a, b, c));
}

/// <summary>The number itself, for conversions that flush or saturate.</summary>
internal readonly struct Same : IUnary<float>
{
    public static float Apply(float a) => a;
}
