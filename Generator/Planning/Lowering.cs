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
        var places = nodes.Select((node, place) => (node, place)).ToDictionary(entry => entry.node, entry => entry.place);
        var used = new HashSet<string>(nodes.Where(node => node.Op != Operators.Exp)
            .SelectMany(user => user.Operands.Select(Factors).Where(factors => factors != Factors(user))));
        return nodes.Where(node => node.Op == Operators.Exp && !used.Contains(Factors(node[0]))).Select(node => node[0]);

        string Factors(Expr node) => string.Join(" ", FactorsOf(node).Select(factor => places[factor]).OrderBy(place => place));
    }

    /// <summary>What a product is made of, signs and numbers aside.</summary>
    private static IEnumerable<Expr> FactorsOf(Expr node) => node.IsConstant ? []
        : node.Op == Operators.Negate || node.Op == Operators.Multiply ? node.Operands.SelectMany(FactorsOf) : [node];

    private static Expr ExpNegative(GraphBuilder graph, Expr x, bool isAlone) =>
        isAlone && Scaled(graph, x, Log2E) is { } bits ? graph.Apply(Exp2OfNegative, bits) : graph.Apply(ExpOfNegative, x);

    /// <summary>A number times a product, in a factor of it that depends on weights alone; null where it has none.</summary>
    private static Expr? Scaled(GraphBuilder graph, Expr value, double number)
    {
        if (value.Op == Operators.Negate)
            return Scaled(graph, value[0], -number);
        if (value.Op == Operators.Multiply)
        {
            return Scaled(graph, value[0], number) is { } first ? graph.Multiply(first, value[1])
                : Scaled(graph, value[1], number) is { } second ? graph.Multiply(value[0], second) : null;
        }

        if (value.Op == Operators.Divide)
            return Scaled(graph, value[0], number) is { } dividend ? graph.Divide(dividend, value[1]) : null;
        return new[] { value }.Reachable().All(node => !node.IsSymbol || node.Symbol!.IsStill)
            ? graph.Multiply(graph.Constant(number), value) : null;
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
