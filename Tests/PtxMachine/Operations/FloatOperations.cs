using System.Numerics;

namespace MinRnn.Tests.PtxMachine.Operations;

internal readonly struct Fused<T> : ITernary<T>
    where T : IFloatingPointIeee754<T>
{
    public static T Apply(T a, T b, T c) => T.FusedMultiplyAdd(a, b, c);
}

internal readonly struct Quotient<T> : IBinary<T>
    where T : IFloatingPointIeee754<T>
{
    public static T Apply(T a, T b) => a / b;
}

// Minima and maxima of devices drop NaN.
internal readonly struct MinNumber<T> : IBinary<T>
    where T : IFloatingPointIeee754<T>
{
    public static T Apply(T a, T b) => T.MinNumber(a, b);
}

internal readonly struct MaxNumber<T> : IBinary<T>
    where T : IFloatingPointIeee754<T>
{
    public static T Apply(T a, T b) => T.MaxNumber(a, b);
}

internal readonly struct MinOrNaN<T> : IBinary<T>
    where T : IFloatingPointIeee754<T>
{
    public static T Apply(T a, T b) => T.Min(a, b);
}

internal readonly struct MaxOrNaN<T> : IBinary<T>
    where T : IFloatingPointIeee754<T>
{
    public static T Apply(T a, T b) => T.Max(a, b);
}

internal readonly struct Magnitude<T> : IUnary<T>
    where T : IFloatingPointIeee754<T>
{
    public static T Apply(T a) => T.Abs(a);
}

internal readonly struct Opposite<T> : IUnary<T>
    where T : IFloatingPointIeee754<T>
{
    public static T Apply(T a) => -a;
}

/// <summary>The sign of a, the size of b.</summary>
internal readonly struct CopySign<T> : IBinary<T>
    where T : IFloatingPointIeee754<T>
{
    public static T Apply(T a, T b) => T.CopySign(b, a);
}

internal readonly struct Reciprocal<T> : IUnary<T>
    where T : IFloatingPointIeee754<T>
{
    public static T Apply(T a) => T.One / a;
}

internal readonly struct Root<T> : IUnary<T>
    where T : IFloatingPointIeee754<T>
{
    public static T Apply(T a) => T.Sqrt(a);
}

// What devices approximate is computed in double and rounded: better than theirs, and the same everywhere.
internal readonly struct ReciprocalRoot<T> : IUnary<T>
    where T : IFloatingPointIeee754<T>
{
    public static T Apply(T a) => T.CreateTruncating(1 / Math.Sqrt(double.CreateTruncating(a)));
}

internal readonly struct Power2<T> : IUnary<T>
    where T : IFloatingPointIeee754<T>
{
    public static T Apply(T a) => T.CreateTruncating(Math.Pow(2, double.CreateTruncating(a)));
}

internal readonly struct Logarithm2<T> : IUnary<T>
    where T : IFloatingPointIeee754<T>
{
    public static T Apply(T a) => T.CreateTruncating(Math.Log2(double.CreateTruncating(a)));
}

internal readonly struct Sine<T> : IUnary<T>
    where T : IFloatingPointIeee754<T>
{
    public static T Apply(T a) => T.CreateTruncating(Math.Sin(double.CreateTruncating(a)));
}

internal readonly struct Cosine<T> : IUnary<T>
    where T : IFloatingPointIeee754<T>
{
    public static T Apply(T a) => T.CreateTruncating(Math.Cos(double.CreateTruncating(a)));
}

internal readonly struct HyperbolicTangent<T> : IUnary<T>
    where T : IFloatingPointIeee754<T>
{
    public static T Apply(T a) => T.CreateTruncating(Math.Tanh(double.CreateTruncating(a)));
}
