using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace MinRnn.Generator.Recurrence;

/// <summary>
/// The operator table: the one place that says what an operator means, what values it has, how it is differentiated and
/// how it is written. A new operator is one new entry, and a function of its spelling in each backend's mathematics.
/// </summary>
/// <remarks>
/// Derivatives at kinks: Abs' 0 at 0; Relu' 0 at 0; Max and Min give half to each at a tie; Clamp' 1 at its bounds.
/// A comparison has no gradient. <see cref="Select"/> is differentiated by guards, see <c>Differentiation/Adjoint</c>.
/// </remarks>
internal static class Operators
{
    // Leaves.
    public static readonly Operator Constant = new("constant", 0, Leaf, (n, _) => Interval.Of(n.Value), null, "", Notation.Leaf);
    public static readonly Operator Symbol = new("symbol", 0, Leaf, (_, _) => Interval.All, null, "", Notation.Leaf);

    // Arithmetic.
    public static readonly Operator Add = new("add", 2, x => x[0] + x[1],
        (n, of) => (of(n[0]) + of(n[1])).Within(Correlation.Mix(n, of)),
        (_, _, d, _) => d, "+", Notation.Infix, Operator.AdditivePrecedence, IsCommutative: true);

    public static readonly Operator Subtract = new("sub", 2, x => x[0] - x[1],
        (n, of) => (of(n[0]) - of(n[1])).Within(Correlation.Mix(n, of)),
        (g, _, d, i) => i == 0 ? d : g.Negate(d), "-", Notation.Infix, Operator.AdditivePrecedence);

    public static readonly Operator Multiply = new("mul", 2, x => x[0] * x[1],
        (n, of) => n[0] == n[1] ? of(n[0]).Square() : of(n[0]) * of(n[1]),
        (g, n, d, i) => g.Multiply(d, n[1 - i]), "*", Notation.Infix, Operator.MultiplicativePrecedence, IsCommutative: true);

    public static readonly Operator Divide = new("div", 2, x => x[0] / x[1],
        (n, of) => (of(n[0]) / of(n[1])).Within(Correlation.Share(n, of)),
        (g, n, d, i) => i == 0 ? g.Divide(d, n[1]) : g.Negate(g.Divide(g.Multiply(d, n), n[1])),
        "/", Notation.Infix, Operator.MultiplicativePrecedence, IsCostly: true);

    public static readonly Operator Negate = new("neg", 1, x => -x[0],
        (n, of) => -of(n[0]),
        (g, _, d, _) => g.Negate(d), "-", Notation.Prefix, Operator.PrefixPrecedence);

    // Exponentials and logarithms.
    public static readonly Operator Exp = new("exp", 1, x => Math.Exp(x[0]),
        (n, of) => Interval.Rising(Math.Exp, of(n[0]), Positive),
        (g, n, d, _) => g.Multiply(d, n), "Exp", IsCostly: true);

    public static readonly Operator Expm1 = new("expm1", 1, x => Reference.Expm1(x[0]),
        (n, of) => Interval.Rising(Reference.Expm1, of(n[0]), Interval.Of(-1, double.PositiveInfinity)),
        (g, n, d, _) => g.Multiply(d, g.Exp(n[0])), "Expm1", IsCostly: true);

    public static readonly Operator Log = new("log", 1, x => Math.Log(x[0]),
        (n, of) => Interval.Rising(Math.Log, of(n[0]), Interval.All, domain: 0),
        (g, n, d, _) => g.Divide(d, n[0]), "Log", IsCostly: true);

    public static readonly Operator Log1p = new("log1p", 1, x => Reference.Log1p(x[0]),
        (n, of) => Interval.Rising(Reference.Log1p, of(n[0]), Interval.All, domain: -1),
        (g, n, d, _) => g.Divide(d, g.Add(g.Constant(1), n[0])), "Log1p", IsCostly: true);

    public static readonly Operator Softplus = new("softplus", 1, x => Reference.Softplus(x[0]),
        (n, of) => Interval.Rising(Reference.Softplus, of(n[0]), Positive),
        (g, n, d, _) => g.Multiply(d, g.Sigmoid(n[0])), "Softplus", IsCostly: true);

    // Squashing functions. Their complements are functions of their own: 1 - sigmoid(x) is sigmoid(-x).
    public static readonly Operator Sigmoid = new("sigmoid", 1, x => Reference.Sigmoid(x[0]),
        (n, of) => Interval.Rising(Reference.Sigmoid, of(n[0]), Interval.Unit),
        (g, n, d, _) => g.Multiply(d, g.Multiply(n, g.Sigmoid(g.Negate(n[0])))), "Sigmoid", IsCostly: true);

    public static readonly Operator Tanh = new("tanh", 1, x => Math.Tanh(x[0]),
        (n, of) => Interval.Rising(Math.Tanh, of(n[0]), Interval.Of(-1, 1)),
        (g, n, d, _) => g.Multiply(d, g.SechSquared(n[0])), "Tanh", IsCostly: true);

    /// <summary>1 - tanh(x)^2, without the cancellation.</summary>
    public static readonly Operator SechSquared = new("sech2", 1, x => Reference.SechSquared(x[0]),
        (n, of) => Interval.Peak(Reference.SechSquared, of(n[0]), Interval.Unit),
        (g, n, d, _) => g.Multiply(d, g.Multiply(g.Constant(-2), g.Multiply(g.Tanh(n[0]), n))), "SechSquared", IsCostly: true);

    public static readonly Operator NormalCdf = new("phi", 1, x => Reference.NormalCdf(x[0]),
        (n, of) => Interval.Rising(Reference.NormalCdf, of(n[0]), Interval.Unit),
        (g, n, d, _) => g.Multiply(d, g.Apply(NormalDensity!, n[0])), "NormalCdf", IsCostly: true);

    public static readonly Operator NormalDensity = new("density", 1, x => Reference.NormalDensity(x[0]),
        (n, of) => Interval.Peak(Reference.NormalDensity, of(n[0]), Interval.Unit),
        (g, n, d, _) => g.Negate(g.Multiply(d, g.Multiply(n[0], n))), "NormalDensity", IsCostly: true);

    // Powers.
    public static readonly Operator Sqrt = new("sqrt", 1, x => Math.Sqrt(x[0]),
        (n, of) => Interval.Rising(Math.Sqrt, of(n[0]), Positive, domain: 0),
        (g, n, d, _) => g.Divide(g.Multiply(g.Constant(0.5), d), n), "Sqrt", IsCostly: true);

    /// <summary>A square root with derivative 1 / sqrt(max(4x, 1e-6)), at most 1000, as RecurrentGemma has it; by the root that is at hand.</summary>
    public static readonly Operator SqrtBounded = new("sqrtBounded", 1, x => Math.Sqrt(x[0]),
        (n, of) => Interval.Rising(Math.Sqrt, of(n[0]), Positive, domain: 0),
        (g, n, d, _) => g.Divide(g.Multiply(g.Constant(0.5), d), g.Max(n, g.Constant(0.0005))), "Sqrt", IsCostly: true);

    public static readonly Operator Pow = new("pow", 2, x => Math.Pow(x[0], x[1]),
        (n, of) => Power(of(n[0]), of(n[1])),
        (g, n, d, i) => i == 0
            ? Unless(g, n[1], g.Multiply(d, g.Multiply(n[1], g.Pow(n[0], g.Subtract(n[1], g.Constant(1))))))
            : Unless(g, n[0], g.Multiply(d, g.Multiply(n, g.Log(n[0])))), "Pow", IsCostly: true);

    // Periodic.
    public static readonly Operator Sin = new("sin", 1, x => Math.Sin(x[0]),
        (_, _) => Interval.Of(-1, 1),
        (g, n, d, _) => g.Multiply(d, g.Apply(Cos!, n[0])), "Sin", IsCostly: true);

    public static readonly Operator Cos = new("cos", 1, x => Math.Cos(x[0]),
        (_, _) => Interval.Of(-1, 1),
        (g, n, d, _) => g.Negate(g.Multiply(d, g.Apply(Sin, n[0]))), "Cos", IsCostly: true);

    // Piecewise.
    public static readonly Operator Abs = new("abs", 1, x => Math.Abs(x[0]),
        (n, of) => of(n[0]).Abs(),
        (g, n, d, _) => g.Multiply(d, g.Apply(Sign!, n[0])), "Abs");

    public static readonly Operator Sign = new("sign", 1, x => Reference.Sign(x[0]),
        (n, of) => Interval.Of(Reference.Sign(of(n[0]).Low), Reference.Sign(of(n[0]).High)),
        null, "Sign");

    public static readonly Operator Relu = new("relu", 1, x => x[0] <= 0 ? 0 : x[0],
        (n, of) => of(n[0]).Max(Interval.Of(0)),
        (g, n, d, _) => g.Select(g.Less(g.Constant(0), n[0]), d, g.Constant(0)), "Relu");

    public static readonly Operator Min = new("min", 2, x => Reference.Min(x[0], x[1]),
        (n, of) => of(n[0]).Min(of(n[1])),
        (g, n, d, i) => Share(g, g.Less(n[i], n[1 - i]), n, d), "Min", IsCommutative: true);

    public static readonly Operator Max = new("max", 2, x => Reference.Max(x[0], x[1]),
        (n, of) => of(n[0]).Max(of(n[1])),
        (g, n, d, i) => Share(g, g.Less(n[1 - i], n[i]), n, d), "Max", IsCommutative: true);

    /// <summary>clamp(x, low, high); within the bounds, bounds included, the gradient is x's.</summary>
    public static readonly Operator Clamp = new("clamp", 3, x => Reference.Min(Reference.Max(x[0], x[1]), x[2]),
        (n, of) => of(n[0]).Max(of(n[1])).Min(of(n[2])),
        (g, n, d, i) => i switch
        {
            0 => g.Select(g.And(g.LessOrEqual(n[1], n[0]), g.LessOrEqual(n[0], n[2])), d, g.Constant(0)),
            1 => g.Select(HasOrder(n) ? g.Less(n[0], n[1]) : g.And(g.Less(n[0], n[1]), g.LessOrEqual(n[1], n[2])), d, g.Constant(0)),
            _ => g.Select(HasOrder(n) ? g.Less(n[2], n[0]) : g.Apply(Or!, g.Less(n[2], n[0]), g.Less(n[2], n[1])), d, g.Constant(0)),
        }, "Clamp");

    // Conditions and their use.
    public static readonly Operator Less = Condition("less", 2, x => x[0] < x[1], "Less");
    public static readonly Operator LessOrEqual = Condition("lessOrEqual", 2, x => x[0] <= x[1], "LessOrEqual");
    public static readonly Operator Equal = Condition("equal", 2, x => x[0] == x[1], "Equal", commutative: true);
    public static readonly Operator And = Condition("and", 2, x => x[0] != 0 && x[1] != 0, "And", commutative: true);
    public static readonly Operator Or = Condition("or", 2, x => x[0] != 0 || x[1] != 0, "Or", commutative: true);
    public static readonly Operator Not = Condition("not", 1, x => x[0] == 0, "Not");

    public static readonly Operator Select = new("select", 3, x => x[0] != 0 ? x[1] : x[2],
        (n, of) => of(n[1]).Hull(of(n[2])),
        null, "Select");

    /// <summary>The identity, through which no gradient passes.</summary>
    public static readonly Operator StopGradient = new("stopGradient", 1, x => x[0], (n, of) => of(n[0]), null, "");

    private static readonly Dictionary<string, Operator> ByName = typeof(Operators)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => field.GetValue(null)).OfType<Operator>()
        .Where(op => op.Notation != Notation.Leaf)
        .ToDictionary(op => op.Name, StringComparer.Ordinal);

    /// <summary>Every operator but the leaves, in ordinal order of their names.</summary>
    public static IEnumerable<Operator> All => ByName.Values.OrderBy(op => op.Name, StringComparer.Ordinal);

    public static Operator? Find(string name) => ByName.TryGetValue(name, out var op) ? op : null;

    private static Interval Positive => Interval.Of(0, double.PositiveInfinity);

    /// <summary>Whether the bounds of a clamp are known to be in their order.</summary>
    private static bool HasOrder(Expr clamp) => clamp[1].IsConstant && clamp[2].IsConstant && clamp[1].Value <= clamp[2].Value;

    /// <summary>On a base above 0, a power is monotone in each operand; any other base may give anything.</summary>
    private static Interval Power(Interval x, Interval y) => x.Low > 0 || (x.Low == 0 && y.IsNonnegative)
        ? Interval.Corners([Math.Pow(x.Low, y.Low), Math.Pow(x.Low, y.High), Math.Pow(x.High, y.Low), Math.Pow(x.High, y.High)]).Approximated(Positive)
        : Interval.All;

    /// <summary>A derivative that is 0 where a factor is, whatever the other factor.</summary>
    private static Expr Unless(GraphBuilder g, Expr factor, Expr derivative) =>
        factor.IsConstant && factor.Value != 0 ? derivative : g.Select(g.Equal(factor, g.Constant(0)), g.Constant(0), derivative);

    private static Expr Share(GraphBuilder g, Expr wins, Expr node, Expr adjoint) =>
        g.Select(wins, adjoint, g.Select(g.Equal(node[0], node[1]), g.Multiply(g.Constant(0.5), adjoint), g.Constant(0)));

    private static Operator Condition(string name, int arity, Func<IReadOnlyList<double>, bool> holds, string spelling, bool commutative = false) =>
        new(name, arity, x => holds(x) ? 1 : 0, (_, _) => Interval.Unit, null, spelling, IsCondition: true, IsCommutative: commutative);

    private static double Leaf(IReadOnlyList<double> _) => throw new InvalidOperationException("A leaf has no operands to evaluate.");
}
