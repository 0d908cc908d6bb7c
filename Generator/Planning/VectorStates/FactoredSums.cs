using System;
using System.Collections.Generic;
using System.Linq;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Planning.VectorStates;

/// <summary>
/// What a loop adds up, with what stays the same in the loop taken out of the sums: of <c>Σ s·(a·x + b)</c>, s and a being still, the loop
/// adds up x and b alone, and <c>s·(a·Σx + Σb)</c> is left for its end.
/// </summary>
/// <param name="graph">Where the values are.</param>
/// <param name="kind">The kind of the symbols that stand for the sums.</param>
/// <param name="isStill">Whether a symbol stays the same in the loop.</param>
/// <param name="count">How often the loop runs; 0 where that is not known to the compiler.</param>
internal sealed class FactoredSums(GraphBuilder graph, SymbolKind kind, Func<Symbol, bool> isStill, int count)
{
    private readonly List<(Symbol Symbol, Expr Term)> sums = [];
    private readonly Dictionary<Expr, bool> still = [];

    /// <summary>The sums over the elements of a channel's states.</summary>
    public static FactoredSums OfElements(GraphBuilder graph, Cell cell) => new(graph, SymbolKind.ElementSum, symbol => !symbol.IsIndexed, cell.StateSize);

    /// <summary>The sums over steps, of which the compiler does not know how many there are.</summary>
    public static FactoredSums OfSteps(GraphBuilder graph) => new(graph, SymbolKind.StepSum, symbol => symbol.IsStill, count: 0);

    /// <summary>The sums, each with what the loop adds to it.</summary>
    public IReadOnlyList<(Symbol Symbol, Expr Term)> Sums => sums;

    /// <summary>The sum of a value over the loop, of symbols of sums that are made for it.</summary>
    /// <param name="value">What to add up.</param>
    /// <param name="name">A name for the sums.</param>
    public Expr Of(Expr value, string name)
    {
        if (!Splits(value))
            return graph.Symbol(SumOf(value, name));
        if (IsStill(value))
            return Repeated(value) ?? graph.Multiply(graph.Constant(count), value);
        if (value.Op == Operators.Add || value.Op == Operators.Subtract)
            return graph.Apply(value.Op, Of(value[0], name), Of(value[1], name));
        if (value.Op == Operators.Negate)
            return graph.Negate(Of(value[0], name));
        if (value.Op == Operators.Divide && IsStill(value[1]))
            return graph.Divide(Of(value[0], name), value[1]);
        var (factor, moving) = Factor(value);
        return graph.Multiply(factor!, Of(moving!, name));
    }

    /// <summary>Whether there is anything to take out of the sum of a value.</summary>
    private bool Splits(Expr value)
    {
        if (IsStill(value))
            return count > 0;
        if (value.Op == Operators.Add || value.Op == Operators.Subtract)
            return !Stays(value[0]) && !Stays(value[1]) && (Splits(value[0]) || Splits(value[1]));
        return Factor(value).Still is not null;
    }

    /// <summary>
    /// Whether a term stays in the loop although it is still: Σx - n·c would lose what Σ(x - c) keeps where x is near c. The nth part of a
    /// value, which stands once behind the loop, does not.
    /// </summary>
    private bool Stays(Expr term) => IsStill(term) && Repeated(term) is null;

    /// <summary>A value as a product of what is still and of what is not; null for a factor that there is not.</summary>
    private (Expr? Still, Expr? Moving) Factor(Expr value)
    {
        if (IsStill(value))
            return (value, null);
        if (value.Op == Operators.Negate)
        {
            var (factor, moving) = Factor(value[0]);
            return (factor is null ? graph.Constant(-1) : graph.Negate(factor), moving);
        }

        if (value.Op == Operators.Divide && IsStill(value[1]))
        {
            var (factor, moving) = Factor(value[0]);
            return (graph.Divide(factor ?? graph.Constant(1), value[1]), moving);
        }

        if (value.Op != Operators.Multiply)
            return (null, value);
        var ((first, left), (second, right)) = (Factor(value[0]), Factor(value[1]));
        return first is null && second is null ? (null, value) : (Product(first, second), Product(left, right));
    }

    private Expr? Product(Expr? a, Expr? b) => a is null ? b : b is null ? a : graph.Multiply(a, b);

    /// <summary>A value <see cref="count"/> times over where that takes a division away, which the sum over elements of a mean has.</summary>
    private Expr? Repeated(Expr value)
    {
        if (value.Op == Operators.Divide && value[1].Is(count))
            return value[0];
        if (value.Op != Operators.Multiply)
            return null;
        return Repeated(value[0]) is { } first ? graph.Multiply(first, value[1])
            : Repeated(value[1]) is { } second ? graph.Multiply(value[0], second) : null;
    }

    private bool IsStill(Expr value)
    {
        if (!still.TryGetValue(value, out var result))
            still[value] = result = value.IsSymbol ? isStill(value.Symbol!) : value.Operands.All(IsStill);
        return result;
    }

    private Symbol SumOf(Expr term, string name)
    {
        foreach (var (known, other) in sums)
        {
            if (other == term)
                return known;
        }

        var symbol = new Symbol(kind, sums.Count, Unique(name), IsIndexed: true);
        sums.Add((symbol, term));
        return symbol;
    }

    // The last place of a name is for the number of an element.
    private string Unique(string name)
    {
        var unique = name + "Sum";
        for (var part = 2; sums.Any(sum => sum.Symbol.Name == unique); part++)
            unique = name + "Part" + part + "Sum";
        return unique;
    }
}
