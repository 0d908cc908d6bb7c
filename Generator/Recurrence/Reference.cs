using System;

namespace MinRnn.Generator.Recurrence;

/// <summary>Functions that System.Math lacks on netstandard2.0, in double precision, for the interpreter and for constants.</summary>
internal static class Reference
{
    public static double Sigmoid(double x)
    {
        var e = Math.Exp(-Math.Abs(x));
        return x >= 0 ? 1 / (1 + e) : e / (1 + e);
    }

    /// <summary>1 - tanh(x)^2.</summary>
    public static double SechSquared(double x) => 4 * Sigmoid(2 * x) * Sigmoid(-2 * x);

    public static double Softplus(double x) => Math.Max(x, 0) + Log1p(Math.Exp(-Math.Abs(x)));

    public static double Sign(double x) => x > 0 ? 1 : x < 0 ? -1 : x;

    /// <summary>Kahan's correction of log(1 + x) by the rounding that 1 + x suffered.</summary>
    public static double Log1p(double x)
    {
        var u = 1 + x;
        return u == 1 || double.IsPositiveInfinity(u) ? x : Math.Log(u) * (x / (u - 1));
    }

    /// <summary>Kahan's e^x - 1.</summary>
    public static double Expm1(double x)
    {
        var u = Math.Exp(x);
        if (u == 1)
            return x;
        var minusOne = u - 1;
        return minusOne == -1 || double.IsPositiveInfinity(u) ? minusOne : minusOne * (x / Math.Log(u));
    }

    public static double Min(double a, double b) => double.IsNaN(a) || double.IsNaN(b) ? double.NaN : Math.Min(a, b);

    public static double Max(double a, double b) => double.IsNaN(a) || double.IsNaN(b) ? double.NaN : Math.Max(a, b);

    public static double NormalDensity(double x) => Math.Exp(-0.5 * x * x) / Math.Sqrt(2 * Math.PI);

    /// <summary>
    /// The standard normal distribution function: Marsaglia's Taylor series about 0 (2004), and Lentz's continued fraction
    /// for the tail where the series would cancel.
    /// </summary>
    public static double NormalCdf(double x)
    {
        if (double.IsNaN(x))
            return x;
        if (Math.Abs(x) < 3)
        {
            double sum = x, term = x;
            for (var i = 3; Math.Abs(term) > 1e-18 * Math.Abs(sum); i += 2)
                sum += term *= x * x / i;
            return 0.5 + (sum * NormalDensity(x));
        }

        var tail = Tail(Math.Abs(x));
        return x < 0 ? tail : 1 - tail;
    }

    private static double Tail(double x)
    {
        var density = NormalDensity(x);
        if (density == 0)
            return 0;
        var fraction = x;
        for (var k = 200; k >= 1; k--)
            fraction = x + (k / fraction);
        return density / fraction;
    }
}
