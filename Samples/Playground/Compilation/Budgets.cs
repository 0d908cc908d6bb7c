using MinRnn.Generator.Planning;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Samples.Playground.Compilation;

/// <summary>The planner's byte budget, beside what the same graph costs where each operation goes through memory.</summary>
internal static class Budgets
{
    public static BudgetView Of(LayerPlan plan)
    {
        var budget = plan.Kernels.Budget;
        var saved = plan.Cell.HasInput ? "Pre-activations, the input" : "Pre-activations";
        return new BudgetView(
            plan.IsDouble ? sizeof(double) : sizeof(float),
            new Traffic(budget.ForwardReads, budget.ForwardWrites),
            new Traffic(budget.BackwardReads, budget.BackwardWrites),
            ByOperation(plan.Cell.Roots),
            ByOperation(plan.Kernels.Adjoint.Parameters.Select(entry => entry.Gradient)),
            $"{saved} and {(plan.Cell.IsVector ? $"the states of every {plan.Kernels.CheckpointSteps}th step" : plan.Cell.KeepsStates ? "the states" : "the output")}.");
    }

    /// <summary>Each operation reads its operands and writes its result; what weights alone decide is not counted.</summary>
    private static Traffic ByOperation(IEnumerable<Expr> roots)
    {
        var (reads, writes) = (0, 0);
        var moving = new HashSet<Expr>();
        foreach (var node in roots.Reachable())
        {
            if (node.IsSymbol ? !node.Symbol!.IsStill : node.Operands.Any(moving.Contains))
                moving.Add(node);
            if (node.IsLeaf || !moving.Contains(node) || node.Op == Operators.StopGradient)
                continue;
            reads += node.Operands.Count(moving.Contains);
            writes++;
        }

        return new Traffic(reads, writes);
    }
}
