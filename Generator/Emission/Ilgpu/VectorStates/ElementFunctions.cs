using System;
using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Planning;
using MinRnn.Generator.Planning.VectorStates;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Emission.Ilgpu.VectorStates;

/// <summary>What a step of one channel computes as functions: what its elements share, then an element, then what follows from their sums.</summary>
/// <param name="Schedule">The order of both.</param>
/// <param name="Channel">Delivers what all elements read.</param>
/// <param name="Element">Delivers an element's results.</param>
/// <param name="After">Delivers what is summed over the elements.</param>
/// <param name="ReadsGradient">Whether kernels give it the output's gradient.</param>
/// <param name="Written">What kernels write over time of what it delivers.</param>
internal sealed record ElementFunctions(
    ElementSchedule Schedule, StepFunction Channel, StepFunction Element, StepFunction After, bool ReadsGradient, ElementFunctions.Kind Written)
{
    /// <summary>What is written over time.</summary>
    public enum Kind
    {
        Nothing,
        Output,
        Gradients,
    }

    public static ElementFunctions Forward(ElementPlan plan) => Make(
        plan.Forward, "", "One step of one element of a channel's states.", "ChannelOutput", "The output of a channel.",
        target => target == KernelPlan.OutputSymbol ? "output" : Cell.NextName(target.Name), Kind.Output);

    public static ElementFunctions Recomputation(ElementPlan plan) => Make(
        plan.Recomputation, "Again", "The same step without the output.", "", "", target => Cell.NextName(target.Name), Kind.Nothing);

    /// <param name="plan">The plan of an element.</param>
    /// <param name="isOutputState">Whether the first state is the output, so that its gradient takes the output's.</param>
    public static ElementFunctions Backward(ElementPlan plan, bool isOutputState) => Make(
        plan.Backward, "Backward", "The adjoint of one step of one element of a channel's states.", "ChannelGradients", "The gradients of what a channel has one of.",
        target => target.Name + "Gradient", Kind.Gradients, isOutputState);

    /// <summary>The same of a step as a transition.</summary>
    /// <param name="transition">The transition.</param>
    /// <param name="name">What the functions' names end in.</param>
    /// <param name="summary">What it tells of a step.</param>
    public static ElementFunctions OfTransition(ElementTransition transition, string name, string summary) =>
        Make(transition.Schedule, name, summary, "", "", target => target.Name, Kind.Nothing);

    /// <summary>What steps take that depends on weights alone, for one element.</summary>
    public static StepFunction Preparation(ElementPlan plan) => new(
        "Prepare", "What depends on weights alone is the same in every step.", plan.Preparation,
        [.. plan.Preparation.Results.Select(result => (result.Target.Name, result.Target, result.Value))]);

    public bool Reads(SymbolKind kind) => Schedule.Loads.Any(load => load.Symbol!.Kind == kind);

    /// <summary>What the step reads of its channel that differs from step to step, beside the output's gradient.</summary>
    public IEnumerable<Symbol> ChannelLoads => Schedule.ChannelLoads.Select(load => load.Symbol!)
        .Where(symbol => symbol.Kind is SymbolKind.Projection or SymbolKind.Input).OrderBy(symbol => symbol.Kind).ThenBy(symbol => symbol.Index);

    /// <summary>The functions that have results.</summary>
    public IEnumerable<StepFunction> All => new[] { Channel, Element, After }.Where(function => function.Results.Count > 0);

    private static ElementFunctions Make(
        ElementSchedule schedule, string suffix, string summary, string after, string afterSummary, Func<Symbol, string> nameOf,
        Kind written, bool isOutputState = false) => new(
            schedule,
            new StepFunction("Channel" + suffix, "What is the same for all elements of a channel in one step.", schedule.Channel, Results(schedule.Channel, target => target.Name)),
            new StepFunction("Step" + suffix, summary, schedule.Element, Results(schedule.Element, target => target.Kind == SymbolKind.ElementSum ? target.Name : nameOf(target))),
            new StepFunction(after, afterSummary, schedule.After, Results(schedule.After, nameOf)),
            isOutputState || TakesGradient(schedule),
            written);

    private static bool TakesGradient(ElementSchedule schedule) => schedule.Loads.Any(load => load.Symbol!.Kind == SymbolKind.OutputGradient);

    private static List<(string Name, Symbol Target, Expr Value)> Results(Schedule schedule, Func<Symbol, string> nameOf) =>
        [.. schedule.Results.Select(result => (nameOf(result.Target), result.Target, result.Value))];
}
