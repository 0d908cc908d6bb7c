using MinRnn.Generator.Planning;
using MinRnn.Tests.Common;
using MinRnn.Tests.Generator.Documentation.Pictures;

namespace MinRnn.Tests.Generator.Documentation;

/// <summary>The gallery has every built-in cell, with what the compiler knows of it and the picture of its kernels.</summary>
public class CellTests
{
    private const string Gallery = "docs/cells.md";

    public static TheoryData<string> Cells => [.. CellGraphs.BuiltIn.Select(type => type.Name)];

    [Theory]
    [MemberData(nameof(Cells))]
    public void Pictures_show_the_kernels(string cell)
    {
        Derived.File($"docs/cells/{cell}.svg", FlowPicture.Draw(PlanOf(cell)));
        var page = Repository.Pages.Single(page => page.Path == Gallery);
        Assert.Contains(page.Headings, heading => heading.Text == cell);
        Assert.Contains(page.Links, link => link.Target == $"cells/{cell}.svg");
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Facts_are_those_of_the_plan(string cell)
    {
        var plan = PlanOf(cell);
        var budget = plan.Budget;
        var projections = plan.Cell.Projections.Select(projection => $"`{projection.Name}`{(projection.Rank > 0 ? $" (rank {projection.Rank})" : "")}")
            .Concat(plan.Cell.Shared.Select(projection => $"`{projection.Name}` (shared)"));
        var facts = new List<string> { "projections " + (projections.Any() ? string.Join(", ", projections) : "none") };
        if (plan.Cell.Weights.Any())
            facts.Add("weights " + string.Join(", ", plan.Cell.Weights.Select(weight => $"`{weight.Name}`{(weight.Symbol.IsIndexed ? " (per state)" : "")}")));
        facts.Add($"{(plan.Cell.IsVector ? $"states of {plan.Cell.StateSize} elements " : plan.Cell.NextStates.Length == 1 ? "state " : "states ")}"
            + string.Join(", ", plan.Cell.States.Select(state => $"`{state.Name}`")));
        if (plan.Cell.HasInput)
            facts.Add("reads the layer's input channel: `InputSize` = `HiddenSize`");
        facts.Add($"moves {budget.Forward} elements a channel-step forward, {budget.Backward} backward");
        facts.Add(plan.TimeParallel.ToString().TrimEnd('.'));
        Derived.Region(Gallery, cell, string.Concat(facts.Select(fact => $"- {char.ToUpperInvariant(fact[0])}{fact[1..]}.\n")));
    }

    private static KernelPlan PlanOf(string cell) => KernelPlan.Make(CellGraphs.Of(CellGraphs.BuiltIn.Single(type => type.Name == cell)));
}
