using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Planning.VectorStates;

/// <summary>How a kernel that has a channel's elements side by side goes through a step.</summary>
/// <param name="Channel">What all elements share; its results are symbols that elements read.</param>
/// <param name="Element">What each element computes, with its part of what elements add up to.</param>
/// <param name="After">What follows from these sums.</param>
/// <param name="Sums">What elements add up to.</param>
internal sealed record ElementSchedule(Schedule Channel, Schedule Element, Schedule After, IReadOnlyList<Symbol> Sums)
{
    /// <summary>What is loaded once for a channel.</summary>
    public IEnumerable<Expr> ChannelLoads => Channel.Loads.Concat(Element.Loads).Concat(After.Loads)
        .Where(load => !load.Symbol!.IsIndexed && load.Symbol.Kind != SymbolKind.Channel)
        .GroupBy(load => load.Symbol).Select(group => group.First());

    /// <summary>What is loaded for each element.</summary>
    public IEnumerable<Expr> ElementLoads => Element.Loads.Where(load => load.Symbol!.IsIndexed);

    public IEnumerable<Expr> Loads => ChannelLoads.Concat(ElementLoads);
}

/// <summary>A step of an element, or its adjoint, as a transition of the element's states.</summary>
/// <param name="Plan">The transition.</param>
/// <param name="Schedule">How a kernel computes it, of all elements.</param>
internal sealed record ElementTransition(TransitionPlan Plan, ElementSchedule Schedule);

/// <summary>
/// The schedules of a cell with vector states for kernels whose threads have elements of a channel side by side: steps are the loop, and
/// each is computed for the channel, then for every element. What depends on weights alone is prepared before the first step.
/// </summary>
internal sealed class ElementPlan
{
    private readonly Cell cell;
    private readonly Hoisting hoisting = new();

    /// <param name="plan">The step and its adjoint.</param>
    public ElementPlan(KernelPlan plan)
    {
        cell = plan.Cell;
        var lower = Lowering.Into(new GraphBuilder(), cell);
        var (next, named) = (KernelPlan.NextStates(cell, lower), KernelPlan.NextNames(cell));
        Forward = Make(next, [(KernelPlan.OutputSymbol, lower(cell.Result))], named);
        Recomputation = Make(next, [], named);
        var gradients = plan.Adjoint.Parameters.Select(entry => (entry.Parameter.Symbol, Gradient: lower(entry.Gradient)))
            .Where(result => result.Symbol.Kind == SymbolKind.State || !result.Gradient.Is(0)).ToLookup(result => result.Symbol.IsIndexed);
        Backward = Make([.. gradients[true]], [.. gradients[false]], new Dictionary<Symbol, string>());
        if (plan.TimeParallel.Holds)
        {
            ForwardTransition = Transition(TransitionPlan.OfStep(cell, plan.Affinity));
            BackwardTransition = Transition(TransitionPlan.OfAdjoint(cell, plan.Affinity, plan.Adjoint));
        }

        Preparation = hoisting.Schedule();
    }

    /// <summary>Delivers what depends on weights alone, each for all elements or for each of them.</summary>
    public Schedule Preparation { get; }

    /// <summary>The next states, and the output.</summary>
    public ElementSchedule Forward { get; }

    /// <summary>The next states alone.</summary>
    public ElementSchedule Recomputation { get; }

    /// <summary>The gradients of parameters, of an element or of its channel, but for those that are 0.</summary>
    public ElementSchedule Backward { get; }

    /// <summary>What a step does to an element's states; null where time is not split.</summary>
    public ElementTransition? ForwardTransition { get; }

    /// <summary>What its adjoint does to the gradients of these states; null where time is not split.</summary>
    public ElementTransition? BackwardTransition { get; }

    private ElementTransition Transition(ImmutableArray<TransitionElement> elements)
    {
        var schedule = Make(TransitionPlan.Results(cell, elements), [], new Dictionary<Symbol, string>());
        return new ElementTransition(TransitionPlan.Of(cell, schedule.Element, elements), schedule);
    }

    /// <param name="ofElement">What each element delivers.</param>
    /// <param name="summed">What is summed over the elements.</param>
    /// <param name="named">Results that are to have a name, with that name.</param>
    private ElementSchedule Make(
        IReadOnlyList<(Symbol Target, Expr Value)> ofElement, IReadOnlyList<(Symbol Target, Expr Value)> summed, IReadOnlyDictionary<Symbol, string> named)
    {
        var sums = FactoredSums.OfElements(hoisting.Graph, cell);
        List<(Symbol, Expr)> element = [.. hoisting.Replace(ofElement)];
        List<(Symbol, Expr)> after = [.. hoisting.Replace(summed).Select(result => (result.Target, sums.Of(result.Value, result.Target.Name)))];
        element.AddRange(sums.Sums.Select(sum => (sum.Symbol, sum.Term)));
        var ofChannel = Hoisting.OfChannel();
        var results = ofChannel.Replace([.. element, .. after]);

        // What a step loads for the channel goes by its own name, not by another for the elements.
        var loaded = ofChannel.Values.Where(entry => entry.Value.IsSymbol).ToDictionary(entry => entry.Symbol, entry => entry.Value);
        var import = ofChannel.Graph.Importer(node => node.IsSymbol && loaded.TryGetValue(node.Symbol!, out var load) ? load : null);
        List<(Symbol Symbol, Expr Value)> computed = [.. ofChannel.Values.Where(entry => !entry.Value.IsSymbol)];
        var names = new Names(KernelPlan.Reserved);
        var channel = Schedule.Build(computed, computed.ToDictionary(value => value.Symbol, value => value.Symbol.Name), names);
        return new ElementSchedule(
            channel, Build(results.Take(element.Count)), Build(results.Skip(element.Count)), [.. sums.Sums.Select(sum => sum.Symbol)]);

        Schedule Build(IEnumerable<(Symbol Target, Expr Value)> delivered)
        {
            var own = new Names(KernelPlan.Reserved);
            foreach (var (symbol, value) in computed)
                own.Adopt(ofChannel.Graph.Symbol(symbol), names[value]);
            return Schedule.Build([.. delivered.Select(result => (result.Target, import(result.Value)))], named, own);
        }
    }
}
