using System;
using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Differentiation;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Planning;

/// <summary>
/// The way from the graphs of a cell, past differentiation, to those that kernels compute: the same values by fewer operations.
/// </summary>
internal static class Lowering
{
    /// <summary>
    /// e^x where x is proved to be at most 0, without the care for what overflows. It is not of the operator table: no cell has it.
    /// </summary>
    public static readonly Operator ExpOfNegative = Operators.Exp with { Name = "expNegative", Spelling = nameof(ExpOfNegative) };

    /// <summary>2^x where x is proved to be at most 0: e^x whose argument has a factor that takes in log2 e.</summary>
    public static readonly Operator Exp2OfNegative = ExpOfNegative with { Name = "exp2Negative", Spelling = nameof(Exp2OfNegative), Evaluate = x => Math.Pow(2, x[0]) };

    private const double Log2E = 1.4426950408889634;

    /// <summary>Where e^-x is below the rounding of 1, in double precision too.</summary>
    private const double Negligible = 40;

    /// <summary>Rebuilds expressions of a cell, or of its adjoint, in a builder.</summary>
    public static Func<Expr, Expr> Into(GraphBuilder graph, Cell cell)
    {
        var cheaper = new Dictionary<Expr, Expr>();
        var canonical = new GraphBuilder().Importer(_ => null);
        var exponents = new HashSet<Expr>(ExponentsAlone(cell).Select(canonical));
        var bounds = new Bounds();
        Func<Expr, Expr> import = null!;
        import = graph.Importer(node =>
        {
            // A stopped gradient is the value itself.
            if (node.Op == Operators.StopGradient)
                return import(node[0]);
            if (node.IsLeaf)
                return null;
            var copy = node.Op == Operators.Exp && bounds[node[0]].High <= 0
                ? ExpNegative(graph, import(node[0]), exponents.Contains(canonical(node[0])))
                : graph.Apply(node.Op, [.. node.Operands.Select(import)]);
            return cheaper.TryGetValue(copy, out var other) ? other : copy;
        });
        foreach (var balance in cell.Roots.Reachable().Where(IsBalance))
            Share(graph, import(balance[0][0]), import(balance[1][0]), cheaper);
        return import;
    }

    /// <summary>
    /// The exponents that a step uses for nothing else, not even times a number. One that it does use must keep its rounding: errors of
    /// <c>e^x</c> and of <c>1 - e^(2x)</c>, say, cancel as long as x is the same.
    /// </summary>
    private static IEnumerable<Expr> ExponentsAlone(Cell cell)
    {
        var nodes = cell.Roots.Reachable();

        // What a product is made of, signs and numbers aside, as a sum of its factors' numbers: a list could have as many as 2^nodes.
        var factors = new Dictionary<Expr, ulong>();
        foreach (var node in nodes)
        {
            factors[node] = node.IsConstant ? 0
                : node.Op == Operators.Negate ? factors[node[0]]
                : node.Op == Operators.Multiply ? unchecked(factors[node[0]] + factors[node[1]])
                : unchecked((ulong)(factors.Count + 1) * 0x9E3779B97F4A7C15);
        }

        var used = new HashSet<ulong>(nodes.Where(user => user.Op != Operators.Exp)
            .SelectMany(user => user.Operands.Select(operand => factors[operand]).Where(product => product != factors[user])));
        return nodes.Where(node => node.Op == Operators.Exp && !used.Contains(factors[node[0]])).Select(node => node[0]);
    }

    private static Expr ExpNegative(GraphBuilder graph, Expr x, bool isAlone)
    {
        var known = new Dictionary<Expr, bool>();
        return isAlone && Scales(x) ? graph.Apply(Exp2OfNegative, Scaled(x, Log2E)) : graph.Apply(ExpOfNegative, x);

        // Whether a product has a factor that depends on weights alone.
        bool Scales(Expr value)
        {
            if (!known.TryGetValue(value, out var scales))
            {
                known[value] = scales = value.Op == Operators.Multiply ? Scales(value[0]) || Scales(value[1])
                    : value.Op == Operators.Negate || value.Op == Operators.Divide ? Scales(value[0])
                    : new[] { value }.Reachable().All(node => !node.IsSymbol || node.Symbol!.IsStill);
            }

            return scales;
        }

        // A number times the product, in that factor.
        Expr Scaled(Expr value, double number) => value.Op == Operators.Negate ? Scaled(value[0], -number)
            : value.Op == Operators.Divide ? graph.Divide(Scaled(value[0], number), value[1])
            : value.Op != Operators.Multiply ? graph.Multiply(graph.Constant(number), value)
            : Scales(value[0]) ? graph.Multiply(Scaled(value[0], number), value[1])
            : graph.Multiply(value[0], Scaled(value[1], number));
    }

    /// <summary>softplus(a) - softplus(b), the logit of the share of two gates.</summary>
    private static bool IsBalance(Expr node) =>
        node.Op == Operators.Subtract && node[0].Op == Operators.Softplus && node[1].Op == Operators.Softplus;

    /// <summary>
    /// <c>σ(softplus(a) - softplus(b))</c> is <c>σ(-b) / (σ(-a) + σ(-b))</c>: gates that the gradients want anyway, and no logarithm. Where
    /// both gates would underflow they are shifted by the same amount, for then their quotient alone matters.
    /// </summary>
    private static void Share(GraphBuilder graph, Expr a, Expr b, Dictionary<Expr, Expr> cheaper)
    {
        if (a == b)
            return;
        var (first, second) = (graph.Negate(a), graph.Negate(b));
        var shift = graph.Apply(
            Operators.Min, graph.Add(graph.Max(first, second), graph.Constant(Negligible)), graph.Constant(0));
        shift.Hint ??= "shift";
        var (left, right) = (Shifted(first), Shifted(second));
        var scale = graph.Divide(graph.Constant(1), graph.Add(graph.Sigmoid(left), graph.Sigmoid(right)));
        var balance = graph.Subtract(graph.Softplus(a), graph.Softplus(b));
        Replace(graph.Sigmoid(balance), graph.Multiply(graph.Sigmoid(right), scale));
        Replace(graph.Sigmoid(graph.Negate(balance)), graph.Multiply(graph.Sigmoid(left), scale));

        // The derivatives of the softplus: 1 where there is a shift.
        Replace(graph.Sigmoid(a), graph.Sigmoid(graph.Negate(left)));
        Replace(graph.Sigmoid(b), graph.Sigmoid(graph.Negate(right)));

        Expr Shifted(Expr gate)
        {
            var shifted = graph.Subtract(gate, shift);
            shifted.Hint ??= gate.IsSymbol ? "shifted" + KernelPlan.Capital(gate.Symbol!.Name) : null;
            return shifted;
        }

        void Replace(Expr node, Expr other)
        {
            if (!cheaper.ContainsKey(node))
                cheaper.Add(node, other);
        }
    }
}
