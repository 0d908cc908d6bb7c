using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Differentiation;

/// <summary>
/// The proof that products of an affine step's coefficients stay bounded however many there are: some norm of the coefficient,
/// or of the matrix of them, is at most 1 for every input.
/// </summary>
internal sealed class Contraction
{
    /// <summary>What rounding may add to a norm of 1: a million factors of it are still of moderate size.</summary>
    private const double Largest = 1 + (1.0 / (1 << 16));

    private readonly Bounds bounds = new();
    private readonly ImmutableArray<ImmutableArray<Expr>> matrix;

    private Contraction(ImmutableArray<ImmutableArray<Expr>> matrix) => this.matrix = matrix;

    /// <summary>The coefficient that prevents the proof, with its interval; null when the proof holds.</summary>
    public static (Expr Coefficient, Interval Range)? Obstacle(ImmutableArray<ImmutableArray<Expr>> matrix)
    {
        var proof = new Contraction(matrix);

        // States that do not act on each other are proved each on their own.
        foreach (var group in proof.Groups())
        {
            if (proof.RowsHold(group) || proof.ColumnsHold(group) || proof.SquaresHold(group) || proof.Turns(group))
                continue;
            var worst = group.SelectMany(i => group.Select(j => matrix[i][j]))
                .OrderByDescending(entry => proof.bounds[entry].Magnitude).First();
            return (worst, proof.bounds[worst]);
        }

        return null;
    }

    private bool RowsHold(IReadOnlyList<int> group) => group.All(i => SumHolds([.. group.Select(j => matrix[i][j])]));

    private bool ColumnsHold(IReadOnlyList<int> group) => group.All(j => SumHolds([.. group.Select(i => matrix[i][j])]));

    /// <summary>Whether absolute values add up to 1 at most: one by one, or in two parts that a gate and its complement weigh.</summary>
    private bool SumHolds(IReadOnlyList<Expr> entries) => SumHolds(
        [.. entries.Where(entry => !entry.Is(0)).Select(entry => Correlation.Factors(Unsigned(entry).Value))]);

    private bool SumHolds(IReadOnlyList<ImmutableList<Expr>> products)
    {
        if (products.Sum(product => Correlation.Product(product, node => bounds[node]).Magnitude) <= Largest)
            return true;
        if (products.Count is < 2 or > 4)
            return false;
        foreach (var gate in products[0])
        {
            // Each product has the gate or its complement; within either part the rest must hold.
            var weighed = products.Select(product =>
                (Product: product, Factor: product.FirstOrDefault(factor => factor == gate || Correlation.AreComplements(factor, gate, node => bounds[node])))).ToList();
            var parts = weighed.GroupBy(entry => entry.Factor == gate).ToList();
            if (weighed.All(entry => entry.Factor is not null) && parts.Count == 2
                && parts.All(part => SumHolds([.. part.Select(entry => entry.Product.Remove(entry.Factor!))])))
                return true;
        }

        return false;
    }

    /// <summary>The Frobenius norm is no smaller than the spectral norm.</summary>
    private bool SquaresHold(IReadOnlyList<int> group) =>
        group.Sum(i => group.Sum(j => bounds[matrix[i][j]].Square().High)) <= Largest;

    /// <summary>A rotation or a reflection in the plane, times a factor that all four entries share: the factor is the spectral norm.</summary>
    private bool Turns(IReadOnlyList<int> group)
    {
        if (group.Count != 2)
            return false;
        var entries = group.SelectMany(i => group.Select(j => Unsigned(matrix[i][j]))).ToList();
        var factors = entries.Select(entry => Correlation.Factors(entry.Value)).ToList();
        foreach (var waves in factors[0].Where(IsWave))
        {
            var angle = waves[0];
            var own = factors.Select(product => product.FirstOrDefault(factor => IsWave(factor) && factor[0] == angle)).ToList();
            if (own.Any(wave => wave is null))
                continue;
            var shared = factors.Zip(own, (product, wave) => product.Remove(wave!)).ToList();
            var isTurn = own[0] == own[3] && own[1] == own[2] && own[0] != own[1]
                && entries.Count(entry => entry.IsNegative) % 2 == 1;
            if (isTurn && shared.All(rest => SameFactors(rest, shared[0]))
                && Correlation.Product(shared[0], node => bounds[node]).Magnitude <= Largest)
                return true;
        }

        return false;
    }

    /// <summary>Groups of states, each with those that act on it or on which it acts.</summary>
    private IEnumerable<IReadOnlyList<int>> Groups()
    {
        var group = Enumerable.Range(0, matrix.Length).ToArray();
        for (var i = 0; i < matrix.Length; i++)
        {
            for (var j = 0; j < matrix.Length; j++)
            {
                if (matrix[i][j].Is(0) || group[i] == group[j])
                    continue;
                var (kept, merged) = (group[i], group[j]);
                group = Array.ConvertAll(group, own => own == merged ? kept : own);
            }
        }

        return Enumerable.Range(0, matrix.Length).GroupBy(i => group[i]).Select(members => members.ToList());
    }

    private static bool IsWave(Expr node) => node.Op == Operators.Sin || node.Op == Operators.Cos;

    private static bool SameFactors(ImmutableList<Expr> a, ImmutableList<Expr> b) =>
        a.Count == b.Count && b.Aggregate(a, (left, factor) => left.Remove(factor)).IsEmpty;

    private static (bool IsNegative, Expr Value) Unsigned(Expr node) =>
        node.Op == Operators.Negate ? (true, node[0]) : (false, node);
}
