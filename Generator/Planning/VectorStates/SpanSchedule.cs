using System.Collections.Generic;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Planning.VectorStates;

/// <summary>
/// How a kernel of a cell with vector states goes through a span of steps and the channels of a vector. Elements are the outer loop and
/// steps the inner one, so that an element's states stay in registers; what elements share is computed before them, and what they add up
/// to is used after them.
/// </summary>
/// <param name="Ahead">Of each step: what its elements share, for the symbols by which they read it.</param>
/// <param name="Replay">
/// Of each step of each element, for backward: the next states again, and what the adjoint would compute once more. Null in a kernel that goes
/// forward.
/// </param>
/// <param name="Element">Of each step of each element: what is carried to the next step, and the sums with the step's part added.</param>
/// <param name="AfterElement">Of each element after its last step: its part of the gradients of weights. Empty in forward.</param>
/// <param name="After">Of each step: the output, or the gradients of what a channel has one of.</param>
/// <param name="Sums">What elements add up to, of each step.</param>
/// <param name="Names">The names of symbols in all loops.</param>
internal sealed record SpanSchedule(
    Schedule Ahead,
    Schedule? Replay,
    Schedule Element,
    Schedule AfterElement,
    Schedule After,
    IReadOnlyList<Symbol> Sums,
    SymbolNames Names)
{
    /// <summary>
    /// Vectors of a step's row before the sums over channels: what elements read, what they add to, and what backward keeps of an element,
    /// which is its states and what would be costly to compute twice.
    /// </summary>
    public int Vectors => VectorOf(SymbolKind.Kept, 0) + (Replay?.Results.Length ?? 0);

    /// <summary>Which vector of a step's row a symbol is; states before the step are the first of those that are kept.</summary>
    public int VectorOf(SymbolKind kind, int index) => kind switch
    {
        SymbolKind.Channel => index,
        SymbolKind.ElementSum => Ahead.Results.Length + index,
        _ => Ahead.Results.Length + Sums.Count + index,
    };

    /// <summary>What a kernel calls a state that it carries from step to step.</summary>
    public string Carried(Symbol state) => Names[Replay is null ? state : SpanPlan.NextOf(state)];
}
