using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using MinRnn.Generator.Differentiation;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Planning;

/// <summary>
/// One step of an affine recurrence, or of its adjoint, as a transition <c>next = A·state + b</c>: what scans over time compose.
/// </summary>
/// <param name="States">The states' names, in order.</param>
/// <param name="Schedule">The order in which a step's elements of A and b are computed.</param>
/// <param name="Elements">A's elements that may differ from 0 in any composition of steps, row by row, then b's.</param>
internal sealed record TransitionPlan(
    ImmutableArray<string> States,
    Schedule Schedule,
    ImmutableArray<TransitionElement> Elements)
{
    /// <summary>The elements of the transition of one step, which is affine.</summary>
    public static ImmutableArray<TransitionElement> OfStep(Cell cell, Affinity affinity) => Make(cell, affinity.Coefficients, affinity.Offsets);

    /// <summary>
    /// Those of the transition of the gradients through the adjoint of one step, from those after it, without the output's, to those
    /// before it.
    /// </summary>
    public static ImmutableArray<TransitionElement> OfAdjoint(Cell cell, Affinity affinity, StepAdjoint adjoint)
    {
        var count = affinity.Coefficients.Length;
        ImmutableArray<ImmutableArray<Expr>> transposed =
            [.. Enumerable.Range(0, count).Select(i => Enumerable.Range(0, count).Select(j => affinity.Coefficients[j][i]).ToImmutableArray())];

        // What remains of the states' gradients when none arrives from later steps is what the output's gives.
        var graph = new GraphBuilder();
        var gradient = graph.Symbol(new Symbol(SymbolKind.OutputGradient, 0, "outputGradient"));
        var import = graph.Importer(node => node.Symbol is { Kind: SymbolKind.StateGradient } symbol
            ? symbol.Index == 0 && cell.Output is null ? gradient : graph.Constant(0)
            : null);
        var offsets = adjoint.Parameters.Where(entry => entry.Parameter.Symbol.Kind == SymbolKind.State)
            .Select(entry => import(entry.Gradient)).ToImmutableArray();
        return Make(cell, transposed, offsets);
    }

    /// <summary>What a step computes of its transition.</summary>
    public static IReadOnlyList<(Symbol Target, Expr Value)> Results(Cell cell, ImmutableArray<TransitionElement> elements) =>
        [.. elements.Select((element, i) => (new Symbol(SymbolKind.Transition, i, element.Name, cell.IsVector), element.Value))];

    /// <summary>A transition of a cell's states.</summary>
    public static TransitionPlan Of(Cell cell, Schedule schedule, ImmutableArray<TransitionElement> elements) =>
        new([.. cell.States.Select(state => state.Name)], schedule, elements);

    private static ImmutableArray<TransitionElement> Make(
        Cell cell, ImmutableArray<ImmutableArray<Expr>> coefficients, ImmutableArray<Expr> offsets)
    {
        var names = new StateNames(cell.States.Select(state => state.Name));
        var count = coefficients.Length;
        var pattern = SpanSummary.Reach(count, (i, j) => !coefficients[i][j].Is(0));
        var import = Lowering.Into(new GraphBuilder(), cell);

        var elements = new List<TransitionElement>();
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < count; j++)
            {
                if (pattern[i, j])
                    elements.Add(new TransitionElement(count == 1 ? "coefficient" : names.Entry(i, j), i, j, import(coefficients[i][j])));
            }
        }

        for (var i = 0; i < count; i++)
            elements.Add(new TransitionElement(count == 1 ? "offset" : names.Offset(i), i, -1, import(offsets[i])));
        return [.. elements];
    }
}

/// <summary>An element of a transition.</summary>
/// <param name="Name">Its name in generated code.</param>
/// <param name="Row">The state that it adds to.</param>
/// <param name="Column">The state that it is a coefficient of; -1 for an offset.</param>
/// <param name="Value">What one step has there.</param>
internal sealed record TransitionElement(string Name, int Row, int Column, Expr Value);
