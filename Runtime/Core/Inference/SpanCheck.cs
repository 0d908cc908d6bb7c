namespace MinRnn.Inference;

/// <summary>Checks of spans at public entries. Messages name the argument, how long it is, and what was wanted.</summary>
internal static class SpanCheck
{
    /// <summary>Requires as many elements as rows of a shape have.</summary>
    public static void Require<T>(ReadOnlySpan<T> span, string argument, string shape, Int128 wanted)
    {
        if (span.Length != wanted)
            throw new ArgumentException($"{argument} has {span.Length} elements, wanted {shape} = {wanted}.", argument);
    }

    /// <summary>How many rows a span has, each of so many elements.</summary>
    public static int Rows<T>(ReadOnlySpan<T> span, string argument, int width)
    {
        var (rows, rest) = int.DivRem(span.Length, width);
        return rest == 0 ? rows : throw new ArgumentException($"{argument} has {span.Length} elements, wanted a multiple of {width}.", argument);
    }

    /// <summary>Requires that what is written lies apart from what is read.</summary>
    public static void RequireApart<T>(ReadOnlySpan<T> written, string argument, ReadOnlySpan<T> read, string other)
    {
        if (written.Overlaps(read))
            throw new ArgumentException($"{argument} overlaps {other}.", argument);
    }
}
