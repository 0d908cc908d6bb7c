using MinRnn.Generator.Recurrence;

namespace MinRnn.Generator.Differentiation;

/// <summary>
/// Whether spans of time may be summarised apart and composed: the step must be affine in its states, and the running product
/// of its coefficients must stay bounded, by proof or by the cell's leave.
/// </summary>
/// <param name="Affinity">The first condition.</param>
/// <param name="Unbounded">The coefficient for which no bound is proved, and what it can be; null where the bound holds.</param>
/// <param name="IsUnboundedAllowed">Whether the cell allows the scan without the bound.</param>
internal sealed record TimeParallelism(Affinity Affinity, (Expr Coefficient, Interval Range)? Unbounded, bool IsUnboundedAllowed)
{
    public bool Holds => Affinity.Holds && (Unbounded is null || IsUnboundedAllowed);

    public static TimeParallelism Prove(Cell cell)
    {
        var affinity = Affinity.Prove(cell);
        return new TimeParallelism(affinity, affinity.Holds ? Contraction.Obstacle(affinity.Coefficients) : null, cell.AllowUnboundedScan);
    }

    /// <summary>The outcome as a sentence, with the term that stands in the way if one does.</summary>
    public override string ToString()
    {
        if (Affinity.Obstacle is { } obstacle)
            return $"The step is not affine in its state, for {GraphPrinter.Brief(obstacle)} is not: time is not split.";
        if (Unbounded is not { } unbounded)
        {
            return Affinity.Offsets.Length == 1
                ? "The step is affine in its state, |coefficient| <= 1: time may be split."
                : "The step is affine in its states, |coefficients| <= 1 in some norm: time may be split.";
        }

        var coefficient = $"the coefficient {GraphPrinter.Brief(unbounded.Coefficient)} in {unbounded.Range}";
        return IsUnboundedAllowed
            ? $"The step is affine in its state, {coefficient}, which the cell allows: time may be split."
            : $"The step is affine in its state, but {coefficient} is not bounded by 1: time is not split.";
    }
}
