using System;
using System.Linq;

namespace MinRnn.Generator.Recurrence;

/// <summary>What holds of every graph between two passes.</summary>
internal static class Verifier
{
    /// <exception cref="FormatException">The graph breaks a rule, which the message names.</exception>
    public static void Check(Cell cell)
    {
        Require(cell.States.Any(), "has a state");
        Require(cell.NextStates.Length == cell.States.Count(), "gives a value to each of its states");
        Require(cell.Parameters.Select(parameter => parameter.Name).Distinct().Count() == cell.Parameters.Length,
            "names each parameter differently");
        Require(cell.IsVector || !cell.Parameters.Any(parameter => parameter.Symbol.IsIndexed), "has a state size where it has elements of states");
        Require(!cell.Roots.Any(root => root.Op.IsCondition), "has numbers, not conditions, for results");
        var declared = cell.Parameters.Select(parameter => parameter.Symbol).ToList();
        foreach (var node in cell.Roots.Reachable())
        {
            Require(node.Operands.Length == node.Op.Arity, $"gives '{node.Op.Name}' its {node.Op.Arity} operands");
            Require(!node.IsSymbol || declared.Contains(node.Symbol!), $"declares '{node.Symbol?.Name}'");
            for (var i = 0; i < node.Operands.Length; i++)
            {
                var wantsCondition = node.Op == Operators.Select ? i == 0 : IsLogical(node.Op);
                var isCondition = node[i].Op.IsCondition || (wantsCondition && node[i].IsConstant);
                Require(isCondition == wantsCondition, $"gives '{node.Op.Name}' operands of the right kind");
            }
        }

        void Require(bool holds, string rule)
        {
            if (!holds)
                throw new FormatException($"The graph of cell '{cell.Name}' is broken: a valid one {rule}.");
        }
    }

    private static bool IsLogical(Operator op) => op == Operators.And || op == Operators.Or || op == Operators.Not;
}
