using System;
using System.Linq;

namespace MinRnn.Generator.Recurrence;

/// <summary>
/// Rewritings to a simpler or more accurate node of the same value. They agree up to rounding and the sign of a zero for every operand,
/// infinities and NaN included: <c>0 * x</c> and <c>x - x</c> therefore stay.
/// </summary>
internal static class Rules
{
    /// <summary>Below it, a float has fewer digits.</summary>
    private const double LeastNormal = 1.17549435e-38;

    public static Expr? Rewrite(GraphBuilder g, Operator op, Expr[] x)
    {
        if (op == Operators.StopGradient)
            return x[0].IsConstant ? x[0] : null;
        if (x.All(operand => operand.IsConstant))
            return Fold(g, op, [.. x.Select(operand => operand.Value)]);
        if (op == Operators.Add)
            return Add(g, x[0], x[1]);
        if (op == Operators.Subtract)
            return Subtract(g, x[0], x[1]);
        if (op == Operators.Multiply)
            return Multiply(g, x[0], x[1]);
        if (op == Operators.Divide)
            return Divide(g, x[0], x[1]);
        if (op == Operators.Negate)
            return Negate(g, x[0]);
        if (op == Operators.Exp)
            return Exp(g, x[0]);
        if (op == Operators.Log)
            return x[0].Op == Operators.Sigmoid ? g.Negate(g.Softplus(g.Negate(x[0][0]))) : null;
        if (op == Operators.Pow)
            return Pow(g, x[0], x[1]);
        if (op == Operators.SechSquared || op == Operators.Abs)
            return x[0].Op == Operators.Negate ? g.Apply(op, x[0][0]) : null;
        if (op == Operators.Select)
            return Select(g, x[0], x[1], x[2]);
        if (op == Operators.And || op == Operators.Or)
            return Junction(op, x[0], x[1]);
        if (op == Operators.Not)
            return x[0].Op == Operators.Not ? x[0][0] : null;
        return null;
    }

    /// <summary>
    /// A constant for an operator of constants, in double precision, unless floats would come to something else: to infinity, to zero, or to
    /// the other answer of a comparison.
    /// </summary>
    private static Expr? Fold(GraphBuilder g, Operator op, double[] x)
    {
        var value = op.Evaluate(x);
        var leavesFloats = !double.IsNaN(value) && !double.IsInfinity(value) && Math.Abs(value) is > float.MaxValue or (> 0 and < LeastNormal);
        return leavesFloats || (op.IsCondition && op.Evaluate([.. x.Select(operand => (double)(float)operand)]) != value) ? null : g.Constant(value);
    }

    private static Expr? Add(GraphBuilder g, Expr a, Expr b)
    {
        if (a.Is(0))
            return b;
        if (b.Is(0))
            return a;
        if (b.Op == Operators.Negate)
            return g.Subtract(a, b[0]);
        return a.Op == Operators.Negate ? g.Subtract(b, a[0]) : null;
    }

    private static Expr? Subtract(GraphBuilder g, Expr a, Expr b)
    {
        if (b.Is(0))
            return a;
        if (b.Op == Operators.Negate)
            return g.Add(a, b[0]);
        if (!a.Is(1))
            return null;

        // Complements: the subtraction would cancel.
        if (b.Op == Operators.Sigmoid)
            return g.Sigmoid(g.Negate(b[0]));
        return b.Op == Operators.Multiply && b[0] == b[1] && b[0].Op == Operators.Tanh ? g.SechSquared(b[0][0]) : null;
    }

    private static Expr? Multiply(GraphBuilder g, Expr a, Expr b)
    {
        if (a.Is(1))
            return b;
        if (b.Is(1))
            return a;
        if (a.Is(-1))
            return g.Negate(b);
        if (b.Is(-1))
            return g.Negate(a);
        if (a.Op == Operators.Negate)
            return g.Negate(g.Multiply(a[0], b));
        if (b.Op == Operators.Negate)
            return g.Negate(g.Multiply(a, b[0]));

        // Constants gather at the front, unless the product is none that a float holds as well as them.
        if (a.IsConstant && b.Op == Operators.Multiply && b[0].IsConstant && !b[1].IsConstant && Math.Abs(a.Value * b[0].Value) is >= LeastNormal and <= float.MaxValue)
            return g.Multiply(g.Constant(a.Value * b[0].Value), b[1]);
        return b.IsConstant ? g.Multiply(b, a) : null;
    }

    private static Expr? Divide(GraphBuilder g, Expr a, Expr b)
    {
        if (b.Is(1))
            return a;
        if (a.Op == Operators.Negate)
            return g.Negate(g.Divide(a[0], b));
        return b.Op == Operators.Negate ? g.Negate(g.Divide(a, b[0])) : null;
    }

    private static Expr? Negate(GraphBuilder g, Expr a)
    {
        if (a.Op == Operators.Negate)
            return a[0];
        if (a.Op != Operators.Multiply)
            return null;

        // A constant takes the sign.
        if (a[0].IsConstant)
            return g.Multiply(g.Constant(-a[0].Value), a[1]);
        return a[0].Op == Operators.Multiply && a[0][0].IsConstant ? g.Multiply(g.Negate(a[0]), a[1]) : null;
    }

    /// <summary>exp(-softplus(x)) is sigmoid(-x); exp(2x) is the square of exp(x), which may be wanted too.</summary>
    private static Expr? Exp(GraphBuilder g, Expr a)
    {
        if (a.Op == Operators.Negate && a[0].Op == Operators.Softplus)
            return g.Sigmoid(g.Negate(a[0][0]));
        return a.Op == Operators.Multiply && a[0].Is(2) ? g.Multiply(g.Exp(a[1]), g.Exp(a[1])) : null;
    }

    private static Expr? Pow(GraphBuilder g, Expr a, Expr b)
    {
        if (!b.IsConstant)
            return null;
        return b.Value switch
        {
            0 => g.Constant(1),
            1 => a,
            2 => g.Multiply(a, a),
            3 => g.Multiply(g.Multiply(a, a), a),
            -1 => g.Divide(g.Constant(1), a),
            _ => null,
        };
    }

    private static Expr? Select(GraphBuilder g, Expr condition, Expr whenTrue, Expr whenFalse)
    {
        if (condition.IsConstant)
            return condition.Value != 0 ? whenTrue : whenFalse;
        if (whenTrue == whenFalse)
            return whenTrue;

        // Under a condition, the same condition holds.
        if (whenTrue.Op == Operators.Select && whenTrue[0] == condition)
            return g.Select(condition, whenTrue[1], whenFalse);
        return whenFalse.Op == Operators.Select && whenFalse[0] == condition
            ? g.Select(condition, whenTrue, whenFalse[2])
            : null;
    }

    private static Expr? Junction(Operator op, Expr a, Expr b)
    {
        if (a == b)
            return a;
        var (constant, other) = a.IsConstant ? (a, b) : (b, a);
        if (!constant.IsConstant)
            return null;
        return constant.Value != 0 == (op == Operators.And) ? other : constant;
    }
}
