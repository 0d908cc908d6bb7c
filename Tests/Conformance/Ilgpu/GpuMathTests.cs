using System.Numerics;
using System.Reflection;
using MinRnn.Generator.Recurrence;
using MinRnn.Ilgpu;

namespace MinRnn.Tests.Conformance.Ilgpu;

/// <summary>The functions of kernels against the operator table.</summary>
public class GpuMathTests
{
    public static TheoryData<string> Calls => [.. Operators.All.Where(op => op.Notation == Notation.Call && op.Spelling.Length > 0).Select(op => op.Name)];

    [Theory]
    [MemberData(nameof(Calls))]
    public void MeansWhatTheTableSays(string name)
    {
        var op = Operators.Find(name)!;

        // Powers keep the digits of an exponent's rounding, some |y ln x| of them.
        var isPower = op == Operators.Pow;
        // So do gates of single precision, whose exponential is the device's.
        var isGate = op == Operators.Sigmoid || op == Operators.Softplus;
        Compare<float>(op, isPower ? 2e-5 : 4e-7, 2e-38, isGate ? 6e-8 : 0);

        // The table squares the argument of a normal density, whose rounding error the tail shows.
        var isNormal = op == Operators.NormalCdf || op == Operators.NormalDensity;
        Compare<double>(op, isPower || isNormal ? 2e-13 : 1e-15, 1e-307, 0);
    }

    [Fact]
    public void PairsAreTheirHalves()
    {
        foreach (var x in Grid())
        {
            var (value, complement) = GpuMath.SigmoidPair(x);
            Close(GpuMath.Sigmoid(x), value, 1e-15, 1e-307, $"sigmoid({x})");
            Close(GpuMath.Sigmoid(-x), complement, 1e-15, 1e-307, $"sigmoid(-{x})");
            var (tanh, derivative) = GpuMath.TanhPair(x);
            Close(GpuMath.Tanh(x), tanh, 1e-15, 1e-307, $"tanh({x})");
            Close(GpuMath.SechSquared(x), derivative, 1e-15, 1e-307, $"sech2({x})");

            var softplus = GpuMath.SoftplusPair(x);
            Close(GpuMath.Softplus(x), softplus.Value, 1e-15, 1e-307, $"softplus({x})");
            Close(GpuMath.Sigmoid(x), softplus.Derivative, 1e-15, 1e-307, $"softplus'({x})");

            var single = GpuMath.SigmoidPair((float)x);
            Close(GpuMath.Sigmoid((float)x), single.Value, 4e-7, 2e-38, $"sigmoid({x}f)");
            Close(GpuMath.Sigmoid((float)-x), single.Complement, 4e-7, 2e-38, $"sigmoid(-{x}f)");
            var (singleTanh, singleDerivative) = GpuMath.TanhPair((float)x);
            Close(GpuMath.Tanh((float)x), singleTanh, 4e-7, 2e-38, $"tanh({x}f)");
            Close(GpuMath.SechSquared((float)x), singleDerivative, 4e-7, 2e-38, $"sech2({x}f)");
        }
    }

    [Fact]
    public void ExponentialsOfNegativeNumbersAreExponentials()
    {
        foreach (var x in Grid().Where(x => !(x > 0)))
        {
            Close(Math.Exp(x), GpuMath.ExpOfNegative(x), 1e-15, 1e-307, $"exp({x})");
            var single = (float)x;
            Close(Math.Exp(single), GpuMath.ExpOfNegative(single), 2e-7, 2e-38, $"exp({x}f)");
            Close(Math.Pow(2, x), GpuMath.Exp2OfNegative(x), 1e-15, 1e-307, $"exp2({x})");
            Close(Math.Pow(2, single), GpuMath.Exp2OfNegative(single), 2e-7, 2e-38, $"exp2({x}f)");
        }
    }

    private static IEnumerable<double> Grid() =>
    [
        .. Enumerable.Range(-400, 801).Select(i => i / 10.0), -4000, 4000, 1e-8, -1e-8, 100, -100, 710, -750, 1000.5,
        double.PositiveInfinity, double.NegativeInfinity, double.NaN,
    ];

    private static void Compare<T>(Operator op, double relative, double least, double relativeToExponent)
        where T : unmanaged, INumber<T>
    {
        // Of Select alone the first operand is a condition.
        var types = Enumerable.Range(0, op.Arity)
            .Select(i => op == Operators.And || op == Operators.Or || op == Operators.Not || (op == Operators.Select && i == 0) ? typeof(bool) : typeof(T))
            .ToArray();
        var method = typeof(GpuMath).GetMethod(op.Spelling, BindingFlags.Public | BindingFlags.Static, types);
        Assert.NotNull(method);
        double[] others = [-2, -0.5, 0, 0.5, 1, 3, double.NaN];
        foreach (var x in Grid())
        {
            foreach (var y in op.Arity > 1 ? others : [0])
            {
                foreach (var z in op.Arity > 2 ? others : [0])
                {
                    double[] exact = [.. new[] { x, y, z }.Take(op.Arity).Select((value, i) => types[i] == typeof(bool)
                        ? (value > 0 ? 1 : 0)
                        : double.CreateChecked(T.CreateChecked(value)))];
                    object[] operands = [.. exact.Select((value, i) => types[i] == typeof(bool) ? value != 0 : (object)T.CreateChecked(value))];
                    var result = method.Invoke(null, operands)!;
                    var actual = result is bool condition ? (condition ? 1 : 0) : double.CreateChecked((T)result);
                    var expected = op.Evaluate(exact);
                    if (typeof(T) == typeof(float))
                        expected = (float)expected;
                    Close(expected, actual, relative + (relativeToExponent * Math.Min(Math.Abs(exact[0]), 100)), least, $"{op.Name}({string.Join(", ", exact)})");
                }
            }
        }
    }

    private static void Close(double expected, double actual, double relative, double least, string what)
    {
        var isClose = expected.Equals(actual) || expected == actual
            || (double.IsFinite(expected) && Math.Abs(expected - actual) <= Math.Max(relative * Math.Abs(expected), least));
        Assert.True(isClose, $"{what}: expected {expected:R}, not {actual:R}.");
    }
}
