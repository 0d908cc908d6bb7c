using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

namespace MinRnn.Generator.Recurrence;

/// <summary>A parameter of a cell and its role.</summary>
/// <param name="Symbol">Its kind, its index among parameters of that kind, and its name.</param>
/// <param name="Initial">Where a state or a weight starts, or a projection's bias; null for the default.</param>
/// <param name="InitializeWith">The full name of the method that starts a weight.</param>
/// <param name="Rank">Features that a projection of low rank passes through; 0 for one of full rank.</param>
internal sealed record CellParameter(Symbol Symbol, double? Initial = null, string? InitializeWith = null, int Rank = 0)
{
    public string Name => Symbol.Name;
}

/// <summary>The graph of one step of a recurrence, with the roles of its parameters.</summary>
/// <param name="Name">The full name of the class that declares it.</param>
/// <param name="Parameters">In the order of declaration, <c>Step</c>'s first.</param>
/// <param name="NextStates">Each state after the step.</param>
/// <param name="Output">What the cell's <c>Output</c> method gives, or null when the first state is the output.</param>
/// <param name="AllowUnboundedScan">Whether a time-parallel scan needs no bound on its coefficient.</param>
/// <param name="StateSize">
/// Elements of each state, N, of which the graph is one and over which the output is summed; 0 where a state is one number.
/// </param>
internal sealed record Cell(
    string Name,
    ImmutableArray<CellParameter> Parameters,
    ImmutableArray<Expr> NextStates,
    Expr? Output,
    bool AllowUnboundedScan,
    int StateSize = 0)
{
    public IEnumerable<CellParameter> States => Of(SymbolKind.State);

    public IEnumerable<CellParameter> Projections => Of(SymbolKind.Projection);

    public IEnumerable<CellParameter> Weights => Of(SymbolKind.Weight);

    public IEnumerable<CellParameter> Shared => Of(SymbolKind.Shared);

    public bool HasInput => Of(SymbolKind.Input).Any();

    /// <summary>Whether states are vectors.</summary>
    public bool IsVector => StateSize > 0;

    /// <summary>Whether states need a tensor of their own, the output not being all of them.</summary>
    public bool KeepsStates => NextStates.Length > 1 || Output is not null || IsVector;

    /// <summary>The output of the step.</summary>
    public Expr Result => Output ?? NextStates[0];

    public IEnumerable<Expr> Roots => Output is null ? NextStates : NextStates.Add(Output);

    /// <summary>The cell's name without its namespace and containing types.</summary>
    public string ShortName => Name.Substring(Name.LastIndexOf('.') + 1);

    /// <summary>What a state is called after the step.</summary>
    public static string NextName(string state) => "next" + char.ToUpperInvariant(state[0]) + state.Substring(1);

    private IEnumerable<CellParameter> Of(SymbolKind kind) => Parameters.Where(parameter => parameter.Symbol.Kind == kind);
}
