using System.Numerics;

namespace MinRnn.Inference.Sampling;

/// <summary>Picks tokens from logits, one sequence's after the other's; allocates nothing once it is made. Not for several threads at once.</summary>
public sealed class TokenSampler
{
    private readonly SamplingOptions options;
    private readonly double[] weights;
    private readonly int[] heap;
    private ulong random;

    /// <summary>Creates a sampler.</summary>
    /// <param name="vocabularySize">Tokens, V.</param>
    /// <param name="options">How tokens are picked.</param>
    /// <exception cref="ArgumentOutOfRangeException">The vocabulary is empty, or an option is out of range.</exception>
    public TokenSampler(int vocabularySize, SamplingOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(vocabularySize);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        this.options = options;
        weights = new double[vocabularySize];
        heap = new int[vocabularySize];
        random = options.Seed;
    }

    /// <summary>Picks a token. A logit that is NaN counts as a token that cannot come.</summary>
    /// <param name="logits">[V].</param>
    /// <exception cref="ArgumentException">There are not V logits, or none is above negative infinity.</exception>
    public int Next<T>(ReadOnlySpan<T> logits)
        where T : IFloatingPointIeee754<T>
    {
        SpanCheck.Require(logits, nameof(logits), "[V]", weights.Length);
        var best = 0;
        for (var token = 0; token < logits.Length; token++)
        {
            weights[token] = T.IsNaN(logits[token]) ? double.NegativeInfinity : double.CreateTruncating(logits[token]);
            if (weights[token] > weights[best])
                best = token;
        }

        var highest = weights[best];
        if (double.IsNegativeInfinity(highest))
            throw new ArgumentException("No logit is above negative infinity.", nameof(logits));
        if (options.Temperature == 0 || double.IsPositiveInfinity(highest))
            return best;

        var total = 0.0;
        foreach (ref var weight in weights.AsSpan())
        {
            weight = Math.Exp((weight - highest) / options.Temperature);
            total += weight;
        }

        return options.TopP < 1 || (options.TopK > 0 && options.TopK < weights.Length) ? PickLikely(total) : PickAny(total, best);
    }

    private int PickAny(double total, int best)
    {
        var left = NextDouble() * total;
        for (var token = 0; token < weights.Length; token++)
        {
            left -= weights[token];
            if (left < 0)
                return token;
        }

        return best;
    }

    /// <summary>Takes the likeliest tokens off a heap until they are enough; then picks among them.</summary>
    private int PickLikely(double total)
    {
        var size = heap.Length;
        for (var i = 0; i < size; i++)
            heap[i] = i;
        for (var i = (size / 2) - 1; i >= 0; i--)
            Sink(i, size);

        // What is taken lies behind the heap, the likeliest last.
        var taken = 0;
        var limit = options.TopK > 0 ? int.Min(options.TopK, size) : size;
        var (sum, wanted) = (0.0, options.TopK > 0 ? double.PositiveInfinity : options.TopP * total);
        while (taken < limit && sum < wanted)
            sum += Take(size - ++taken);
        if (options.TopK > 0 && options.TopP < 1)
            (taken, sum) = Cut(taken, options.TopP * sum);

        var left = NextDouble() * sum;
        for (var place = 1; place <= taken; place++)
        {
            left -= weights[heap[size - place]];
            if (left < 0)
                return heap[size - place];
        }

        return heap[size - 1];
    }

    private (int Taken, double Sum) Cut(int taken, double wanted)
    {
        var sum = 0.0;
        for (var place = 1; place <= taken; place++)
        {
            sum += weights[heap[^place]];
            if (sum >= wanted)
                return (place, sum);
        }

        return (taken, sum);
    }

    /// <summary>Moves the likeliest token of a heap to its end.</summary>
    private double Take(int last)
    {
        (heap[0], heap[last]) = (heap[last], heap[0]);
        Sink(0, last);
        return weights[heap[last]];
    }

    private void Sink(int place, int size)
    {
        while (true)
        {
            var child = (2 * place) + 1;
            if (child >= size)
                return;
            if (child + 1 < size && IsBefore(heap[child + 1], heap[child]))
                child++;
            if (!IsBefore(heap[child], heap[place]))
                return;
            (heap[place], heap[child]) = (heap[child], heap[place]);
            place = child;
        }
    }

    /// <summary>Whether a token is likelier, or as likely and lower.</summary>
    private bool IsBefore(int token, int other) => weights[token] > weights[other] || (weights[token] == weights[other] && token < other);

    /// <summary>SplitMix64 (Steele, Lea and Flood, 2014): the same numbers on every platform and in every version.</summary>
    private double NextDouble()
    {
        random = unchecked(random + 0x9E3779B97F4A7C15);
        var bits = unchecked((random ^ (random >> 30)) * 0xBF58476D1CE4E5B9);
        bits = unchecked((bits ^ (bits >> 27)) * 0x94D049BB133111EB);
        return ((bits ^ (bits >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}
