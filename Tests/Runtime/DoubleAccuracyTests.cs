using System.Numerics;
using MinRnn.Kernels;
using Xunit.Abstractions;
using Unary = System.Func<System.Numerics.Vector<double>, System.Numerics.Vector<double>>;

namespace MinRnn.Tests.Runtime;

/// <summary>Double precision against the scalar library and compositions of it that are accurate to a few units.</summary>
public class DoubleAccuracyTests(ITestOutputHelper output)
{
    private static readonly Dictionary<string, (Unary Function, Func<double, double> Reference)> Functions = new()
    {
        ["Exp"] = (VectorMath.Exp, Math.Exp),
        ["ExpOfNegative"] = (VectorMath.ExpOfNegative, Math.Exp),
        ["Exp2OfNegative"] = (VectorMath.Exp2OfNegative, x => Math.Pow(2, x)),
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
        ["NormalPair.Density"] = (x => VectorMath.NormalPair(x).Density, Reference.NormalDensity),
        ["Sin"] = (VectorMath.Sin, Math.Sin),
        ["Cos"] = (VectorMath.Cos, Math.Cos),
    };

    [Theory]
    [InlineData("Exp", -760, 720, 4e-16)]
    [InlineData("Exp", -1, 1, 4e-16)]
    [InlineData("Exp", -709, -708, 4e-16)]
    [InlineData("ExpOfNegative", -708, 0, 4e-16)]
    [InlineData("Exp2OfNegative", -1022, 0, 4e-16)]
    [InlineData("Expm1", -1, 1, 1e-15)]
    [InlineData("Expm1", -50, 715, 1e-15)]
    [InlineData("Log", 1e-30, 10, 1e-15)]
    [InlineData("Log", 0.5, 1.5, 1e-15)]
    [InlineData("Log", 1e-320, 1e-300, 1e-15)]
    [InlineData("Log", 1, 1.7e308, 1e-15)]
    [InlineData("Log1p", -0.4999, 1, 1e-15)]
    [InlineData("Log1p", -0.1, 1.7e308, 1e-15)]
    [InlineData("Log1p", -0.999999, -0.5, 1e-15)]
    [InlineData("Sigmoid", -720, 720, 1e-15)]
    [InlineData("Sigmoid", -1, 1, 1e-15)]
    [InlineData("SigmoidPair.Value", -720, 720, 1e-15)]
    [InlineData("SigmoidPair.Complement", -720, 720, 1e-15)]
    [InlineData("Softplus", -720, 720, 1e-15)]
    [InlineData("SoftplusPair.Value", -720, 720, 1e-15)]
    [InlineData("SoftplusPair.Derivative", -720, 720, 1e-15)]
    [InlineData("Softplus", -3, 3, 1e-15)]
    [InlineData("Tanh", -30, 30, 1e-15)]
    [InlineData("Tanh", -1, 1, 1e-15)]
    [InlineData("SechSquared", -360, 360, 1e-15)]
    [InlineData("TanhPair.Tanh", -1, 1, 1e-15)]
    [InlineData("TanhPair.SechSquared", -360, 360, 1e-15)]
    [InlineData("NormalCdf", -39, 10, 1e-14)]
    [InlineData("NormalCdf", -3, 3, 1e-14)]
    [InlineData("NormalPair.Density", -39, 10, 1e-14)]
    public void RelativeError(string name, double low, double high, double limit) =>
        Check(name, limit, Sweep.Relative(Functions[name].Function, Functions[name].Reference, low, high));

    [Theory]
    [InlineData("Sin", -10, 10)]
    [InlineData("Sin", -1e5, 1e5)]
    [InlineData("Sin", -1e300, 1e300)]
    [InlineData("Cos", -10, 10)]
    [InlineData("Cos", -1e5, 1e5)]
    [InlineData("Cos", -1e300, 1e300)]
    public void AbsoluteError(string name, double low, double high) =>
        Check(name, 4e-16, Sweep.Absolute(Functions[name].Function, Functions[name].Reference, low, high));

    [Fact]
    public void PowIsTheScalarOne()
    {
        var x = Vector.CreateSequence(0.5, 1.25);
        var y = Vector.CreateSequence(-3.7, 5.1);
        var value = VectorMath.Pow(x, y);
        for (var lane = 0; lane < Vector<double>.Count; lane++)
            Assert.Equal(Math.Pow(x[lane], y[lane]), value[lane]);
    }

    private void Check(string name, double limit, double worst)
    {
        output.WriteLine($"{name}: {worst:g3}");
        Assert.True(worst <= limit, $"{name}: {worst:g4}, allowed {limit:g4}");
    }
}
