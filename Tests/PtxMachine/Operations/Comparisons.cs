using System.Numerics;

namespace MinRnn.Tests.PtxMachine.Operations;

// Ordered comparisons: of floating-point numbers false when either is NaN. C#'s != is the unordered one.
internal readonly struct Equal<T> : ITest<T>
    where T : INumber<T>
{
    public static bool Test(T a, T b) => a == b;
}

internal readonly struct NotEqual<T> : ITest<T>
    where T : INumber<T>
{
    public static bool Test(T a, T b) => a < b || a > b;
}

internal readonly struct Less<T> : ITest<T>
    where T : INumber<T>
{
    public static bool Test(T a, T b) => a < b;
}

internal readonly struct LessOrEqual<T> : ITest<T>
    where T : INumber<T>
{
    public static bool Test(T a, T b) => a <= b;
}

internal readonly struct Greater<T> : ITest<T>
    where T : INumber<T>
{
    public static bool Test(T a, T b) => a > b;
}

internal readonly struct GreaterOrEqual<T> : ITest<T>
    where T : INumber<T>
{
    public static bool Test(T a, T b) => a >= b;
}

// Unordered comparisons: true when either is NaN.
internal readonly struct EqualUnordered<T> : ITest<T>
    where T : INumber<T>
{
    public static bool Test(T a, T b) => !(a < b || a > b);
}

internal readonly struct NotEqualUnordered<T> : ITest<T>
    where T : INumber<T>
{
    public static bool Test(T a, T b) => a != b;
}

internal readonly struct LessUnordered<T> : ITest<T>
    where T : INumber<T>
{
    public static bool Test(T a, T b) => !(a >= b);
}

internal readonly struct LessOrEqualUnordered<T> : ITest<T>
    where T : INumber<T>
{
    public static bool Test(T a, T b) => !(a > b);
}

internal readonly struct GreaterUnordered<T> : ITest<T>
    where T : INumber<T>
{
    public static bool Test(T a, T b) => !(a <= b);
}

internal readonly struct GreaterOrEqualUnordered<T> : ITest<T>
    where T : INumber<T>
{
    public static bool Test(T a, T b) => !(a < b);
}

internal readonly struct AreNumbers<T> : ITest<T>
    where T : INumber<T>
{
    public static bool Test(T a, T b) => !T.IsNaN(a) && !T.IsNaN(b);
}

internal readonly struct IsAnyNaN<T> : ITest<T>
    where T : INumber<T>
{
    public static bool Test(T a, T b) => T.IsNaN(a) || T.IsNaN(b);
}

internal readonly struct IsFinite<T> : IClass<T>
    where T : INumber<T>
{
    public static bool Test(T a) => T.IsFinite(a);
}

internal readonly struct IsInfinite<T> : IClass<T>
    where T : INumber<T>
{
    public static bool Test(T a) => T.IsInfinity(a);
}

internal readonly struct IsNumber<T> : IClass<T>
    where T : INumber<T>
{
    public static bool Test(T a) => !T.IsNaN(a);
}

internal readonly struct IsNaN<T> : IClass<T>
    where T : INumber<T>
{
    public static bool Test(T a) => T.IsNaN(a);
}

internal readonly struct IsNormal<T> : IClass<T>
    where T : INumber<T>
{
    public static bool Test(T a) => T.IsNormal(a);
}

internal readonly struct IsSubnormal<T> : IClass<T>
    where T : INumber<T>
{
    public static bool Test(T a) => T.IsSubnormal(a);
}
