using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Differentiation;

/// <summary>
/// Takes common factors out of sums: <c>a·b + a·c</c> is <c>a·(b + c)</c>. The chain rule makes such sums wherever one
/// pre-activation drives a gate and its complement. Products that something else uses too stay whole.
/// </summary>
internal sealed class Factoring
{
    private readonly GraphBuilder graph;
    private readonly Dictionary<Expr, Expr> rebuilt = [];
    private readonly Dictionary<Expr, int> uses = [];

    private Factoring(GraphBuilder graph) => this.graph = graph;

    public static IReadOnlyList<Expr> Run(GraphBuilder graph, IReadOnlyList<Expr> roots)
    {
        var pass = new Factoring(graph);
        var nodes = roots.Reachable();
        foreach (var used in nodes.SelectMany(node => node.Operands).Concat(roots))
            pass.uses[used] = pass.uses.TryGetValue(used, out var count) ? count + 1 : 1;
        foreach (var node in nodes)
            pass.rebuilt[node] = node.IsLeaf ? node : pass.Sum(node) ?? pass.Copy(node);
        return [.. roots.Select(root => pass.rebuilt[root])];
    }

    private Expr Copy(Expr node) => graph.Apply(node.Op, [.. node.Operands.Select(operand => rebuilt[operand])]);

    private Expr? Sum(Expr node)
    {
        if ((node.Op != Operators.Add && node.Op != Operators.Subtract) || !IsOwnProduct(node[0]) || !IsOwnProduct(node[1]))
            return null;
        var left = Factors(node[0]).ToList();
        var right = Factors(node[1]).ToList();
        var common = new List<Expr>();
        foreach (var factor in left.Where(factor => !factor.IsConstant).ToList())
        {
            if (!right.Remove(factor))
                continue;
            left.Remove(factor);
            common.Add(factor);
        }

        if (common.Count == 0)
            return null;
        var sum = graph.Apply(node.Op, Product(left), Product(right));
        return common.Skip(1).Aggregate(graph.Multiply(common[0], sum), graph.Multiply);
    }

    private bool IsOwnProduct(Expr node) => node.Op == Operators.Multiply && uses[node] == 1;

    private IEnumerable<Expr> Factors(Expr node) =>
        IsOwnProduct(node) ? Factors(node[0]).Concat(Factors(node[1])) : [rebuilt[node]];

    private Expr Product(List<Expr> factors) => factors.Count == 0 ? graph.Constant(1) : factors.Aggregate(graph.Multiply);
}
