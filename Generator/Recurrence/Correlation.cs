using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

namespace MinRnn.Generator.Recurrence;

/// <summary>What is known of a value because its operands are related, and what intervals of the operands alone do not say.</summary>
internal static class Correlation
{
    /// <summary><c>x / (x + y)</c> is at most 1 where neither is negative; so is <c>|x / (|x| + y)|</c>.</summary>
    public static Interval Share(Expr quotient, Func<Expr, Interval> of)
    {
        var (part, whole) = (quotient[0], quotient[1]);
        if (!Covers(whole, 8))
            return Interval.All;
        return of(part).IsNonnegative ? Interval.Unit : Interval.Of(-1, 1);

        // Whether a value is at least |part|, as far as a few operands down tell.
        bool Covers(Expr node, int depth)
        {
            if ((node == part && of(part).IsNonnegative) || (node.Op == Operators.Abs && node[0] == part))
                return true;
            if (depth == 0 || (node.Op != Operators.Max && node.Op != Operators.Add))
                return false;
            return node.Op == Operators.Max
                ? Covers(node[0], depth - 1) || Covers(node[1], depth - 1)
                : (of(node[1]).IsNonnegative && Covers(node[0], depth - 1)) || (of(node[0]).IsNonnegative && Covers(node[1], depth - 1));
        }
    }

    /// <summary>
    /// <c>z·x + (1 - z)·y</c> and <c>x + z·(y - x)</c> lie between x and y where z is from 0 to 1.
    /// </summary>
    public static Interval Mix(Expr sum, Func<Expr, Interval> of)
    {
        var sign = Interval.Of(sum.Op == Operators.Subtract ? -1 : 1);
        var (left, right) = (Factors(sum[0]), Factors(sum[1]));
        foreach (var factor in left)
        {
            if (right.FirstOrDefault(other => AreComplements(factor, other, of)) is { } complement)
                return Product(left.Remove(factor), of).Hull(sign * Product(right.Remove(complement), of));
        }

        return sum.Op == Operators.Add ? Between(sum[0], right).Within(Between(sum[1], left)) : Interval.All;

        Interval Between(Expr start, ImmutableList<Expr> step)
        {
            var difference = step.FirstOrDefault(factor => factor.Op == Operators.Subtract && factor[1] == start);
            return difference is null || !IsShare(Product(step.Remove(difference), of))
                ? Interval.All
                : of(start).Hull(of(difference[0]));
        }
    }

    /// <summary>Whether two values are from 0 to 1 and add up to 1.</summary>
    public static bool AreComplements(Expr a, Expr b, Func<Expr, Interval> of) =>
        IsComplement(a, b, of) || IsComplement(b, a, of)
        || (a.Op == Operators.Sigmoid && b.Op == Operators.Sigmoid && (IsNegation(a[0], b[0]) || IsNegation(b[0], a[0])));

    /// <summary>What is multiplied in a product; the node itself where it is none. Powers of powers stay whole.</summary>
    public static ImmutableList<Expr> Factors(Expr node)
    {
        const int Most = 16;
        var factors = ImmutableList.Create(node);
        for (var i = 0; i < factors.Count;)
        {
            if (factors[i].Op == Operators.Multiply && factors.Count < Most)
                factors = factors.Insert(i + 1, factors[i][1]).SetItem(i, factors[i][0]);
            else
                i++;
        }

        return factors;
    }

    /// <summary>The interval of a product of factors.</summary>
    public static Interval Product(IEnumerable<Expr> factors, Func<Expr, Interval> of) =>
        factors.Aggregate(Interval.Of(1), (product, factor) => product * of(factor));

    private static bool IsComplement(Expr z, Expr other, Func<Expr, Interval> of) =>
        other.Op == Operators.Subtract && other[0].Is(1) && other[1] == z && IsShare(of(z));

    private static bool IsNegation(Expr a, Expr b) => b.Op == Operators.Negate && b[0] == a;

    private static bool IsShare(Interval x) => x.Low >= 0 && x.High <= 1;
}
