using System.Collections.Generic;
using System.Collections.Immutable;

namespace MinRnn.Generator.Recurrence;

/// <summary>
/// One node of a graph of float or condition values. Nodes are made by a <see cref="GraphBuilder"/> alone, which gives
/// equal expressions one node: reference equality is expression equality within one builder.
/// </summary>
internal sealed class Expr
{
    internal Expr(int id, Operator op, ImmutableArray<Expr> operands, double value, Symbol? symbol)
    {
        Id = id;
        Op = op;
        Operands = operands;
        Value = value;
        Symbol = symbol;
    }

    /// <summary>Order of construction: operands come before their users.</summary>
    public int Id { get; }

    public Operator Op { get; }

    public ImmutableArray<Expr> Operands { get; }

    /// <summary>The value of a constant.</summary>
    public double Value { get; }

    /// <summary>The quantity that a symbol stands for.</summary>
    public Symbol? Symbol { get; }

    /// <summary>The name of the user's local that holds this value, if any: what people will read.</summary>
    public string? Hint { get; internal set; }

    public bool IsConstant => Op == Operators.Constant;

    public bool IsSymbol => Op == Operators.Symbol;

    public bool IsLeaf => IsConstant || IsSymbol;

    public Expr this[int operand] => Operands[operand];

    public bool Is(double value) => IsConstant && Value == value;

    public override string ToString() => GraphPrinter.Inline(this);
}

/// <summary>What a symbol stands for.</summary>
internal enum SymbolKind
{
    /// <summary>A state before the step.</summary>
    State,

    /// <summary>A pre-activation, bias included.</summary>
    Projection,

    /// <summary>The layer's own input channel.</summary>
    Input,

    /// <summary>A learned weight of the channel.</summary>
    Weight,

    /// <summary>A pre-activation of an element of the states, bias included, which all channels share.</summary>
    Shared,

    /// <summary>A value that depends on weights alone, computed before the first step.</summary>
    Hoisted,

    /// <summary>A value that all elements of a channel's states share in a step, computed before the first of them.</summary>
    Channel,

    /// <summary>What elements of a channel's states add up to in a step.</summary>
    ElementSum,

    /// <summary>What steps add up to for an element of a channel's states.</summary>
    StepSum,

    /// <summary>What channels add up to for an element of a shared pre-activation's gradient.</summary>
    ChannelSum,

    /// <summary>A state after the step.</summary>
    NextState,

    /// <summary>A value of the step that backward keeps from when it computed the states again.</summary>
    Kept,

    /// <summary>The adjoint of a state after the step.</summary>
    StateGradient,

    /// <summary>The adjoint of the output of the step.</summary>
    OutputGradient,

    /// <summary>An entry of the matrix that steps compose to, row by row.</summary>
    Transition,

    /// <summary>An entry of the vector that steps compose to.</summary>
    Offset,
}

/// <summary>A quantity from outside the graph: kind, index within its kind, and name.</summary>
/// <param name="Kind">What it stands for.</param>
/// <param name="Index">Its place among those of its kind.</param>
/// <param name="Name">Its name.</param>
/// <param name="IsIndexed">Whether it is a vector, of which a step's graph stands for one element.</param>
internal sealed record Symbol(SymbolKind Kind, int Index, string Name, bool IsIndexed = false)
{
    /// <summary>Whether it is the same in every step.</summary>
    public bool IsStill => Kind is SymbolKind.Weight or SymbolKind.Hoisted;
}

internal static class ExprExtensions
{
    /// <summary>Every node that the roots depend on, operands before users.</summary>
    /// <param name="roots">Where to start.</param>
    /// <param name="ends">Nodes past which not to look.</param>
    public static IReadOnlyList<Expr> Reachable(this IEnumerable<Expr> roots, ICollection<Expr>? ends = null)
    {
        var seen = new HashSet<Expr>();
        var order = new List<Expr>();
        var pending = new Stack<(Expr Node, bool Expanded)>();
        foreach (var root in roots)
        {
            pending.Push((root, false));
            while (pending.Count > 0)
            {
                var (node, expanded) = pending.Pop();
                if (expanded)
                {
                    order.Add(node);
                    continue;
                }

                if (!seen.Add(node))
                    continue;
                pending.Push((node, true));
                if (ends?.Contains(node) == true)
                    continue;
                for (var i = node.Operands.Length - 1; i >= 0; i--)
                    pending.Push((node.Operands[i], false));
            }
        }

        return order;
    }
}
