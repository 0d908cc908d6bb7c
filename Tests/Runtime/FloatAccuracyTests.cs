using System.Numerics;
using MinRnn.Kernels;
using Xunit.Abstractions;
using Unary = System.Func<System.Numerics.Vector<float>, System.Numerics.Vector<float>>;

namespace MinRnn.Tests.Runtime;

/// <summary>Single precision against double.</summary>
public class FloatAccuracyTests(ITestOutputHelper output)
{
    private static readonly Dictionary<string, (Unary Function, Func<double, double> Reference)> Functions = new()
    {
        ["Exp"] = (VectorMath.Exp, Math.Exp),
        ["ExpOfNegative"] = (VectorMath.ExpOfNegative, Math.Exp),
        ["Exp2OfNegative"] = (VectorMath.Exp2OfNegative, x => Math.Pow(2, x)),
        ["Exp2ByPolynomial"] = (VectorMath.Exp2ByPolynomial, x => Math.Pow(2, x)),
        ["Expm1"] = (VectorMath.Expm1, Reference.Expm1),
        ["Log"] = (VectorMath.Log, Math.Log),
        ["Log1p"] = (VectorMath.Log1p, Reference.Log1p),
        ["Sigmoid"] = (VectorMath.Sigmoid, Reference.Sigmoid),
        ["SigmoidPair.Value"] = (x => VectorMath.SigmoidPair(x).Value, Reference.Sigmoid),
        ["SigmoidPair.Complement"] = (x => VectorMath.SigmoidPair(x).Complement, x => Reference.Sigmoid(-x)),
        ["Softplus"] = (VectorMath.Softplus, Reference.Softplus),
        ["SoftplusPair.Value"] = (x => VectorMath.SoftplusPair(x).Value, Reference.Softplus),
        ["SoftplusPair.Derivative"] = (x => VectorMath.SoftplusPair(x).Derivative, Reference.Sigmoid),
        ["Tanh"] = (VectorMath.Tanh, Math.Tanh),
        ["SechSquared"] = (VectorMath.SechSquared, Reference.SechSquared),
        ["TanhPair.Tanh"] = (x => VectorMath.TanhPair(x).Tanh, Math.Tanh),
        ["TanhPair.SechSquared"] = (x => VectorMath.TanhPair(x).SechSquared, Reference.SechSquared),
        ["NormalCdf"] = (VectorMath.NormalCdf, Reference.NormalCdf),
        ["NormalPair.Cdf"] = (x => VectorMath.NormalPair(x).Cdf, Reference.NormalCdf),
        ["NormalPair.Density"] = (x => VectorMath.NormalPair(x).Density, Reference.NormalDensity),
        ["NormalDensity"] = (VectorMath.NormalDensity, Reference.NormalDensity),
        ["Sqrt"] = (VectorMath.Sqrt, Math.Sqrt),
        ["Sin"] = (VectorMath.Sin, Math.Sin),
        ["Cos"] = (VectorMath.Cos, Math.Cos),
    };

    [Theory]
    [InlineData("Exp", -110, 95, 2)]
    [InlineData("Exp", -1, 1, 2)]
    [InlineData("Exp", -88, -86, 2)]
    [InlineData("Exp", 88, 89, 2)]
    [InlineData("ExpOfNegative", -87, 0, 2)]
    [InlineData("ExpOfNegative", -1, 0, 2)]
    [InlineData("Exp2OfNegative", -126, 0, 2)]
    [InlineData("Exp2OfNegative", -1, 0, 2)]
    [InlineData("Exp2ByPolynomial", -126, 0, 2)]
    [InlineData("Exp2ByPolynomial", -1, 0, 2)]
    [InlineData("Log", 1e-30, 10, 2)]
    [InlineData("Log", 0.5, 1.5, 2)]
    [InlineData("Log", 1e-45, 1e-37, 2)]
    [InlineData("Log", 1, 3.4e38, 2)]
    public void Ulps(string name, double low, double high, double limit) =>
        Check(name, limit, Sweep.Ulps(Functions[name].Function, Functions[name].Reference, low, high));

    [Theory]
    [InlineData("Sigmoid", -100, 100, 4e-7)]
    [InlineData("Sigmoid", -1, 1, 4e-7)]
    [InlineData("Sigmoid", -4000, 4000, 4e-7)]
    [InlineData("SigmoidPair.Value", -100, 100, 4e-7)]
    [InlineData("SigmoidPair.Value", -4000, 4000, 4e-7)]
    [InlineData("SigmoidPair.Complement", -100, 100, 4e-7)]
    [InlineData("SigmoidPair.Complement", -4000, 4000, 4e-7)]
    [InlineData("Softplus", -100, 100, 4e-7)]
    [InlineData("Softplus", -3, 3, 4e-7)]
    [InlineData("SoftplusPair.Value", -100, 100, 4e-7)]
    [InlineData("SoftplusPair.Derivative", -100, 100, 4e-7)]
    [InlineData("SoftplusPair.Derivative", -4000, 4000, 4e-7)]
    [InlineData("Tanh", -20, 20, 4e-7)]
    [InlineData("Tanh", -1, 1, 4e-7)]
    [InlineData("Tanh", -4000, 4000, 4e-7)]
    [InlineData("TanhPair.Tanh", -20, 20, 5e-7)]
    [InlineData("TanhPair.Tanh", -1, 1, 5e-7)]
    [InlineData("TanhPair.SechSquared", -50, 50, 5e-7)]
    [InlineData("SechSquared", -50, 50, 5e-7)]
    [InlineData("SechSquared", -4000, 4000, 5e-7)]
    [InlineData("Expm1", -1, 1, 4e-7)]
    [InlineData("Expm1", -110, 95, 4e-7)]
    [InlineData("Log1p", -0.9, 1, 4e-7)]
    [InlineData("Log1p", -0.1, 3.4e38, 4e-7)]
    [InlineData("Log1p", -0.999999, 100, 4e-7)]
    [InlineData("NormalCdf", -15, 15, 1e-6)]
    [InlineData("NormalCdf", -4000, 1, 1e-6)]
    [InlineData("NormalPair.Cdf", -15, 15, 1e-6)]
    [InlineData("NormalPair.Density", -15, 15, 1e-6)]
    [InlineData("NormalDensity", -4000, 15, 1e-6)]
    [InlineData("Sqrt", 0, 1e30, 6e-8)]
    public void RelativeError(string name, double low, double high, double limit) =>
        Check(name, limit, Sweep.Relative(Functions[name].Function, Functions[name].Reference, low, high));

    [Theory]
    [InlineData("Sin", -10, 10, 1.2e-7)]
    [InlineData("Sin", -1e4, 1e4, 2e-7)]
    [InlineData("Sin", -3e38, 3e38, 2e-7)]
    [InlineData("Cos", -10, 10, 1.2e-7)]
    [InlineData("Cos", -1e4, 1e4, 2e-7)]
    [InlineData("Cos", -3e38, 3e38, 2e-7)]
    public void AbsoluteError(string name, double low, double high, double limit) =>
        Check(name, limit, Sweep.Absolute(Functions[name].Function, Functions[name].Reference, low, high));

    [Theory]
    [InlineData(2.5f, -90, 90)]
    [InlineData(0.3f, -90, 90)]
    [InlineData(1.0001f, -800000, 800000)]
    public void PowInItsSecondOperand(float x, double low, double high) =>
        Check($"Pow {x}^y", 1, Sweep.Ulps(y => VectorMath.Pow(Vector.Create(x), y), y => Math.Pow(x, y), low, high));

    [Theory]
    [InlineData(3f)]
    [InlineData(-0.37f)]
    [InlineData(17.25f)]
    public void PowInItsFirstOperand(float y) =>
        Check($"Pow x^{y}", 1, Sweep.Ulps(x => VectorMath.Pow(x, Vector.Create(y)), x => Math.Pow(x, y), 1e-3, 150));

    private void Check(string name, double limit, double worst)
    {
        output.WriteLine($"{name}: {worst:g3}");
        Assert.True(worst <= limit, $"{name}: {worst:g4}, allowed {limit:g4}");
    }
}
