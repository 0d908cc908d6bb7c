using System;
using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Planning;

/// <summary>How a kernel goes through a channel whose states are vectors.</summary>
/// <param name="Channel">What all elements share; its results are symbols that elements read.</param>
/// <param name="Element">What each element computes.</param>
internal sealed record ElementSchedule(Schedule Channel, Schedule Element)
{
    /// <summary>What is loaded once for a channel.</summary>
    public IEnumerable<Expr> ChannelLoads => Channel.Loads.Union(Element.Loads.Where(load => !load.Symbol!.IsIndexed && load.Symbol.Kind != SymbolKind.Channel));

    /// <summary>What is loaded for each element.</summary>
    public IEnumerable<Expr> ElementLoads => Element.Loads.Where(load => load.Symbol!.IsIndexed);

    public IEnumerable<Expr> Loads => ChannelLoads.Concat(ElementLoads);
}

/// <summary>
/// The schedules of a cell with vector states: each is of one element, and what all elements of a channel share is computed before
/// the first. What depends on weights alone is prepared once for all steps and all kernels.
/// </summary>
internal sealed class ElementPlan
{
    /// <summary>Identifiers that the kernels use beside those of other cells' kernels.</summary>
    private static readonly string[] Reserved =
    [
        .. KernelPlan.Reserved, "local", "element", "origin", "shared", "sharedBias", "sharedSums", "sharedGradient", "prepared", "sum", "StateSize",
        "PreactivationWidth", "Unsafe", "VectorStates", "Broadcast",
    ];

    private readonly Hoisting hoisting = new();
    private readonly int size;

    /// <param name="plan">The step and its adjoint.</param>
    /// <param name="taken">Further identifiers of the backward kernel.</param>
    public ElementPlan(KernelPlan plan, IEnumerable<string> taken)
    {
        var (cell, lower) = (plan.Cell, Lowering.Into(new GraphBuilder(), plan.Cell));
        List<(Symbol Target, Expr Value)> next =
            [.. cell.NextStates.Select((value, i) => (new Symbol(SymbolKind.State, i, cell.States.ElementAt(i).Name), lower(value)))];
        List<(Symbol Target, Expr Value)> adjoint = [.. plan.Adjoint.Parameters.Select(entry => (entry.Parameter.Symbol, lower(entry.Gradient)))];
        var named = next.ToDictionary(result => result.Target, result => "next" + KernelPlan.Capital(result.Target.Name));
        size = cell.StateSize;
        Forward = Make([.. next, (KernelPlan.OutputSymbol, lower(cell.Result))], named, []);
        Recomputation = Make(next, named, []);
        Backward = Make(adjoint, new Dictionary<Symbol, string>(), taken);
        Preparation = hoisting.Schedule();
    }

    /// <summary>Delivers what depends on weights alone, each for all elements or for each of them.</summary>
    public Schedule Preparation { get; }

    /// <summary>The next states, and the element's part of the output.</summary>
    public ElementSchedule Forward { get; }

    /// <summary>The next states alone.</summary>
    public ElementSchedule Recomputation { get; }

    /// <summary>The gradient of every parameter of an element, or the element's part of that of its channel.</summary>
    public ElementSchedule Backward { get; }

    /// <summary>Rows of prepared values.</summary>
    public int PreparedRows => hoisting.Values.Sum(entry => RowsOf(entry.Symbol));

    /// <summary>The first row of a prepared value.</summary>
    public int RowOf(Symbol prepared) => hoisting.Values.Take(prepared.Index).Sum(entry => RowsOf(entry.Symbol));

    private int RowsOf(Symbol prepared) => prepared.IsIndexed ? size : 1;

    private ElementSchedule Make(
        IReadOnlyList<(Symbol Target, Expr Value)> results, IReadOnlyDictionary<Symbol, string> named, IEnumerable<string> taken)
    {
        var shared = Hoisting.OfChannel();
        var ofElement = shared.Replace(hoisting.Replace(results));
        var names = new Names(Reserved.Concat(taken));
        var ofChannel = Schedule.Build(shared.Values, shared.Values.ToDictionary(value => value.Symbol, value => value.Symbol.Name), names);
        foreach (var (symbol, value) in shared.Values)
            names.Alias(shared[symbol], value);
        return new ElementSchedule(ofChannel, Schedule.Build(ofElement, named, names));
    }
}
