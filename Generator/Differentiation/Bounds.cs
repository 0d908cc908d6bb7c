using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Differentiation;

/// <summary>The interval of every node of a graph, whatever values its symbols have.</summary>
internal sealed class Bounds
{
    private readonly Dictionary<Expr, Interval> known = [];

    public Interval this[Expr root]
    {
        get
        {
            if (known.TryGetValue(root, out var interval))
                return interval;
            foreach (var node in new[] { root }.Reachable().Where(node => !known.ContainsKey(node)))
                known[node] = node.Op.Range(node, operand => this[operand]);
            return known[root];
        }
    }
}
