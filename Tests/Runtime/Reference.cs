namespace MinRnn.Tests.Runtime;

/// <summary>The functions in double precision, by methods other than those under test.</summary>
internal static class Reference
{
    public static double Sigmoid(double x) => x >= 0 ? 1 / (1 + Math.Exp(-x)) : Math.Exp(x) / (1 + Math.Exp(x));

    public static double SechSquared(double x)
    {
        var exp = Math.Exp(-2 * Math.Abs(x));
        return 4 * exp / ((1 + exp) * (1 + exp));
    }

    /// <summary>(e^x - 1), by x (u - 1) / ln u with u = e^x, in which the errors of u cancel (Kahan).</summary>
    public static double Expm1(double x)
    {
        var exp = Math.Exp(x);
        return exp == 1 || double.IsNaN(x) ? x : Math.Abs(x) > 1 ? exp - 1 : (exp - 1) * x / Math.Log(exp);
    }

    /// <summary>ln(1 + x), corrected by the quotient of the rounding error of 1 + x and the sum.</summary>
    public static double Log1p(double x)
    {
        var sum = 1 + x;
        return x is > -0.5 and < 1e15 ? Math.Log(sum) + (x < sum - x ? x - (sum - 1) : 1 - (sum - x)) / sum : Math.Log(sum);
    }

    public static double Softplus(double x) => Math.Max(x, 0) + Log1p(Math.Exp(-Math.Abs(x)));

    public static double NormalDensity(double x)
    {
        var square = x * x;
        var rest = Math.FusedMultiplyAdd(x, x, -square);
        return Math.Abs(x) > 45 ? 0 : Math.Exp(-square / 2) * (1 - rest / 2) / Math.Sqrt(2 * Math.PI);
    }

    /// <summary>Φ(x): a series of positive terms near 0, a continued fraction in the tails.</summary>
    public static double NormalCdf(double x)
    {
        if (double.IsNaN(x))
            return x;
        var z = Math.Abs(x);
        double tail;
        if (z < 1)
        {
            double term = z, sum = z;
            for (var k = 3; term > sum * 1e-18; k += 2)
                sum += term *= z * z / k;
            var center = NormalDensity(z) * sum;
            if (x >= 0)
                return 0.5 + center;
            tail = 0.5 - center;
        }
        else
        {
            var fraction = z;
            for (var k = 500; k > 0; k--)
                fraction = z + k / fraction;
            tail = z > 40 ? 0 : NormalDensity(z) / fraction;
        }
        return x < 0 ? tail : 1 - tail;
    }
}
