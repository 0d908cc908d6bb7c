using System.Numerics;

namespace MinRnn.Tests.Runtime;

/// <summary>Arguments of all magnitudes, and the largest error of a vector function over them.</summary>
internal static class Sweep
{
    private const int Count = 40000;

    /// <summary>Uniform and log-uniform arguments in a range, and its ends; the same on every run.</summary>
    public static double[] Arguments(double low, double high, int seed = 1)
    {
        var random = new Random(seed);
        var values = new List<double> { low, high };
        for (var index = 0; index < Count; index++)
        {
            values.Add(low + (high - low) * random.NextDouble());
            var bound = random.Next(2) == 0 ? low : high;
            values.Add(Math.CopySign(Math.Exp(Math.Log(1e-30) * random.NextDouble()), bound) * Math.Min(1, Math.Abs(bound)));
        }
        return [.. values.Where(value => value >= low && value <= high)];
    }

    /// <summary>The largest relative error over results whose size is a normal number; smaller ones may be 0.</summary>
    public static double Relative(
        Func<Vector<float>, Vector<float>> function, Func<double, double> reference, double low, double high) =>
        Worst(function, reference, low, high, (value, exact) => Error(value, exact, 1.1754944e-38, float.MaxValue));

    /// <inheritdoc cref="Relative(Func{Vector{float}, Vector{float}}, Func{double, double}, double, double)"/>
    public static double Relative(
        Func<Vector<double>, Vector<double>> function, Func<double, double> reference, double low, double high) =>
        Worst(function, reference, low, high, (value, exact) => Error(value, exact, 2.2250738585072014e-308, double.MaxValue));

    /// <summary>The largest error in units of the exact result's last place.</summary>
    public static double Ulps(
        Func<Vector<float>, Vector<float>> function, Func<double, double> reference, double low, double high) =>
        Worst(function, reference, low, high, (value, exact) =>
            Math.Abs(exact) < 1.1754944e-38 || exact > float.MaxValue
                ? Error(value, exact, 1.1754944e-38, float.MaxValue)
                : Math.Abs(value - exact) / (MathF.BitIncrement(MathF.Abs((float)exact)) - MathF.Abs((float)exact)));

    /// <summary>The largest absolute error.</summary>
    public static double Absolute(
        Func<Vector<float>, Vector<float>> function, Func<double, double> reference, double low, double high) =>
        Worst(function, reference, low, high, (value, exact) => Math.Abs(value - exact));

    /// <inheritdoc cref="Absolute(Func{Vector{float}, Vector{float}}, Func{double, double}, double, double)"/>
    public static double Absolute(
        Func<Vector<double>, Vector<double>> function, Func<double, double> reference, double low, double high) =>
        Worst(function, reference, low, high, (value, exact) => Math.Abs(value - exact));

    private static double Error(double value, double exact, double least, double greatest)
    {
        if (Math.Abs(exact) < least)
            return Math.Abs(value) <= least * 1.001 ? 0 : double.PositiveInfinity;
        if (exact > greatest)
            return value >= greatest * 0.999999 ? 0 : double.PositiveInfinity;
        return Math.Abs((value - exact) / exact);
    }

    private static double Worst<T>(
        Func<Vector<T>, Vector<T>> function,
        Func<double, double> reference,
        double low,
        double high,
        Func<double, double, double> error)
        where T : unmanaged, INumber<T>
    {
        var arguments = Arguments(low, high);
        var worst = 0d;
        for (var start = 0; start < arguments.Length; start += Vector<T>.Count)
        {
            var x = default(Vector<T>);
            for (var lane = 0; lane < Vector<T>.Count; lane++)
                x = x.WithElement(lane, T.CreateChecked(arguments[Math.Min(start + lane, arguments.Length - 1)]));
            var y = function(x);
            for (var lane = 0; lane < Vector<T>.Count; lane++)
            {
                var exact = reference(double.CreateChecked(x[lane]));
                var each = error(double.CreateChecked(y[lane]), exact);
                // NaN where a number belongs is the largest error of all.
                worst = Math.Max(worst, double.IsNaN(each) && !double.IsNaN(exact) ? double.PositiveInfinity : each);
            }
        }
        return worst;
    }
}
