using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Planning;

/// <summary>
/// Finds what a kernel may compute before its first step: values that depend on weights alone. Only those are worth it that
/// cost more than the load by which a step gets them.
/// </summary>
internal static class Hoisting
{
    /// <summary>The largest such values within expressions, operands before users.</summary>
    public static List<Expr> Find(IReadOnlyList<Expr> roots)
    {
        var still = new HashSet<Expr>();
        var costly = new HashSet<Expr>();
        var nodes = roots.Reachable();
        foreach (var node in nodes)
        {
            if (node.IsSymbol ? node.Symbol!.Kind == SymbolKind.Weight : node.Operands.All(still.Contains))
                still.Add(node);
            if (node.Op.IsCostly || node.Operands.Any(costly.Contains))
                costly.Add(node);
        }

        // A condition is no number that a row could hold: its operands are looked at.
        var worthwhile = new HashSet<Expr>(nodes.Where(node => still.Contains(node) && costly.Contains(node) && !node.Op.IsCondition));
        return [.. roots.Reachable(worthwhile).Where(worthwhile.Contains)];
    }
}
