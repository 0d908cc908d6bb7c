using System.Numerics;
using MinRnn.Inference.Matrices;
using MinRnn.Inference.Sampling;
using MinRnn.Kernels;
using MinRnn.Safetensors;

namespace MinRnn.Inference;

/// <summary>
/// The base of generated inference classes of sequence models: tokens to logits, by the same compiled recurrence as in training and
/// products of its own; no native library.
/// </summary>
/// <remarks>
/// An instance holds weights only, which never change: any number of threads may share it. The caller holds the states, a span of the batch
/// times <c>StateSize</c> elements, zeros at the start of every sequence. A sequence gives the same bits at every run, in any batch, cut
/// anywhere in time, and on any number of threads.
/// </remarks>
/// <typeparam name="T"><see cref="float"/>, or <see cref="double"/> for <see cref="Precision.Double"/>.</typeparam>
public abstract unsafe class ModelInference<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const string EmbeddingName = "embedding.weight";
    private const string NormName = "norm";

    private readonly int width;
    private readonly NativeBuffer<T> embedding;
    private readonly BlockInference<T>[] blocks;
    private readonly NormInference<T> norm;
    private readonly LinearMap<T> head;
    private readonly Pool<ModelWorkspace<T>> workspaces;

    /// <summary>Loads the weights. The file decides the size of the vocabulary; the declaration decides all else.</summary>
    /// <param name="model">What the declaration says, and the kernels.</param>
    /// <param name="file">The file.</param>
    /// <param name="options">How it is read; null for the defaults.</param>
    /// <exception cref="SafetensorsException">The file belongs to another architecture, or lacks a parameter of the right shape.</exception>
    /// <exception cref="NotSupportedException">Weights of double precision are to be rounded to 8 bits.</exception>
    protected ModelInference(SequenceDescription model, SafetensorsFile file, InferenceOptions? options)
    {
        options ??= new InferenceOptions();
        if (options.Map is null)
        {
            var stored = file.Find(EmbeddingName) is { Shape: [<= int.MaxValue and var tokens, _] } ? (int)tokens : model.VocabularySize;
            Specification.Of(model, stored, model.Layers).Require(file);
        }

        width = model.Width;
        var source = new ParameterSource<T>(file, model.Name, Wanted(model), options);
        embedding = source.Read(EmbeddingName);
        VocabularySize = checked((int)source.Shape(EmbeddingName)[0]);
        if (VocabularySize == 0)
            throw new SafetensorsException($"{file.Name}: the embedding of {model.Name} has no tokens.");
        if (source.Shape("head.weight")[0] != VocabularySize || source.Shape("head.bias") is [>= 0 and var biases] && biases != VocabularySize)
        {
            throw new SafetensorsException(
                $"{file.Name}: the embedding of {model.Name} has {VocabularySize} tokens, its head {source.Shape("head.weight")[0]}.");
        }

        blocks = [.. Enumerable.Range(0, model.Layers).Select(block => new BlockInference<T>(model, source, block))];
        norm = new NormInference<T>(model, source, NormName);
        head = source.Map("head.weight", "head.bias");
        QuantizationLosses = source.Losses;
        Metadata = file.Metadata;
        StateWidth = blocks.Sum(block => block.StateSize);
        workspaces = new Pool<ModelWorkspace<T>>(() => new ModelWorkspace<T>(model, blocks[0].Widest));
    }

    /// <summary>Tokens of the vocabulary, V.</summary>
    public int VocabularySize { get; }

    /// <summary>What rounding to 8 bits did to each matrix; empty unless it was asked for.</summary>
    public IReadOnlyList<QuantizationLoss> QuantizationLosses { get; }

    /// <summary>The strings that the file carries beside the weights.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Elements of a sequence's state.</summary>
    internal int StateWidth { get; }

    /// <summary>Logits of the next token at every place of a batch of sequences of the same length.</summary>
    /// <param name="tokens">[B, T], from 0 and below V.</param>
    /// <param name="state">The states before the first token, zeros at first; replaced by those after the last one.</param>
    /// <param name="logits">[B, T, V]; written.</param>
    /// <param name="batch">Sequences, B; may be 0.</param>
    /// <param name="time">Tokens of each, T; may be 0.</param>
    /// <exception cref="ArgumentException">A span has not as many elements as its shape, or a token is out of range; nothing is changed.</exception>
    public void Forward(ReadOnlySpan<int> tokens, Span<T> state, Span<T> logits, int batch, int time)
    {
        Check(tokens, state, batch, time);
        SpanCheck.Require<T>(logits, nameof(logits), "[B, T, V]", (Int128)batch * time * VocabularySize);
        Run(tokens, state, logits, batch, time, lastOnly: false);
    }

    /// <summary>Reads a batch of sequences of the same length, and gives the logits after the last token of each.</summary>
    /// <param name="tokens">[B, T].</param>
    /// <param name="state">As for <see cref="Forward"/>.</param>
    /// <param name="logits">[B, V]; written.</param>
    /// <param name="batch">Sequences, B; may be 0.</param>
    /// <param name="time">Tokens of each, T; at least 1.</param>
    /// <exception cref="ArgumentException">A span has not as many elements as its shape, or a token is out of range; nothing is changed.</exception>
    public void Prefill(ReadOnlySpan<int> tokens, Span<T> state, Span<T> logits, int batch, int time)
    {
        ArgumentOutOfRangeException.ThrowIfZero(time);
        Check(tokens, state, batch, time);
        SpanCheck.Require<T>(logits, nameof(logits), "[B, V]", (long)batch * VocabularySize);
        Run(tokens, state, logits, batch, time, lastOnly: true);
    }

    /// <summary>
    /// Logits after one more token of each sequence of a batch, which is as large as there are tokens. Nothing is allocated, but that .NET's
    /// thread pool may grow where there is work enough for several threads.
    /// </summary>
    /// <param name="tokens">[B].</param>
    /// <param name="state">As for <see cref="Forward"/>.</param>
    /// <param name="logits">[B, V]; written.</param>
    /// <exception cref="ArgumentException">A span has not as many elements as its shape, or a token is out of range; nothing is changed.</exception>
    public void Step(ReadOnlySpan<int> tokens, Span<T> state, Span<T> logits) => Forward(tokens, state, logits, tokens.Length, 1);

    /// <summary>Continues a text, token by token, for as long as the caller asks.</summary>
    /// <param name="prompt">The text, at least one token.</param>
    /// <param name="sampling">How tokens are picked; null for the defaults.</param>
    /// <exception cref="ArgumentException">The prompt is empty, or a token or an option is out of range.</exception>
    public TokenStream<T> Generate(ReadOnlySpan<int> prompt, SamplingOptions? sampling = null) =>
        new(new TokenBatch<T>(this, [prompt.ToArray()], sampling ?? new SamplingOptions(), nameof(prompt)));

    /// <summary>Continues several texts at once, a token of each at a time; each as it would be continued alone.</summary>
    /// <param name="prompts">The texts, of any lengths from one token.</param>
    /// <param name="sampling">How tokens are picked; the seed of each text is one above that of the text before.</param>
    /// <exception cref="ArgumentException">A prompt is empty, or a token or an option is out of range.</exception>
    public TokenBatch<T> GenerateBatch(IReadOnlyList<ReadOnlyMemory<int>> prompts, SamplingOptions? sampling = null) =>
        new(this, prompts, sampling ?? new SamplingOptions());

    private static List<WantedParameter> Wanted(SequenceDescription model) =>
    [
        new(EmbeddingName, -1, model.Width),
        .. Enumerable.Range(0, model.Layers).SelectMany(block => BlockInference<T>.Wanted(model, block)),
        .. WantedParameters.OfNorm(model, NormName), new("head.weight", -1, model.Width), new("head.bias", -1),
    ];

    private void Check(ReadOnlySpan<int> tokens, Span<T> state, int batch, int time)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(batch);
        ArgumentOutOfRangeException.ThrowIfNegative(time);
        SpanCheck.Require(tokens, nameof(tokens), "[B, T]", (long)batch * time);
        SpanCheck.Require<T>(state, nameof(state), "[B, StateSize]", (long)batch * StateWidth);
        RequireTokens(tokens, nameof(tokens), nameof(tokens));
    }

    /// <summary>Requires every token to be one of the vocabulary's.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="name">What a message calls them.</param>
    /// <param name="parameter">The parameter that they came by.</param>
    internal void RequireTokens(ReadOnlySpan<int> tokens, string name, string parameter)
    {
        var outside = tokens.IndexOfAnyExceptInRange(0, VocabularySize - 1);
        if (outside >= 0)
            throw new ArgumentException($"{name}[{outside}] is {tokens[outside]}, wanted 0 to {VocabularySize - 1}.", parameter);
    }

    private void Run(ReadOnlySpan<int> tokens, Span<T> state, Span<T> logits, int batch, int time, bool lastOnly)
    {
        if (tokens.Length == 0)
            return;
        SpanCheck.RequireApart<T>(logits, nameof(logits), state, nameof(state));
        var workspace = workspaces.Borrow();
        fixed (T* states = state, results = logits)
        {
            var tiles = new Tiles(batch, time);
            for (var tile = 0L; tile < tiles.Count; tile++)
            {
                var (row, rows, step, steps) = tiles.At(tile);
                var place = ((nint)row * time) + step;
                Embed(workspace, tokens.Slice((int)place, rows * steps));
                var blockState = states + ((nint)row * StateWidth);
                foreach (var block in blocks)
                {
                    block.Run(workspace, blockState, StateWidth, rows, steps);
                    blockState += block.StateSize;
                }

                if (!lastOnly)
                    Finish(workspace, results + (place * VocabularySize), rows * steps, firstRow: 0, stride: 1);
                else if (step + steps == time)
                    Finish(workspace, results + ((nint)row * VocabularySize), rows, firstRow: steps - 1, stride: steps);
            }
        }

        workspaces.Return(workspace);
        GC.KeepAlive(this);
    }

    private void Embed(ModelWorkspace<T> workspace, ReadOnlySpan<int> tokens)
    {
        for (var i = 0; i < tokens.Length; i++)
        {
            new ReadOnlySpan<T>(embedding.Start + ((nint)tokens[i] * width), width)
                .CopyTo(new Span<T>(workspace.Features + ((nint)i * width), width));
        }
    }

    /// <summary>Norm and head of some rows of a tile.</summary>
    private void Finish(ModelWorkspace<T> workspace, T* logits, int count, int firstRow, int stride)
    {
        for (var i = 0; i < count; i++)
        {
            var features = workspace.Features + ((((nint)i * stride) + firstRow) * width);
            norm.Run(features, workspace.Inner + ((nint)i * width), 1);
        }

        workspace.Multiplication.Run(head, workspace.Inner, logits, count);
    }
}
