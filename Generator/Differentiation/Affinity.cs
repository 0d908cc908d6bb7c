using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Differentiation;

/// <summary>
/// The proof that a step is affine in its states, <c>next[i] = Σ_j coefficient[i, j] · state[j] + offset[i]</c> with
/// coefficients and offsets free of states; or the node at which the proof fails. The same of a step's adjoint, in the
/// gradients of its next states.
/// </summary>
internal sealed record Affinity(ImmutableArray<ImmutableArray<Expr>> Coefficients, ImmutableArray<Expr> Offsets, Expr? Obstacle)
{
    public bool Holds => Obstacle is null;

    public static Affinity Prove(Cell cell) => Prove(new GraphBuilder(), cell.NextStates, SymbolKind.State);

    /// <summary>Writes values, one for each symbol of a kind, as affine in those symbols, with nodes of a builder.</summary>
    public static Affinity Prove(GraphBuilder graph, IReadOnlyList<Expr> values, SymbolKind kind)
    {
        var import = graph.Importer(_ => null);
        var forms = new Dictionary<Expr, Form>();
        var roots = values.Select(import).ToList();
        foreach (var node in roots.Reachable())
        {
            if (FormOf(graph, node, forms, kind, values.Count) is not { } form)
                return new Affinity([], [], node);
            forms[node] = form;
        }

        return new Affinity(
            [.. roots.Select(root => forms[root].Coefficients.Select(c => c ?? graph.Constant(0)).ToImmutableArray())],
            [.. roots.Select(root => forms[root].Offset ?? graph.Constant(0))],
            null);
    }

    private static Form? FormOf(GraphBuilder graph, Expr node, Dictionary<Expr, Form> forms, SymbolKind kind, int count)
    {
        if (node.IsSymbol && node.Symbol!.Kind == kind)
            return new Form([.. Enumerable.Range(0, count).Select(i => i == node.Symbol.Index ? graph.Constant(1) : null)], null);
        var operands = node.Operands.Select(operand => forms[operand]).ToList();
        if (operands.All(operand => operand.IsFree))
            return new Form([.. new Expr?[count]], node);

        if (node.Op == Operators.Add || node.Op == Operators.Subtract)
            return operands[0].Combine(operands[1], (a, b) => Sum(graph, node.Op, a, b));
        if (node.Op == Operators.Negate)
            return operands[0].Map(graph.Negate);
        if (node.Op == Operators.Multiply && operands[0].IsFree)
            return operands[1].Map(x => graph.Multiply(node[0], x));
        if (node.Op == Operators.Multiply && operands[1].IsFree)
            return operands[0].Map(x => graph.Multiply(x, node[1]));
        if (node.Op == Operators.Divide && operands[1].IsFree)
            return operands[0].Map(x => graph.Divide(x, node[1]));
        if (node.Op == Operators.Select && operands[0].IsFree)
        {
            return operands[1].Combine(operands[2], (a, b) =>
                a is null && b is null ? null : graph.Select(node[0], a ?? graph.Constant(0), b ?? graph.Constant(0)));
        }

        return null;
    }

    private static Expr? Sum(GraphBuilder graph, Operator op, Expr? a, Expr? b)
    {
        if (b is null)
            return a;
        if (a is null)
            return op == Operators.Subtract ? graph.Negate(b) : b;
        return graph.Apply(op, a, b);
    }

    /// <summary>A value as an affine form; null stands for 0.</summary>
    private sealed record Form(ImmutableArray<Expr?> Coefficients, Expr? Offset)
    {
        /// <summary>Whether none of the symbols enters.</summary>
        public bool IsFree => Coefficients.All(coefficient => coefficient is null);

        public Form Map(System.Func<Expr, Expr> map) =>
            new([.. Coefficients.Select(x => x is null ? null : map(x))], Offset is null ? null : map(Offset));

        public Form Combine(Form other, System.Func<Expr?, Expr?, Expr?> combine) =>
            new([.. Coefficients.Zip(other.Coefficients, combine)], combine(Offset, other.Offset));
    }
}
