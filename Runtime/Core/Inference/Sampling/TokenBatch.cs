using System.Numerics;

namespace MinRnn.Inference.Sampling;

/// <summary>
/// Texts that a model continues together, a token of each at a time. Allocates nothing once it is made. Not for several threads at once.
/// </summary>
/// <typeparam name="T">The type of the model's numbers.</typeparam>
public sealed class TokenBatch<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly ModelInference<T> model;
    private readonly TokenSampler[] samplers;
    private readonly int[] tokens;
    private readonly T[] state;
    private readonly T[] logits;
    private bool isStarted;

    /// <param name="model">The model.</param>
    /// <param name="prompts">The texts.</param>
    /// <param name="sampling">How tokens are picked.</param>
    /// <param name="single">What the caller calls the only text; null where there is a list of them.</param>
    internal TokenBatch(ModelInference<T> model, IReadOnlyList<ReadOnlyMemory<int>> prompts, SamplingOptions sampling, string? single = null)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        this.model = model;
        for (var i = 0; i < prompts.Count; i++)
        {
            var name = single ?? $"{nameof(prompts)}[{i}]";
            if (prompts[i].IsEmpty)
                throw new ArgumentException($"{name} has no token, wanted at least one.", single ?? nameof(prompts));
            model.RequireTokens(prompts[i].Span, name, single ?? nameof(prompts));
        }

        var vocabulary = model.VocabularySize;
        samplers = [.. prompts.Select((_, i) => new TokenSampler(vocabulary, sampling with { Seed = unchecked(sampling.Seed + (ulong)i) }))];
        tokens = new int[prompts.Count];
        state = new T[prompts.Count * (long)model.StateWidth];
        logits = new T[prompts.Count * (long)vocabulary];
        for (var i = 0; i < prompts.Count; i++)
        {
            var (itsState, itsLogits) = (state.AsMemory(i * model.StateWidth, model.StateWidth), logits.AsMemory(i * vocabulary, vocabulary));
            model.Prefill(prompts[i].Span, itsState.Span, itsLogits.Span, 1, prompts[i].Length);
        }
    }

    /// <summary>Texts, B.</summary>
    public int Count => tokens.Length;

    /// <summary>The next token of each text, [B], until the next call.</summary>
    public ReadOnlySpan<int> Next()
    {
        if (isStarted)
            model.Step(tokens, state, logits);
        isStarted = true;
        for (var i = 0; i < tokens.Length; i++)
            tokens[i] = samplers[i].Next<T>(logits.AsSpan(i * model.VocabularySize, model.VocabularySize));
        return tokens;
    }
}
