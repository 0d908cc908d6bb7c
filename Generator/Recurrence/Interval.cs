using System;
using System.Collections.Generic;
using System.Linq;

namespace MinRnn.Generator.Recurrence;

/// <summary>
/// Every value that a quantity can have but NaN. Bounds are rounded outward to floats: rounding is monotone, so what holds of
/// the exact result then holds of the result that a kernel rounds, in float as in double.
/// </summary>
internal readonly record struct Interval
{
    private Interval(double low, double high) => (Low, High) = (low, high);

    public static Interval All { get; } = new(double.NegativeInfinity, double.PositiveInfinity);

    /// <summary>From 0 to 1: what gates and conditions are.</summary>
    public static Interval Unit { get; } = new(0, 1);

    public double Low { get; }

    public double High { get; }

    /// <summary>The largest absolute value.</summary>
    public double Magnitude => Math.Max(Math.Abs(Low), Math.Abs(High));

    public bool IsNonnegative => Low >= 0;

    /// <summary>The smallest interval of floats around two bounds; NaN, from operands that no value has, says nothing.</summary>
    public static Interval Of(double low, double high) =>
        double.IsNaN(low) || double.IsNaN(high) || low > high ? All : new Interval(Down(low), -Down(-high));

    public static Interval Of(double value) => Of(value, value);

    /// <summary>The interval of a function that rises all over its domain, such as a backend computes it.</summary>
    public static Interval Rising(Func<double, double> function, Interval x, Interval range, double domain = double.NegativeInfinity)
    {
        if (x.High < domain)
            return range;

        return Of(function(Math.Max(x.Low, domain)), function(x.High)).Approximated(range);
    }

    /// <summary>The interval of an even function that falls on both sides of its peak at 0.</summary>
    public static Interval Peak(Func<double, double> function, Interval x, Interval range) =>
        -Rising(distance => -function(distance), x.Abs(), -range);

    public static Interval operator +(Interval a, Interval b) =>
        Of(Sum(a.Low, b.Low, double.NegativeInfinity), Sum(a.High, b.High, double.PositiveInfinity));

    public static Interval operator -(Interval a, Interval b) => a + -b;

    public static Interval operator -(Interval a) => new(-a.High, -a.Low);

    public static Interval operator *(Interval a, Interval b) =>
        Corners([Product(a.Low, b.Low), Product(a.Low, b.High), Product(a.High, b.Low), Product(a.High, b.High)]);

    public static Interval operator /(Interval a, Interval b)
    {
        // A 0 can have either sign, and so can the infinity that it gives.
        if (b.Low <= 0 && b.High >= 0)
            return All;
        return Corners([a.Low / b.Low, a.Low / b.High, a.High / b.Low, a.High / b.High]);
    }

    public Interval Square() => Abs() * Abs();

    public Interval Abs() => Low >= 0 ? this : High <= 0 ? -this : new Interval(0, Magnitude);

    public Interval Min(Interval other) => new(Math.Min(Low, other.Low), Math.Min(High, other.High));

    public Interval Max(Interval other) => new(Math.Max(Low, other.Low), Math.Max(High, other.High));

    /// <summary>Both intervals and what lies between them.</summary>
    public Interval Hull(Interval other) => new(Math.Min(Low, other.Low), Math.Max(High, other.High));

    /// <summary>What both intervals allow.</summary>
    public Interval Within(Interval other)
    {
        var (low, high) = (Math.Max(Low, other.Low), Math.Min(High, other.High));
        return low <= high ? new Interval(low, high) : other;
    }

    /// <summary>
    /// The interval of a function that backends approximate: they err by a few units in the last place, and may flush what is
    /// below every normal number, but do not leave the function's range.
    /// </summary>
    public Interval Approximated(Interval range)
    {
        const double Error = 1.0 / (1 << 20), Tiny = 1.2e-38;
        return Of(Low - (Error * Math.Abs(Low)) - Tiny, High + (Error * Math.Abs(High)) + Tiny).Within(range);
    }

    /// <summary>The smallest interval around values; NaN comes from operands that no value has together.</summary>
    public static Interval Corners(IEnumerable<double> values)
    {
        var corners = values.Where(value => !double.IsNaN(value)).ToList();
        return corners.Count == 0 ? All : Of(corners.Min(), corners.Max());
    }

    public override string ToString() => $"[{Numbers.Brief(Low)}, {Numbers.Brief(High)}]";

    private static double Sum(double a, double b, double undefined) => double.IsNaN(a + b) ? undefined : a + b;

    /// <summary>An infinite bound stands for all finite values below it, and 0 times those is 0.</summary>
    private static double Product(double a, double b) => a == 0 || b == 0 ? 0 : a * b;

    /// <summary>The largest float that is not above a value.</summary>
    private static double Down(double value)
    {
        var nearest = (float)value;
        if (nearest <= value)
            return nearest;
        if (nearest == 0)
            return -float.Epsilon;
        var bits = BitConverter.ToInt32(BitConverter.GetBytes(nearest), 0);
        return BitConverter.ToSingle(BitConverter.GetBytes(nearest > 0 ? bits - 1 : bits + 1), 0);
    }
}
