namespace MinRnn.Inference.Sampling;

/// <summary>How the next token is picked from logits.</summary>
public sealed record SamplingOptions
{
    /// <summary>Divides the logits: below 1 the likely gets likelier; 0 always takes the likeliest.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Only so many of the likeliest tokens are picked from; 0 for all.</summary>
    public int TopK { get; init; }

    /// <summary>Only as many of the likeliest tokens are picked from as together have this probability, at least one; 1 for all.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Decides every pick: the same seed and logits give the same tokens.</summary>
    public ulong Seed { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    internal void Check()
    {
        if (!(Temperature >= 0 && double.IsFinite(Temperature)))
            throw new ArgumentOutOfRangeException(nameof(Temperature), Temperature, "A temperature is a finite number from 0.");
        if (TopK < 0)
            throw new ArgumentOutOfRangeException(nameof(TopK), TopK, "TopK is a number of tokens, or 0 for all.");
        if (!(TopP > 0 && TopP <= 1))
            throw new ArgumentOutOfRangeException(nameof(TopP), TopP, "TopP is a probability above 0 and up to 1.");
    }
}
