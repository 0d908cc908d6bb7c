using System.Numerics;

namespace MinRnn.Inference.Sampling;

/// <summary>
/// A text that a model continues without end: <c>foreach</c> over it, and leave when there is enough. Allocates nothing once it is made. Not
/// for several threads at once.
/// </summary>
/// <typeparam name="T">The type of the model's numbers.</typeparam>
public sealed class TokenStream<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly TokenBatch<T> batch;

    internal TokenStream(TokenBatch<T> batch) => this.batch = batch;

    /// <summary>The last token.</summary>
    public int Current { get; private set; }

    /// <summary>The next token.</summary>
    public int Next() => Current = batch.Next()[0];

    /// <summary>Goes on to the next token, which there always is.</summary>
    public bool MoveNext()
    {
        Next();
        return true;
    }

    /// <summary>The stream itself, for <c>foreach</c>: it goes on where it stands.</summary>
    public TokenStream<T> GetEnumerator() => this;
}
